import SeqModels
import SeqNN

/// A change of the default configuration for each thing that validation refuses, and what it says.
enum ModelRefusals {
    typealias Refusal = (change: @Sendable (inout ModelConfiguration) -> Void, reason: String)

    private static let numbers: [Refusal] = [
        ({ $0.encoder.embedding = 0 }, "model.encoder.embedding is 0"),
        ({ $0.encoder.hidden = -3 }, "model.encoder.hidden is -3"),
        ({ $0.encoder.layers = 0 }, "model.encoder.layers is 0"),
        ({ $0.encoder.layers = 1025 }, "model.encoder.layers is 1025"),
        ({ $0.encoder.bidirectionalLayers = -1 }, "model.encoder.bidirectional_layers is -1"),
        ({ $0.encoder.bidirectionalLayers = 1025 }, "model.encoder.bidirectional_layers is 1025"),
        ({ $0.decoder.embedding = 65537 }, "model.decoder.embedding is 65537"),
        ({ $0.decoder.hidden = 0 }, "model.decoder.hidden is 0"),
        ({ $0.decoder.layers = .max }, "model.decoder.layers is \(Int.max)"),
        ({ $0.dropout = 1 }, "model.dropout is 1.0"),
        ({ $0.dropout = -0.1 }, "model.dropout is -0.1"),
        ({ $0.dropout = .nan }, "model.dropout is nan"),
        ({ $0.initialization.range = 0 }, "model.initialization.range is 0.0"),
        ({ $0.initialization.range = .infinity }, "model.initialization.range is inf"),
    ]

    private static let recurrent: [Refusal] = [
        (
            { $0.encoder.recurrent.stateDropout = 1 },
            "model.encoder.recurrent.state_dropout is 1.0"
        ),
        (
            { $0.decoder.recurrent.stateDropout = .nan },
            "model.decoder.recurrent.state_dropout is nan"
        ),
        ({ $0.encoder.recurrent.zoneout = -0.5 }, "model.encoder.recurrent.zoneout is -0.5"),
        ({ $0.decoder.recurrent.zoneout = 1 }, "model.decoder.recurrent.zoneout is 1.0"),
        (
            { $0.encoder.recurrent.transitionDepth = 0 },
            "model.encoder.recurrent.transition_depth is 0"
        ),
        (
            { $0.decoder.recurrent.transitionDepth = 65 },
            "model.decoder.recurrent.transition_depth is 65"
        ),
        (
            {
                $0.decoder.recurrent.cell = .sru
                $0.decoder.recurrent.transitionDepth = 2
            },
            "model.decoder.recurrent.transition_depth is 2, but steps of the cell sru do not see the hidden state"
        ),
        ({ $0.encoder.hidden = 513 }, "model.encoder.hidden is 513, odd, with two directions"),
        (
            {
                $0.encoder.type = .pyramidal
                $0.encoder.hidden = 513
            }, "model.encoder.hidden is 513, odd, with two directions"
        ),
    ]

    private static let layers: [Refusal] = [
        (
            { transformers(&$0) { $0.heads = 0 } },
            "model.encoder.transformer.heads is 0, but the width is 512"
        ),
        (
            { transformers(&$0) { $0.heads = 7 } },
            "model.encoder.transformer.heads is 7, but the width is 512"
        ),
        (
            {
                transformers(&$0) { $0.heads = 4 }
                $0.decoder.hidden = 6
            }, "model.decoder.transformer.heads is 4, but the width is 6"
        ),
        (
            {
                transformers(&$0) {
                    $0.heads = 512
                    $0.positions = .rotary
                }
            },
            "model.encoder.transformer.positions is rotary, but a head has 1 features, an odd number"
        ),
        (
            { transformers(&$0) { $0.feedForward = 0 } },
            "model.encoder.transformer.feed_forward is 0"
        ),
        (
            { transformers(&$0) { $0.maximumLength = 0 } },
            "model.encoder.transformer.maximum_length is 0"
        ),
        (
            { transformers(&$0) { $0.attentionDropout = 1 } },
            "model.encoder.transformer.attention_dropout is 1.0"
        ),
        (
            {
                $0.decoder.type = .transformer
                $0.decoder.transformer.activationDropout = -1
            }, "model.decoder.transformer.activation_dropout is -1.0"
        ),
        (
            {
                $0.encoder.type = .convolutional
                $0.bridge = .mean
                $0.encoder.convolution.kernel = 0
            }, "model.encoder.convolution.kernel is 0"
        ),
        (
            {
                $0.encoder.type = .convolutionalSequence
                $0.bridge = .mean
                $0.encoder.convolution.kernel = 256
            }, "model.encoder.convolution.kernel is 256"
        ),
        (
            {
                $0.decoder.type = .convolutionalSequence
                $0.decoder.convolution.maximumLength = -1
            }, "model.decoder.convolution.maximum_length is -1"
        ),
    ]

    /// Makes both sides Transformers with the same change.
    private static func transformers(
        _ configuration: inout ModelConfiguration,
        _ change: (inout TransformerConfiguration) -> Void
    ) {
        configuration.encoder.type = .transformer
        configuration.decoder.type = .transformer
        change(&configuration.encoder.transformer)
        change(&configuration.decoder.transformer)
    }

