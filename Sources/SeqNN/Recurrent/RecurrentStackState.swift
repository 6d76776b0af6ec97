public import SeqTensor

/// The states of all layers of a stack in one direction, and the masks that stay the same for all
/// steps.
public struct RecurrentStackState: Sendable {
    /// The state of each layer.
    public var layers: [RecurrentState]
    /// For each layer, the mask on its input; nil without variational dropout.
    var inputMasks: [Tensor?] = []
    /// For each layer, the mask on the state in the recurrent product.
    var stateMasks: [Tensor?] = []
    /// The mask on the output; nil without variational dropout.
    var outputMask: Tensor?

    /// Starts from the states of the layers.
    public init(_ layers: [RecurrentState]) { self.layers = layers }

    /// The states of other rows; rows may repeat.
    public func gatheringRows(_ rows: [Int32]) -> RecurrentStackState {
        map({ $0.gatheringRows(rows) }, { $0.gatheringRows(rows) })
    }

    /// The states of the first `count` rows.
    public func prefix(_ count: Int) -> RecurrentStackState {
        map({ $0.prefix(count) }, { $0.rows(0..<count) })
    }

    /// What a decoder makes of the states, `[rows, outputs]`, with elements dropped.
    public func dropping(_ output: Tensor, dropout: inout Dropout) -> Tensor {
        outputMask.map { output * $0 } ?? dropout(output)
    }

    private func map(
        _ state: (RecurrentState) -> RecurrentState, _ mask: (Tensor) -> Tensor
    ) -> RecurrentStackState {
        var result = self
        result.layers = layers.map(state)
        result.inputMasks = inputMasks.map { $0.map(mask) }
        result.stateMasks = stateMasks.map { $0.map(mask) }
        result.outputMask = outputMask.map(mask)
        return result
    }
}
