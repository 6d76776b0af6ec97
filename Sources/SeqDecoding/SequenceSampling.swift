public import SeqModels
import SeqNN
public import SeqTensor

/// Outputs that a model draws token by token from its own distribution, and greedy ones beside them.
///
/// What is drawn hangs on the generator of the output alone, not on what else is in the batch.
public struct SequenceSampling: Sendable {
    /// One output that is wanted.
    public struct Request: Sendable {
        /// The index of the source.
        public var source: Int
        /// Where the draws come from; nil takes the most probable token each time.
        public var generator: RandomGenerator?

        /// Asks for an output of the source with that index.
        public init(source: Int, generator: RandomGenerator?) {
            self.source = source
            self.generator = generator
        }
    }

    /// An output.
    public struct Output: Sendable, Hashable {
        /// The tokens, without start and end.
        public var tokens: [Int32] = []
        /// Whether the end token was reached before the length limit.
        public var isComplete = false
    }

    private let model: TranslationModel
    private let options: DecodingOptions
    private let temperature: Float

    /// Creates a sampler.
    ///
    /// - Parameters:
    ///   - model: the model to draw from.
    ///   - options: which length is the longest.
    ///   - temperature: what logits are divided by before the softmax that is drawn from.
    public init(_ model: TranslationModel, options: DecodingOptions, temperature: Float = 1) {
        self.model = model
        self.options = options
        self.temperature = temperature
    }

    /// An output for each request.
    public func callAsFunction(
        _ source: TranslationSource, _ requests: [Request]
    ) -> [Output] {
        withoutGradient { draw(source, requests) }
    }

    private func draw(_ source: TranslationSource, _ requests: [Request]) -> [Output] {
        var dropout = Dropout.none
        let encoded = model.encode(source, dropout: &dropout)
        let lengths = source.tokens.layout.lengths.map {
            $0 - (model.configuration.encoder.hasEndToken ? 1 : 0)
        }
        let limit = (try? options.memoryLimit()) ?? ProcessMemory.total / 4
        let parts = MemoryBatches(most: requests.count, limit: Double(limit)).cut(requests.indices)
        {
            model.searchCost(
                source: lengths[requests[$0].source], rows: 1, options: options,
                keepsAlignments: false)
        }
        return parts.flatMap { part in
            var decoder = StepwiseDecoder(
                model, source: source, encoded: encoded, dropout: &dropout)
            return draw(part.map { requests[$0] }, from: &decoder, lengths: lengths)
        }
    }

    /// The outputs of requests that are drawn together, from a decoder before its first step.
    private func draw(
        _ requests: [Request], from decoder: inout StepwiseDecoder, lengths: [Int]
    ) -> [Output] {
        var dropout = Dropout.none
        decoder.keepRows(requests.map { Int32($0.source) })
        let longest = requests.map { options.maximumLength(source: lengths[$0.source]) }
        var generators = requests.map(\.generator)
        var outputs = requests.map { _ in Output() }
        var live = Array(requests.indices)
        var tokens = [Int32](repeating: TranslationModel.startToken, count: live.count)
        var step = 0
        while !live.isEmpty {
            step += 1
            let logits = decoder.step(
                tokens, sources: live.map { Int32(requests[$0].source) }, dropout: &dropout
            ).logits
            let chosen = choose(logits, live, &generators)
            var survivors: [Int32] = []
            for (row, request) in live.enumerated() {
                if chosen[row] == TranslationModel.endToken {
                    outputs[request].isComplete = true
                } else {
                    outputs[request].tokens.append(chosen[row])
                    if step < longest[request] { survivors.append(Int32(row)) }
                }
            }
            tokens = survivors.map { chosen[Int($0)] }
            if survivors.count < live.count { decoder.keepRows(survivors) }
            live = survivors.map { live[Int($0)] }
        }
        return outputs
    }

    /// A token for each row, which is that of the request with the same place in `live`.
    private func choose(
        _ logits: Tensor, _ live: [Int], _ generators: inout [RandomGenerator?]
    ) -> [Int32] {
        let drawn = live.indices.filter { generators[live[$0]] != nil }
        let numbers = drawn.map { generators[live[$0]]?.nextUnit() ?? 0 }
        if drawn.count == live.count {
            return logits.columns(at: numbers, temperature: temperature)
        }
        var chosen = logits.topK(1).indices
        let rows = logits.gatheringRows(drawn.map(Int32.init))
        for (row, token) in zip(drawn, rows.columns(at: numbers, temperature: temperature)) {
            chosen[row] = token
        }
        return chosen
    }
}
