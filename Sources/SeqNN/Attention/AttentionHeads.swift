import SeqTensor

/// The heads of a recurrent decoder's attention: the columns of queries, keys and values are dealt to
/// them, and their contexts lie beside each other (Vaswani and others 2017, section 3.2.2).
///
/// The output projection W^O of the article is the decoder's own weight for the context (W_c of
/// Luong's attentional vector, C of Bahdanau's cell), which follows at once. A further matrix between
/// them could express nothing new, and with such a chain of three linear maps a model did not get beyond the
/// frequencies of words (`Benchmarks/NOTES.md`).
///
/// Parameter of several heads: `value_weight` `[memory, memory]`.
struct AttentionHeads: Sendable {
    let count: Int
    private let valueWeight: Parameter?

    init(_ count: Int, memory: Int, in scope: ParameterScope) throws {
        self.count = count
        valueWeight =
            count > 1 ? try scope.parameter("value_weight", [memory, memory], .weight) : nil
    }

    /// The columns of each head.
    func split(_ matrix: Tensor) -> [Tensor] {
        guard count > 1 else { return [matrix] }
        let width = matrix.rowWidth / count
        return (0..<count).map { matrix.columns($0 * width..<($0 + 1) * width) }
    }

    /// The part of a vector that belongs to a head.
    func part(_ head: Int, of vector: Tensor) -> Tensor {
        let width = vector.count / count
        return vector.rows(head * width..<(head + 1) * width)
    }

    /// What the contexts of each head are made of, from values `[steps, memory]`.
    func values(_ values: Tensor) -> [Tensor] {
        split(valueWeight.map { values.matmul($0.value) } ?? values)
    }

    /// One context out of those of the heads.
    func joined(_ contexts: [Tensor]) -> Tensor {
        Tensor.concatenatingColumns(contexts)
    }

    /// The mean of the heads' weights.
    func mean(_ weights: [Tensor]) -> Tensor {
        count == 1 ? weights[0] : weights.dropFirst().reduce(weights[0], +) * (1 / Float(count))
    }
}
