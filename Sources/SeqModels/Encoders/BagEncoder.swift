public import SeqNN
public import SeqTensor

/// A bag of embeddings: the memory is the embedded inputs themselves, mapped to `hidden` where they are
/// not that wide.
///
/// It knows no order and is the floor that other encoders are measured against.
///
/// Parameters: `projection.weight` and `.bias` where widths differ.
public struct BagEncoder: SequenceEncoder {
    private let projection: Linear?

    /// The width of the memory.
    public let outputs: Int

    /// Creates an encoder of inputs of width `inputs`.
    public init(inputs: Int, hidden: Int, in scope: ParameterScope) throws {
        outputs = hidden
        projection =
            inputs == hidden ? nil : try Linear(inputs, hidden, in: scope.scope("projection"))
    }

    /// The memory alone.
    public var numbersPerStep: Int { outputs }

    /// Encodes `input`, `[steps, inputs]`.
    public func callAsFunction(_ input: Sequences, dropout: inout Dropout) -> EncodedSource {
        EncodedSource(memory: projection.map { input.with($0(input.steps)) } ?? input)
    }
}
