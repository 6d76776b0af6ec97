import SeqFiles
import SeqData
import SeqDecoding
import SeqModels
import SeqNN
import SeqTraining
import TestSupport
import Testing

extension TrainingRuns {
    /// Known alignments draw attention to where they point (Chen and others 2016).
    @Suite struct GuidedAlignmentTests {
        private let folder: TemporaryFolder

        init() throws { folder = try TemporaryFolder() }

        enum Architecture: String, CaseIterable, Sendable {
            case luong, bahdanauReversed, transformer, convolutional

            func apply(_ model: inout ModelConfiguration) {
                switch self {
                case .luong: break
                case .bahdanauReversed:
                    model.decoder.type = .bahdanau
                    model.attention.score = .concat
                    model.encoder.reversesSource = true
                    model.encoder.hasEndToken = true
                case .transformer:
                    model.encoder.type = .transformer
                    model.decoder.type = .transformer
                    model.encoder.transformer.heads = 2
                    model.encoder.transformer.feedForward = 64
                    model.decoder.transformer = model.encoder.transformer
                case .convolutional:
                    model.encoder.type = .convolutionalSequence
                    model.decoder.type = .convolutionalSequence
                }
            }
        }

        /// The mean weight of the link of each token of the held-out outputs, whose token i is that
        /// at the place i from the end of the source.
        private func share(_ architecture: Architecture, weight: Float) throws -> Double {
            var configuration = try folder.configuration(.reverse, train: 1000, validation: 50)
            configuration.output += ".\(weight)"
            architecture.apply(&configuration.model)
            configuration.training.epochs = 10
            configuration.training.guidedAlignment = weight
            // A start from which no architecture finds the links by itself.
            configuration.seed = 2
            let targets = try TextLineReader.lines(path: configuration.data.train.target)
            configuration.data.alignment = try folder.write(
                "links",
                targets.map { target in
                    let count = target.split(separator: " ").count
                    return (0..<count).map { "\($0)-\(count - 1 - $0)" }.joined(separator: " ")
                })
            try Trainer(configuration).run()
            var translator = try Translator(contentsOf: "\(configuration.output)/best")
            translator.keepsAlignments = true
            translator.options.beamSize = 1
            let sources = try TextLineReader.lines(path: configuration.data.validation.source)
            var weights: [Double] = []
            for (source, found) in zip(sources, try translator.translate(sources)) {
                let count = source.split(separator: " ").count
                for (step, row) in found[0].alignment.enumerated() where step < count {
                    #expect(row.count == count)
                    weights.append(Double(row[count - 1 - step]))
                }
            }
            #expect(weights.count > 150)
            return weights.reduce(0, +) / Double(weights.count)
        }

        @Test(arguments: Architecture.allCases)
        func `attention follows the links`(_ architecture: Architecture) throws {
            let (free, guided) = (
                try share(architecture, weight: 0), try share(architecture, weight: 1)
            )
            #expect(guided > 0.85)
            #expect(1 - guided < (1 - free) / 2, "\(guided), and \(free) without")
        }

        @Test func `links that do not fit the corpus are refused`() throws {
            var configuration = try folder.configuration(validation: 0)
            configuration.training.guidedAlignment = 1
            for (text, reason) in [
                (["0-0"], "has 1 lines, but the corpus has a pair in line 2"),
                (["0-0", "0-9"], "the link 0-9 is outside the pair of"),
                (["0-0", "nonsense"], "nonsense is no link"),
            ] {
                configuration.data.alignment = try folder.write("links", text)
                let error = #expect(throws: Seq2SeqError.self) { try Trainer(configuration) }
                #expect(error?.reason.hasPrefix(reason) == true)
                #expect(error?.path == configuration.data.alignment)
            }
        }
    }
}
