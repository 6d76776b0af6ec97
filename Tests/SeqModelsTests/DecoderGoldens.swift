import SeqNN
import SeqTensor
import TestSupport
import Testing

@testable import SeqModels

/// The decoders against values and gradients of PyTorch.
struct DecoderGoldens {
    /// A golden, the decoder built from its parameters, and how names and parts correspond.
    private struct Case {
        /// One of our parameters: its name and value, and the golden's tensor with the rows that it is.
        struct Entry {
            var name: String
            var theirs: String
            var rows: Range<Int>?
            var isTransposed = false

            func tensor(_ golden: Golden, _ kind: String) throws -> Tensor {
                let whole = try golden("\(kind).\(theirs)")
                let part = rows.map { whole.rows($0) } ?? whole
                return isTransposed ? part.transposed() : part
            }
        }

        var golden: Golden
        var entries: [Entry]
        var parameters: [Parameter]
        var decoder: any SequenceDecoder
        var layers: Int
    }

    private static func lstm(_ layer: Int, prefix: String) -> [Case.Entry] {
        ["input_weight", "recurrent_weight", "bias"].map {
            Case.Entry(
                name: "layers.\(layer).forward.\($0)",
                theirs: prefix + ($0 == "recurrent_weight" ? "hidden_weight" : $0))
        }
    }

    private static func load(_ name: String) throws -> Case {
        let golden = try Golden(name)
        var configuration = ModelConfiguration()
        configuration.bridge = .zero
        configuration.encoder.hidden = 23
        configuration.decoder.hidden = 19
        configuration.decoder.embedding = 11
        let isBahdanau = name.hasPrefix("bahdanau")
        configuration.decoder.layers = isBahdanau ? 1 : 2
        configuration.decoder.hasInputFeeding = name.hasSuffix("feeding")
        configuration.attention.score = isBahdanau ? .concat : .general
        let entries: [Case.Entry]
        if isBahdanau {
            entries =
                lstm(0, prefix: "") + [
                    .init(name: "attention.key_weight", theirs: "attention.memory_weight"),
                    .init(name: "attention.query_weight", theirs: "attention.query_weight"),
                    .init(name: "attention.v", theirs: "attention.score_weight"),
                    .init(name: "context_input_weight", theirs: "context_weight"),
                    .init(name: "attentional.state_weight", theirs: "output_weight", rows: 0..<19),
                    .init(
                        name: "attentional.context_weight", theirs: "output_weight", rows: 19..<42),
                    .init(
                        name: "attentional.embedding_weight", theirs: "output_weight", rows: 42..<53
                    ),
                ]
        } else {
            // The golden's general score is queryᵀ·W·memory; ours holds Wᵀ.
            entries =
                lstm(0, prefix: "layers.0.") + lstm(1, prefix: "layers.1.") + [
                    .init(
                        name: "attention.key_weight", theirs: "attention.weight", isTransposed: true
                    ),
                    .init(
                        name: "attentional.context_weight", theirs: "combine_weight", rows: 0..<23),
                    .init(
                        name: "attentional.state_weight", theirs: "combine_weight", rows: 23..<42),
                ]
                + (configuration.decoder.hasInputFeeding
                    ? [.init(name: "feed_weight", theirs: "layers.0.feed_weight")] : [])
        }
        let scope = ParameterScope(
            checkpoint: try checkpoint(
                try entries.map { ($0.name, try $0.tensor(golden, "parameter")) }))
        let decoder: any SequenceDecoder =
            isBahdanau
            ? try BahdanauDecoder(configuration, memory: 23, in: scope)
            : try LuongDecoder(configuration, memory: 23, in: scope)
        try scope.checkEverythingWasUsed()
        return Case(
            golden: golden, entries: entries, parameters: scope.parameters, decoder: decoder,
            layers: configuration.decoder.layers)
    }

    static let names = ["luong_decoder", "luong_decoder_input_feeding", "bahdanau_decoder"]

