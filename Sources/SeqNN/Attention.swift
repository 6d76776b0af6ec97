public import SeqTensor

/// How attention compares the decoder's state with the memory.
public enum AttentionKind: String, Codable, Sendable, CaseIterable {
    /// query·key; both must have one width.
    case dot
    /// queryᵀ·W·key (Luong et al. 2015, "general").
    case general
    /// v·tanh(W_q·query + W_m·key) (Bahdanau et al. 2015; Luong's "concat").
    case concat
}

/// The memory as attention sees it: keys are computed once for all queries.
public struct AttentionMemory: Sendable {
    /// What contexts are made of, `[steps, width]`.
    public var values: Sequences
    /// What queries are compared with, `[steps, query width]`.
    public var keys: Tensor
}

/// Global attention over a ragged memory (Luong and others 2015, section 3.1; Bahdanau and others
/// 2015).
///
/// Parameters: `key_weight` `[memory, query]` for `general` and `concat`; `query_weight`
/// `[query, query]` and `v` `[query]` for `concat`.
public struct Attention: Sendable {
    /// The score function.
    public let kind: AttentionKind
    private let keyWeight: Parameter?
    private let queryWeight: Parameter?
    private let v: Parameter?

    /// Creates attention of queries of width `query` over a memory of width `memory`.
    public init(_ kind: AttentionKind, query: Int, memory: Int, in scope: ParameterScope) throws {
        self.kind = kind
        switch kind {
        case .dot:
            precondition(
                query == memory, "dot attention: query \(query) and memory \(memory) differ")
            (keyWeight, queryWeight, v) = (nil, nil, nil)
        case .general:
            keyWeight = try scope.parameter("key_weight", [memory, query], .weight)
            (queryWeight, v) = (nil, nil)
        case .concat:
            keyWeight = try scope.parameter("key_weight", [memory, query], .weight)
            queryWeight = try scope.parameter("query_weight", [query, query], .weight)
            v = try scope.parameter("v", [query], .weight)
        }
    }

    /// Prepares a memory, `[steps, memory]`, for queries.
    public func memory(_ values: Sequences) -> AttentionMemory {
        AttentionMemory(
            values: values, keys: keyWeight.map { values.steps.matmul($0.value) } ?? values.steps)
    }

    /// The contexts of queries `[queries, query width]` and the weights.
    public func callAsFunction(
        _ queries: Tensor, memory: AttentionMemory, layout: AttentionLayout
    ) -> (context: Tensor, weights: Tensor) {
        let projected = queryWeight.map { queries.matmul($0.value) } ?? queries
        let score: AttentionScore = v.map { .concat(v: $0.value) } ?? .dot(scale: 1)
        return attend(
            projected, keys: memory.keys, values: memory.values.steps, layout: layout, score: score)
    }
}
