import SeqFiles
import SeqNN

extension ModelConfiguration {
    /// Checks that the parts fit each other.
    public func validate() throws {
        try validateNumbers()
        try validateEncoder()
        try validateOutputs()
        if hasText { try validateDecoder() }
    }

    /// Whether an output is text, so that there is a decoder.
    public var hasText: Bool { outputs.contains { $0.kind == .text } }

    private func validateOutputs() throws {
        guard !outputs.isEmpty else {
            throw failure("outputs", "is an empty list", "write output: {type: text}")
        }
        guard !hasText || outputs.count == 1 else {
            throw failure(
                "outputs",
                "has text and \(outputs.count - 1) other, which one model does not give together",
                "leave the text out, or the others")
        }
        for (index, output) in outputs.enumerated() {
            let place = "outputs[\(index)]"
            let isGood =
                (1...64).contains(output.name.utf8.count)
                && output.name.utf8.allSatisfy {
                    $0 == 0x5F || (0x30...0x39).contains($0) || (0x61...0x7A).contains($0)
                }
            guard isGood else {
                throw failure(
                    "\(place).name", "is \(output.name)",
                    "choose up to 64 of the letters a to z, digits and _")
            }
            guard !outputs[..<index].contains(where: { $0.name == output.name }),
                output.name != "source"
            else {
                throw failure("\(place).name", "is \(output.name) again", "choose another name")
            }
            guard output.lossWeight >= 0, output.lossWeight.isFinite else {
                throw failure(
                    "\(place).loss_weight", "is \(output.lossWeight)",
                    "choose a number of at least 0")
            }
            if case .labels = output { try validateSteps(place) }
        }
    }

    /// Labels need one step of the encoder for each of the input, in its order.
    private func validateSteps(_ place: String) throws {
        let reason =
            encoder.type == .pyramidal && encoder.layers > 1
            ? "model.encoder.type: pyramidal joins steps"
            : encoder.hasEndToken
                ? "model.encoder.end_token adds one"
                : encoder.reversesSource ? "model.encoder.reverse_source reverses them" : nil
        guard let reason else { return }
        throw failure(
            "\(place).type", "is labels, one for each input step, but \(reason)",
            "choose another encoder.type, with end_token: false and reverse_source: false")
    }

    private func failure(_ option: String, _ problem: String, _ remedy: String) -> Seq2SeqError {
        Seq2SeqError(option: option, problem, remedy: remedy)
    }

    private func validateNumbers() throws {
        for (name, value, range) in [
            ("encoder.embedding", encoder.embedding, 1...65536),
            ("encoder.hidden", encoder.hidden, 1...65536),
            ("encoder.layers", encoder.layers, 1...1024),
            ("decoder.embedding", decoder.embedding, 1...65536),
            ("decoder.hidden", decoder.hidden, 1...65536),
            ("decoder.layers", decoder.layers, 1...1024),
            ("encoder.bidirectional_layers", encoder.bidirectionalLayers, 0...1024),
        ] where !range.contains(value) {
            throw failure(
                "model.\(name)", "is \(value)",
                "choose a number from \(range.lowerBound) to \(range.upperBound)")
        }
        guard (0..<1).contains(dropout) else {
            throw failure(
                "model.dropout", "is \(dropout)", "choose a number from 0 up to, not including, 1")
        }
        guard initialization.range > 0, initialization.range <= 1000 else {
            throw failure(
                "model.initialization.range", "is \(initialization.range)",
                "choose a positive number, such as 0.08; at most 1000")
        }
        for (name, recurrent) in [("encoder", encoder.recurrent), ("decoder", decoder.recurrent)] {
            for (option, value) in [
                ("state_dropout", recurrent.stateDropout), ("zoneout", recurrent.zoneout),
            ] where !(0..<1).contains(value) {
                throw failure(
                    "model.\(name).recurrent.\(option)", "is \(value)",
                    "choose a number from 0 up to, not including, 1")
            }
            guard (1...64).contains(recurrent.transitionDepth) else {
                throw failure(
                    "model.\(name).recurrent.transition_depth", "is \(recurrent.transitionDepth)",
                    "choose a number from 1 to 64")
            }
            guard recurrent.transitionDepth == 1 || recurrent.cell.seesHiddenState else {
                throw failure(
                    "model.\(name).recurrent.transition_depth",
                    "is \(recurrent.transitionDepth), but steps of the cell \(recurrent.cell.rawValue) do not see the hidden state",
                    "set transition_depth: 1, or choose another cell")
            }
        }
    }

    /// Checks numbers of parts that the model does not have: they are stored with it, and JSON has no
    /// infinity.
    ///
    /// It is asked of a configuration to train by, not of a model that is there.
    package func validateUnused() throws {
        for (name, transformer, convolution) in [
            ("encoder", encoder.transformer, encoder.convolution),
            ("decoder", decoder.transformer, decoder.convolution),
        ] {
            if let problem = transformer.problemOfNumbers {
                throw problem.within("model.\(name).transformer")
            }
            if let problem = convolution.problem {
                throw problem.within("model.\(name).convolution")
            }
        }
        if let problem = attention.problemOfNumbers {
            throw problem.within("model.attention")
        }
    }