    @Test(arguments: names) func wholeSequences(_ name: String) throws {
        let found = try Self.load(name)
        let (golden, decoder) = (found.golden, found.decoder)
        let source = EncodedSource(
            memory: Sequences(
                try golden("input.memory"), layout: try golden.layout("input.source_lengths")),
            final: [])
        let embedded = Sequences(
            try golden("input.embedded"), layout: try golden.layout("input.target_lengths"))
        var inputs = [("embedded", embedded.steps), ("memory", source.memory.steps)]
        var states: [RecurrentState] = []
        for layer in 0..<found.layers {
            let state = RecurrentState([
                try golden("input.layers.\(layer).initial_hidden"),
                try golden("input.layers.\(layer).initial_cell"),
            ])
            states.append(state)
            inputs.append(("layers.\(layer).initial_hidden", state.hidden))
            inputs.append(("layers.\(layer).initial_cell", state.tensors[1]))
        }
        var none = Dropout.none
        var initial = decoder.initialState(source, dropout: &none)
        initial.layers.layers = states
        var vectors = Tensor(0)
        let (_, gradients) = try valueAndGradient(
            of: inputs.map(\.1) + found.parameters.map(\.value)
        ) {
            var dropout = Dropout.none
            vectors =
                decoder.run(
                    embedded, state: initial, memory: decoder.memory(source), dropout: &dropout
                ).vectors
            return (vectors * (try golden.weighting("vectors"))).sum()
        }
        #expect(distance(vectors, try golden("output.vectors")) < 1e-6)
        for ((name, _), gradient) in zip(inputs, gradients) {
            #expect(distance(gradient, try golden("gradient.\(name)")) < 2e-6, "\(name)")
        }
        let parameterGradients = zip(found.parameters, gradients.dropFirst(inputs.count))
        for (parameter, gradient) in parameterGradients {
            let entry = try #require(found.entries.first { $0.name == parameter.name })
            let expected = try entry.tensor(golden, "gradient")
            #expect(distance(gradient, expected) < 2e-6, "\(parameter.name)")
        }
    }

    /// Sentence by sentence and step by step, as search runs a decoder.
    @Test(arguments: names) func steps(_ name: String) throws {
        let found = try Self.load(name)
        let (golden, decoder) = (found.golden, found.decoder)
        let memory = try golden("input.memory")
        let (sources, targets) = (
            try golden.layout("input.source_lengths"), try golden.layout("input.target_lengths")
        )
        let inputs = decoder.input(try golden("input.embedded"))
        var vectors: [Tensor] = []
        var weights: [Tensor] = []
        var finals: [[RecurrentState]] = []
        var dropout = Dropout.none
        for sentence in 0..<targets.batch {
            let rows = sources.rows(of: sentence)
            let source = EncodedSource(
                memory: Sequences(memory.rows(rows), layout: SequenceLayout(lengths: [rows.count])),
                final: [])
            let prepared = decoder.memory(source)
            let states = try (0..<found.layers).map { layer in
                RecurrentState(
                    try ["initial_hidden", "initial_cell"].map {
                        try golden("input.layers.\(layer).\($0)").rows(sentence..<sentence + 1)
                    })
            }
            var state = decoder.initialState(source, dropout: &dropout)
            state.layers.layers = states
            let layout = AttentionLayout(memory: source.memory.layout, sequenceOfQuery: [0])
            for row in targets.rows(of: sentence) {
                let output = decoder.step(
                    inputs.rows(row..<row + 1), state: &state, memory: prepared, layout: layout,
                    dropout: &dropout)
                vectors.append(output.vectors)
                weights.append(try #require(output.weights))
            }
            finals.append(state.layers.layers)
        }
        #expect(distance(.concatenatingRows(vectors), try golden("output.vectors")) < 1e-6)
        #expect(
            distance(.concatenatingRows(weights), try golden("output.attention_weights")) < 1e-6)
        for layer in 0..<found.layers {
            for (part, name) in ["hidden", "cell"].enumerated() {
                let state = Tensor.concatenatingRows(finals.map { $0[layer].tensors[part] })
                #expect(distance(state, try golden("output.layers.\(layer).final_\(name)")) < 1e-6)
            }
        }
    }
}
