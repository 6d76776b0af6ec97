public import SeqNN
public import SeqTensor

/// What an encoder knows of a batch of sources.
public struct EncodedSource: Sendable {
    /// What attention compares with, `[steps, outputs]`.
    public var memory: Sequences
    /// What contexts are made of where it is not the memory itself, `[steps, outputs]`.
    public var values: Tensor?
    /// The final state of each layer, directions joined, `[batch, hidden]`; empty for encoders without
    /// recurrence.
    public var final: [RecurrentState]

    /// Collects what an encoder found.
    public init(memory: Sequences, values: Tensor? = nil, final: [RecurrentState] = []) {
        self.memory = memory
        self.values = values
        self.final = final
    }
}

/// An encoder: from a ragged batch of vectors, wherever they come from, to a memory.
public protocol SequenceEncoder: Sendable {
    /// The width of the memory.
    var outputs: Int { get }

    /// The numbers of 4 bytes that it works with for each step of its input, those of the memory included.
    var numbersPerStep: Int { get }

    /// Encodes `input`, `[steps, inputs]`.
    func callAsFunction(_ input: Sequences, dropout: inout Dropout) -> EncodedSource
}