    private static let output: [Refusal] = [
        ({ $0.output.mixtures = 0 }, "model.output.mixtures is 0"),
        ({ $0.output.mixtures = 65 }, "model.output.mixtures is 65"),
        ({ $0.output.samples = 0 }, "model.output.samples is 0"),
        ({ $0.output.divisor = 0.5 }, "model.output.divisor is 0.5"),
        ({ $0.output.divisor = .nan }, "model.output.divisor is nan"),
        ({ $0.output.cutoffs = [] }, "model.output.cutoffs is []"),
        ({ $0.output.cutoffs = [0, 4] }, "model.output.cutoffs is [0, 4]"),
        ({ $0.output.cutoffs = [4, 4] }, "model.output.cutoffs is [4, 4]"),
        (
            {
                $0.output.type = .adaptive
                $0.output.tied = .target
            }, "model.output.type is adaptive, which has no weight to share, with tied: target"
        ),
        (
            {
                $0.output.tied = .all
                $0.encoder.embedding = 128
            },
            "model.output.tied is all, but source embeddings have width 128 and target embeddings 256"
        ),
        (
            {
                $0.output.type = .copy
                $0.attention.score = .none
            }, "model.output.type is copy, but the decoder has no attention to copy by"
        ),
        (
            {
                $0.output.type = .pointerGenerator
                $0.decoder.type = .cho
                $0.attention.score = .none
            }, "model.output.type is pointer_generator, but the decoder has no attention to copy by"
        ),
        (
            {
                $0.output.type = .pointerGenerator
                $0.encoder.type = .pyramidal
            },
            "model.output.type is pointer_generator, but a step of a pyramidal memory is no single token"
        ),
    ]

    private static let decoder: [Refusal] = [
        (
            {
                $0.encoder.type = .transformer
                $0.bridge = .tanhDense
            }, "model.bridge is tanh_dense, but an encoder of type transformer has no final state"
        ),
        (
            { $0.encoder.type = .bag },
            "model.bridge is copy, but an encoder of type bag has no final state"
        ),
        (
            { $0.encoder.layers = 3 },
            "model.bridge is copy, but the encoder has 3 layers of 512 and the decoder 2 of 512"
        ),
        (
            { $0.decoder.hidden = 256 },
            "model.bridge is copy, but the encoder has 2 layers of 512 and the decoder 2 of 256"
        ),
        (
            {
                $0.decoder.type = .bahdanau
                $0.attention.score = .none
            }, "model.decoder.type is bahdanau without attention"
        ),
        (
            {
                $0.decoder.type = .conditional
                $0.attention.score = .none
            }, "model.decoder.type is conditional without attention"
        ),
        (
            {
                $0.decoder.type = .gnmt
                $0.attention.score = .none
            }, "model.decoder.type is gnmt without attention"
        ),
        (
            { $0.decoder.type = .cho },
            "model.decoder.type is cho, which has no attention, with attention.score general"
        ),
        (
            {
                $0.decoder.type = .bahdanau
                $0.decoder.hasInputFeeding = true
            }, "model.decoder.input_feeding needs decoder.type: luong with attention"
        ),
        (
            {
                $0.attention.score = .none
                $0.decoder.hasInputFeeding = true
            }, "model.decoder.input_feeding needs decoder.type: luong with attention"
        ),
        (
            {
                $0.decoder.type = .gnmt
                $0.decoder.contextGate = .both
            },
            "model.decoder.context_gate weighs a context in the output vector, which decoder.type gnmt does not have"
        ),
        (
            {
                $0.attention.score = .none
                $0.decoder.contextGate = .source
            },
            "model.decoder.context_gate weighs a context in the output vector, which decoder.type luong without attention does not have"
        ),
        (
            {
                $0.decoder.type = .transformer
                $0.decoder.hasInputFeeding = true
            },
            "model.decoder.input_feeding and context_gate belong to recurrent decoders, not to transformer"
        ),
        (
            {
                $0.decoder.type = .convolutionalSequence
                $0.decoder.contextGate = .target
            },
            "model.decoder.input_feeding and context_gate belong to recurrent decoders, not to convs2s"
        ),
    ]

    private static let attention: [Refusal] = [
        ({ $0.attention.heads = 0 }, "model.attention.heads is 0"),
        ({ $0.attention.heads = 1025 }, "model.attention.heads is 1025"),
        (
            {
                $0.attention.score = .dot
                $0.bridge = .dense
                $0.decoder.hidden = 256
            }, "model.attention.score is dot, but the encoder has width 512 and the decoder 256"
        ),
        (
            {
                $0.attention.score = .scaledDot
                $0.encoder.type = .convolutionalSequence
                $0.bridge = .zero
            },
            "model.attention.score is scaled_dot, but the encoder has width 256 and the decoder 512"
        ),
        (
            {
                $0.attention.score = .location
                $0.attention.heads = 2
            }, "model.attention.score is location with 2 heads"
        ),
        (
            { $0.attention.heads = 3 },
            "model.attention.heads is 3, which does not divide the decoder's width 512 and the encoder's 512"
        ),
        (
            {
                $0.attention.normalization = .softMonotonic
                $0.attention.range = .localPredictive
            }, "model.attention.normalization is soft_monotonic with range local_p"
        ),
        (
            {
                $0.attention.normalization = .hardMonotonic
                $0.attention.heads = 2
            }, "model.attention.normalization is hard_monotonic with 2 heads"
        ),
        (
            {
                $0.attention.normalization = .hardMonotonic
                $0.attention.score = .fixed
            }, "model.attention.normalization is hard_monotonic with score fixed"
        ),
        (
            {
                $0.attention.coverage = .tu
                $0.attention.score = .fixed
            }, "model.attention.coverage is tu with score fixed"
        ),
        ({ $0.attention.window = 0 }, "model.attention.window is 0"),
        ({ $0.attention.maximumSource = 65537 }, "model.attention.maximum_source is 65537"),
        ({ $0.attention.coverageLoss = -1 }, "model.attention.coverage_loss is -1.0"),
        ({ $0.attention.coverageLoss = .infinity }, "model.attention.coverage_loss is inf"),
    ]

    static let all = numbers + recurrent + layers + output + decoder + attention
}
