package import SeqData
import SeqFiles
public import SeqText

/// What comes out of a model: as many tokens as it decides, a label for each input step, or one for all.
///
/// A kind has the options of its own and no others; in files `type` says which it is.
public enum OutputPart: Sendable, Hashable {
    /// Text, token by token from a decoder; its tokenizer is that of the target side.
    case text
    /// One label for each step of the input.
    case labels(StepLabelsConfiguration)
    /// One label for the whole input.
    case label(SingleLabelConfiguration)

    /// The kinds, by their names in files.
    public enum Kind: String, Codable, Sendable, CaseIterable {
        case text, labels, label
    }

    /// Which kind it is.
    public var kind: Kind {
        switch self {
        case .text: .text
        case .labels: .labels
        case .label: .label
        }
    }

    /// What the output is called in files of a model, in reports and in predictions.
    public var name: String {
        switch self {
        case .text: "target"
        case .labels(let output): output.name
        case .label(let output): output.name
        }
    }

    /// What has labels in an output of labels.
    public var extent: LabelCodec.Extent { kind == .label ? .all : .steps }

    /// What its loss counts beside that of other outputs.
    public var lossWeight: Float {
        switch self {
        case .text: 1
        case .labels(let output): output.lossWeight
        case .label(let output): output.lossWeight
        }
    }

    /// The output of a kind with its defaults.
    public init(_ kind: Kind) {
        switch kind {
        case .text: self = .text
        case .labels: self = .labels(StepLabelsConfiguration())
        case .label: self = .label(SingleLabelConfiguration())
        }
    }
}

/// One label for each step of the input.
public struct StepLabelsConfiguration: Codable, Sendable, Hashable {
    /// What the output is called.
    public var name = "labels"
    /// How the labels of a sequence belong together.
    public var head = Head.softmax
    /// How labels mark spans, which decides which label may follow which in what a `crf` predicts.
    public var scheme = LabelCodec.Scheme.none
    /// What the loss counts beside that of other outputs.
    public var lossWeight: Float = 1

    /// The distributions over the labels of a sequence.
    public enum Head: String, Codable, Sendable, CaseIterable {
        /// Each label by itself.
        case softmax
        /// A linear-chain conditional random field (Lafferty, McCallum and Pereira 2001).
        case crf
    }

    /// Creates the default configuration.
    public init() {}

    private enum CodingKeys: String, CodingKey {
        case name, head, scheme
        case lossWeight = "loss_weight"
    }
}

/// One label for the whole input.
public struct SingleLabelConfiguration: Codable, Sendable, Hashable {
    /// What the output is called.
    public var name = "label"
    /// How the steps of the encoder become one vector.
    public var pooling = Pooling.mean
    /// What the loss counts beside that of other outputs.
    public var lossWeight: Float = 1

    /// How the steps of the encoder become one vector.
    public enum Pooling: String, Codable, Sendable, CaseIterable {
        /// The final state of a recurrent encoder, the last step of others.
        case last
        /// The mean of the steps.
        case mean
        /// The largest value of each feature (Collobert and others 2011).
        case max
        /// A weighted mean whose weights are learnt: softmax(v·tanh(W·h + b)) (Lin and others 2017).
        case attention
    }

    /// Creates the default configuration.
    public init() {}

    private enum CodingKeys: String, CodingKey {
        case name, pooling
        case lossWeight = "loss_weight"
    }
}

extension OutputPart {
    /// The column of an example that holds labels of the output.
    ///
    /// - Throws: a `Seq2SeqError` when the labels of steps are not as many as these.
    package func column(_ labels: [Int32], steps: Int) throws -> Column {
        guard kind != .labels || labels.count == steps else {
            throw Seq2SeqError(
                .badData,
                reason: "\(name) has \(labels.count) labels for an input of \(steps) steps",
                remedy: "give one label for each token, between spaces")
        }
        return .ids(labels[...])
    }

    /// How its labels mark spans.
    public var scheme: LabelCodec.Scheme {
        if case .labels(let output) = self { return output.scheme }
        return .none
    }
}

extension OutputPart: Codable {
    private enum CodingKeys: CodingKey { case type }

    /// Reads `type` first, and then the options of that kind.
    public init(from decoder: any Decoder) throws {
        switch try decoder.container(keyedBy: CodingKeys.self).decode(Kind.self, forKey: .type) {
        case .text: self = .text
        case .labels: self = .labels(try StepLabelsConfiguration(from: decoder))
        case .label: self = .label(try SingleLabelConfiguration(from: decoder))
        }
    }

    /// Writes `type` and the options of that kind.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(kind, forKey: .type)
        switch self {
        case .text: break
        case .labels(let output): try output.encode(to: encoder)
        case .label(let output): try output.encode(to: encoder)
        }
    }
}