    private func validateEncoder() throws {
        let characters = encoder.characters
        for (name, value, range) in [
            ("embedding", characters.embedding, 1...65536), ("widths", characters.widths, 1...64),
            ("filters", characters.filters, 1...10_000),
            ("highway_layers", characters.highwayLayers, 0...64),
        ] where !range.contains(value) {
            throw failure(
                "model.encoder.characters.\(name)", "is \(value)",
                "choose a number from \(range.lowerBound) to \(range.upperBound)")
        }
        if hasText, encoder.wordVectors == .characters, output.tied == .all {
            throw failure(
                "model.output.tied",
                "is all, but with model.encoder.word_vectors: characters there is no table of source embeddings",
                "choose tied: target")
        }
        if encoder.type.isRecurrent, encoder.isBidirectional, encoder.summary == .concat,
            encoder.hidden % 2 != 0
        {
            throw failure(
                "model.encoder.hidden", "is \(encoder.hidden), odd, with two directions",
                "choose an even number: each direction has half of it; or directions: sum")
        }
        if encoder.type == .transformer,
            let problem = encoder.transformer.problem(hidden: encoder.hidden)
        {
            throw problem.within("model.encoder.transformer")
        }
        if encoder.type == .convolutional || encoder.type == .convolutionalSequence,
            let problem = encoder.convolution.problem
        {
            throw problem.within("model.encoder.convolution")
        }
    }

    private func validateDecoder() throws {
        if decoder.type == .transformer,
            let problem = decoder.transformer.problem(hidden: decoder.hidden)
        {
            throw problem.within("model.decoder.transformer")
        }
        if decoder.type == .convolutionalSequence, let problem = decoder.convolution.problem {
            throw problem.within("model.decoder.convolution")
        }
        if let problem = output.problem(
            hidden: decoderOutputs, embedding: decoder.embedding,
            sourceEmbedding: encoder.embedding)
        {
            throw problem.within("model.output")
        }
        if output.type.copies {
            if !hasAttention {
                throw failure(
                    "model.output.type",
                    "is \(output.type.rawValue), but the decoder has no attention to copy by",
                    "choose attention.score: general, or output.type: full")
            }
            if output.type == .pointerGenerator, decoder.type.isRecurrent,
                attention.range == .localPredictive || attention.range == .hybrid
                    || attention.normalization.isMonotonic
            {
                throw failure(
                    "model.output.type",
                    "is pointer_generator, but weights of attention with range \(attention.range.rawValue) and normalization \(attention.normalization.rawValue) do not sum to one",
                    "choose range: global or local_m with normalization: softmax or sparsemax, or output.type: copy"
                )
            }
            if encoder.type == .pyramidal, encoder.layers > 1 {
                throw failure(
                    "model.output.type",
                    "is \(output.type.rawValue), but a step of a pyramidal memory is no single token",
                    "choose encoder.type: recurrent, or output.type: full")
            }
        }
        guard decoder.type.isRecurrent else {
            return try refuseRecurrentOptions()
        }
        if bridge.needsStates, !encoder.type.isRecurrent {
            throw failure(
                "model.bridge",
                "is \(bridge.rawValue), but an encoder of type \(encoder.type.rawValue) has no final state",
                "choose bridge: mean, or bridge: zero")
        }
        if bridge == .copy, encoder.layers != decoder.layers || encoder.hidden != decoder.hidden {
            throw failure(
                "model.bridge",
                "is copy, but the encoder has \(encoder.layers) layers of \(encoder.hidden) and the decoder \(decoder.layers) of \(decoder.hidden)",
                "make them equal or choose bridge: tanh_dense")
        }
        let hasAttention = attention.score != .none
        switch decoder.type {
        case .bahdanau, .conditional, .gnmt:
            guard hasAttention else {
                throw failure(
                    "model.decoder.type", "is \(decoder.type.rawValue) without attention",
                    "choose attention.score: concat, or decoder.type: luong")
            }
        case .cho:
            guard !hasAttention else {
                throw failure(
                    "model.decoder.type",
                    "is cho, which has no attention, with attention.score \(attention.score.rawValue)",
                    "choose attention.score: none, or decoder.type: bahdanau")
            }
        case .luong, .convolutionalSequence, .transformer: break
        }
        if decoder.hasInputFeeding, !hasAttention || decoder.type != .luong {
            throw failure(
                "model.decoder.input_feeding", "needs decoder.type: luong with attention",
                "set input_feeding: false")
        }
        if decoder.contextGate != .none,
            decoder.type == .gnmt || (decoder.type == .luong && !hasAttention)
        {
            throw failure(
                "model.decoder.context_gate",
                "weighs a context in the output vector, which decoder.type \(decoder.type.rawValue)\(hasAttention ? "" : " without attention") does not have",
                "set context_gate: none")
        }
        if hasAttention,
            let problem = attention.problem(query: decoder.hidden, memory: encoderOutputs)
        {
            throw problem.within("model.attention")
        }
    }

    /// Options that only recurrent decoders read must not stand there as if they did something.
    private func refuseRecurrentOptions() throws {
        if decoder.hasInputFeeding || decoder.contextGate != .none {
            throw failure(
                "model.decoder.input_feeding",
                "and context_gate belong to recurrent decoders, not to \(decoder.type.rawValue)",
                "set input_feeding: false and context_gate: none")
        }
    }

    /// Whether the decoder attends to the source, so that outputs have an alignment.
    public var hasAttention: Bool {
        hasText && (!decoder.type.isRecurrent || attention.score != .none)
    }

    /// The width of the encoder's memory.
    var encoderOutputs: Int {
        encoder.type == .convolutionalSequence ? encoder.embedding : encoder.hidden
    }

    /// The width of what the output layer sees.
    var decoderOutputs: Int {
        decoder.type == .convolutionalSequence ? decoder.embedding : decoder.hidden
    }
}
