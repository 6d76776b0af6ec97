import Foundation

/// Undamaged files, made once: corpora, a configuration, a run that can go on, and models.
struct Playground {
    let folder: String
    let program: String

    /// A configuration that learns a few lines in a fraction of a second.
    static let configuration = """
        seed: 1
        threads: 1
        run: run
        data:
          maximum_length: 60
          train: {source: train.zh, target: train.en}
          validation: {source: held.zh, target: held.en}
        tokenizer:
          source: {kind: character, language: zh}
          target: {kind: word, language: en}
        model:
          encoder: {embedding: 8, hidden: 8, layers: 1}
          decoder: {embedding: 8, hidden: 8, layers: 1}
          dropout: 0.1
        training:
          batch: {unit: sentences, size: 16}
          maximum_steps: 8
          save_every: 2
          validate_every: 2
          averaging: {ema: 0.9, best: 2, keep_last: 1}
          schedule: {type: plateau, metric: perplexity}
          tensorboard: {enabled: false}
        validation: {metrics: [bleu], pairs: 4, samples: 1}
        decoding: {beam_size: 1, maximum_length_ratio: 1.0, maximum_length_offset: 2}
        """

    init(program: String, folder: String) throws {
        self.program = program
        self.folder = folder
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try writeCorpora()
        try write("config.yaml", Playground.configuration)
        try run(["train", "config.yaml", "--for", "4steps"])
        try run(["train", "config.yaml", "--output", "whole"])
        try run([
            "train", "config.yaml", "--output", "pieces", "--set",
            "tokenizer.source={kind: sentencepiece, vocabulary_size: 24, language: zh}", "--set",
            "tokenizer.target={kind: sentencepiece, vocabulary_size: 28, language: en}",
        ])
    }

    /// A copy of all files for one input.
    func copy(to place: String) throws {
        try FileManager.default.copyItem(atPath: folder, toPath: place)
    }

    func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(name)"))
    }

    private func run(_ arguments: [String]) throws {
        let ending = try Child.run(program, arguments, input: [], in: folder)
        guard ending.code == 0 else {
            throw FuzzError("preparing: \(arguments) ended badly: \(ending.messages)")
        }
    }

    private func writeCorpora() throws {
        let nouns = [("猫", "cat"), ("狗", "dog"), ("书", "book"), ("水", "water"), ("茶", "tea")]
        let verbs = [("看", "see"), ("买", "buy"), ("要", "want"), ("有", "have")]
        let subjects = [("我", "I"), ("你", "you"), ("他们", "they")]
        var pairs: [(String, String)] = []
        for subject in subjects {
            for verb in verbs {
                for noun in nouns {
                    pairs.append(
                        (
                            "\(subject.0)\(verb.0)\(noun.0)。",
                            "\(subject.1) \(verb.1) the \(noun.1)."
                        ))
                }
            }
        }
        let held = stride(from: 0, to: pairs.count, by: 7).map { pairs[$0] }
        let learnt = pairs.indices.filter { $0 % 7 != 0 }.map { pairs[$0] }
        for (name, pairs) in [("train", learnt), ("held", held)] {
            try write("\(name).zh", pairs.map { $0.0 + "\n" }.joined())
            try write("\(name).en", pairs.map { $0.1 + "\n" }.joined())
        }
        try write("train.align", learnt.map { _ in "0-0 1-1 2-2\n" }.joined())
        try write("weights", learnt.map { _ in "1.0\n" }.joined())
        try write("lexicon.tsv", nouns.map { "\($0.0)\t\($0.1)\n" }.joined())
    }
}

/// A failure of the fuzzing itself.
struct FuzzError: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}
