public import SeqTensor

/// Self-attention with several heads (Vaswani and others 2017, section 3.2.2).
///
/// Parameters: `projection.weight` `[width, 3 · width]` and `projection.bias` give queries, keys and
/// values beside each other; `output.weight` `[width, width]`, `output.bias`.
public struct SelfAttention: Sendable {
    private let projection: Linear
    private let output: Linear
    private let width: Int
    private let heads: Int
    private let isRotary: Bool
    private let dropoutRate: Float

    /// Creates self-attention over vectors of width `width`.
    ///
    /// - Parameter dropout: the probability of dropping an attention weight.
    public init(
        _ width: Int, heads: Int, isRotary: Bool = false, dropout: Float = 0,
        in scope: ParameterScope
    ) throws {
        precondition(width % heads == 0, "SelfAttention: \(heads) heads for width \(width)")
        projection = try Linear(width, 3 * width, in: scope.scope("projection"))
        output = try Linear(width, width, in: scope.scope("output"))
        self.width = width
        self.heads = heads
        self.isRotary = isRotary
        dropoutRate = dropout
    }

    /// Queries, keys and values, `[rows, 3 · width]`.
    private func projected(_ input: Tensor, positions: [Int32]) -> Tensor {
        let all = projection(input)
        guard isRotary else { return all }
        return all.rotated(heads: 2 * heads, width: width / heads, positions: positions)
    }

    /// Whole sequences, `[steps, width]`.
    public func callAsFunction(
        _ input: Tensor, layout: SequenceLayout, positions: [Int32], isCausal: Bool,
        dropout: inout Dropout
    ) -> Tensor {
        output(
            selfAttention(
                projected(input, positions: positions), layout: layout, heads: heads,
                isCausal: isCausal, mask: dropout.drawingMask(rate: dropoutRate)))
    }

    /// One step, `[rows, width]`, which sees the steps in `cache` and joins them there.
    public func step(_ input: Tensor, position: Int, cache: inout StepCache, slot: Int) -> Tensor {
        let all = projected(
            input, positions: Array(repeating: Int32(position), count: input.rows))
        cache.append(all.columns(width..<3 * width), to: slot)
        return output(cache.attention(all, slot: slot, heads: heads))
    }
}

/// Attention with several heads over an encoder's memory (Vaswani and others 2017, section 3.2.3).
///
/// Parameters: `query.weight` `[width, width]`, `query.bias`; `memory.weight` `[memory, 2 · width]` and
/// `memory.bias` give keys and values beside each other; `output.weight` `[width, width]`,
/// `output.bias`.
public struct CrossAttention: Sendable {
    private let query: Linear
    private let memory: Linear
    private let output: Linear
    private let width: Int
    private let heads: Int
    private let dropoutRate: Float

    /// Creates attention of vectors of width `width` over a memory of width `memory`.
    ///
    /// - Parameter dropout: the probability of dropping an attention weight.
    public init(
        _ width: Int, memory: Int, heads: Int, dropout: Float = 0, in scope: ParameterScope
    ) throws {
        precondition(width % heads == 0, "CrossAttention: \(heads) heads for width \(width)")
        query = try Linear(width, width, in: scope.scope("query"))
        self.memory = try Linear(memory, 2 * width, in: scope.scope("memory"))
        output = try Linear(width, width, in: scope.scope("output"))
        self.width = width
        self.heads = heads
        dropoutRate = dropout
    }

    /// Keys and values, `[memory steps, 2 · width]`, prepared once for all steps.
    ///
    /// - Parameter values: what values are made of where it is not what keys are made of.
    public func projected(memory keys: Tensor, values: Tensor? = nil) -> Tensor {
        guard let values else { return memory(keys) }
        return .concatenatingColumns([
            memory(keys).columns(0..<width), memory(values).columns(width..<2 * width),
        ])
    }

    /// The outputs, `[rows, width]`, for inputs of the same shape, and the weights averaged over the
    /// heads, if wanted.
    ///
    /// - Parameter memory: what ``projected(memory:values:)`` prepared.
    public func callAsFunction(
        _ input: Tensor, memory: Tensor, layout: AttentionLayout, keepsWeights: Bool,
        dropout: inout Dropout
    ) -> (output: Tensor, weights: Tensor?) {
        let (context, weights) = crossAttention(
            query(input), memory: memory, layout: layout, heads: heads,
            mask: dropout.drawingMask(rate: dropoutRate), keepsWeights: keepsWeights)
        return (output(context), weights)
    }
}
