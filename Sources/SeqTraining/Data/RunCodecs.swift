import SeqModels
import SeqText

/// The codecs of a run, one for each field.
struct RunCodecs: Sendable {
    /// The input.
    var source: TextCodec
    /// The output of text, if there is one.
    var text: TextCodec?
    /// The outputs of labels, in order.
    var labels: [LabelCodec] = []

    /// The codec of an output that is text.
    var target: TextCodec {
        guard let text else { preconditionFailure("RunCodecs: no output is text") }
        return text
    }

    /// A name for all of them.
    var fingerprint: String {
        ([source.fingerprint] + [text?.fingerprint].compactMap { $0 } + labels.map(\.fingerprint))
            .joined(separator: " ")
    }

    /// The number of different tokens or labels of the outputs.
    var outputCount: Int { text?.count ?? labels.reduce(0) { $0 + $1.count } }
}

extension ModelFolder {
    /// The codecs of the model.
    var codecs: RunCodecs {
        RunCodecs(source: source, text: model.configuration.hasText ? target : nil, labels: labels)
    }

    /// Puts a model together with the codecs of a run.
    init(model: TranslationModel, codecs: RunCodecs) {
        self.init(
            model: model, source: codecs.source, target: codecs.text, labels: codecs.labels)
    }
}
