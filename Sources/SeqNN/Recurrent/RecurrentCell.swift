public import SeqTensor

/// The state of a recurrent cell between two steps.
public struct RecurrentState: Sendable {
    /// Tensors `[rows, hidden]`: first the hidden state that others see, then what only the cell knows.
    public var tensors: [Tensor]

    /// Collects the parts of a state.
    public init(_ tensors: [Tensor]) { self.tensors = tensors }

    /// A state of zeros for `rows` sequences.
    public init(zerosFor rows: Int, _ cell: any RecurrentCell) {
        let zeros = Tensor.zeros([rows, cell.hidden])
        tensors = Array(repeating: zeros, count: cell.stateCount)
    }

    /// The hidden state, `[rows, hidden]`.
    public var hidden: Tensor { tensors[0] }

    /// The states of other rows; rows may repeat.
    public func gatheringRows(_ rows: [Int32]) -> RecurrentState {
        RecurrentState(tensors.map { $0.gatheringRows(rows) })
    }

    /// The states of the first `count` rows.
    public func prefix(_ count: Int) -> RecurrentState {
        RecurrentState(tensors.map { $0.rows(0..<count) })
    }
}

/// A recurrent cell: from the inputs of a time step and the state before it to the state after it.
///
/// A cell is written once, as a step, and works in encoders, decoders and search. One with a fused
/// kernel also has its own whole-sequence form, equal to the step repeated.
public protocol RecurrentCell: Sendable {
    /// The width of the hidden state.
    var hidden: Int { get }

    /// The number of tensors in a state: 2 for an LSTM, 1 for a GRU.
    var stateCount: Int { get }

    /// The columns of ``projected(_:)`` and of the weight of any further input: gates · hidden.
    var projectedWidth: Int { get }

    /// The share of inputs `[rows, inputs]` in the pre-activations, bias included:
    /// `[rows, projectedWidth]`.
    ///
    /// It does not wait for the state, so that it is computed for all time steps at once.
    func projected(_ input: Tensor) -> Tensor

    /// One time step.
    ///
    /// - Parameters:
    ///   - projected: what ``projected(_:)`` made of the inputs, `[rows, projectedWidth]`.
    ///   - extra: further inputs `[rows, width]`, such as a fed back vector, with their weights
    ///     `[width, projectedWidth]`; they add to the inputs' share.
    ///   - state: the state before the step.
    ///   - mask: multiplies the hidden state where it enters the recurrent product, `[rows, hidden]`;
    ///     nil for none.
    /// - Returns: the state after it.
    func step(
        _ projected: Tensor, extra: [(input: Tensor, weight: Tensor)], state: RecurrentState,
        mask: Tensor?
    ) -> RecurrentState

    /// Runs over a ragged batch in one direction or in both.
    ///
    /// - Parameters:
    ///   - input: `[steps, inputs]`.
    ///   - backward: a cell of the same type that runs from the last step to the first, if any.
    ///   - initial: a state a direction, `[batch, hidden]`; zeros if nil.
    /// - Returns: the hidden states, forward beside backward, `[steps, hidden · directions]`, and the
    ///   final state of each direction.
    func layer(
        _ input: Sequences, backward: (any RecurrentCell)?, initial: [RecurrentState]?
    ) -> (output: Sequences, final: [RecurrentState])
}

extension RecurrentCell {
    /// The step repeated over time, for cells without a fused kernel.
    public func layer(
        _ input: Sequences, backward: (any RecurrentCell)?, initial: [RecurrentState]?
    ) -> (output: Sequences, final: [RecurrentState]) {
        var dropout = Dropout.none
        return stepwiseLayer(input, backward: backward, initial: initial, dropout: &dropout)
    }
}

extension RecurrentCell {
    /// The step repeated over time, at each only over the sequences that still have one.
    ///
    /// It is what the fused kernels are tested against, and what serves wherever something happens
    /// between two steps.
    ///
    /// - Parameters:
    ///   - input: `[steps, inputs]`.
    ///   - backward: a cell for the other direction, if any.
    ///   - initial: a state a direction, `[batch, hidden]`; zeros if nil.
    ///   - masks: for each direction, what multiplies the state where it enters the recurrent product,
    ///     `[batch, hidden]`.
    ///   - zoneout: the probability that an element of the state keeps its value in a step.
    ///   - dropout: where the choices of zoneout come from.
    public func stepwiseLayer(
        _ input: Sequences, backward: (any RecurrentCell)?, initial: [RecurrentState]?,
        masks: [Tensor?] = [], zoneout: Float = 0, dropout: inout Dropout
    ) -> (output: Sequences, final: [RecurrentState]) {
        var outputs: [Tensor] = []
        var final: [RecurrentState] = []
        let cells: [any RecurrentCell] = [self] + [backward].compactMap { $0 }
        for (direction, cell) in cells.enumerated() {
            let (output, last) = cell.direction(
                input, isReversed: direction == 1,
                initial: initial?[direction]
                    ?? RecurrentState(zerosFor: input.layout.batch, cell),
                mask: direction < masks.count ? masks[direction] : nil, zoneout: zoneout,
                dropout: &dropout)
            outputs.append(output)
            final.append(last)
        }
        return (input.with(.concatenatingColumns(outputs)), final)
    }

    private func direction(
        _ input: Sequences, isReversed: Bool, initial: RecurrentState, mask: Tensor?,
        zoneout: Float, dropout: inout Dropout
    ) -> (output: Tensor, final: RecurrentState) {
        let schedule = input.layout.schedule(isReversed: isReversed)
        let projected = projected(input.steps.gatheringRows(schedule.rows))
        var state = initial.gatheringRows(schedule.sequences)
        let mask = mask?.gatheringRows(schedule.sequences)
        var outputs: [Tensor] = []
        // The states of sequences that have ended, in the order of their ends.
        var ended: [RecurrentState] = []
        func end(after count: Int) {
            let rows = state.hidden.rows
            guard count < rows else { return }
            ended.append(RecurrentState(state.tensors.map { $0.rows(count..<rows) }))
            state = state.prefix(count)
        }
        for range in schedule.timeSteps {
            end(after: range.count)
            let next = step(
                projected.rows(range), extra: [], state: state, mask: mask?.rows(0..<range.count))
            state = next.zonedOut(from: state, rate: zoneout, dropout: &dropout)
            outputs.append(state.hidden)
        }
        end(after: 0)
        var position = [Int32](repeating: 0, count: schedule.sequences.count)
        for (row, sequence) in schedule.sequences.enumerated() {
            position[Int(sequence)] = Int32(row)
        }
        let final = RecurrentState(
            initial.tensors.indices.map { part in
                ended.isEmpty
                    ? state.tensors[part]
                    : Tensor.concatenatingRows(ended.reversed().map { $0.tensors[part] })
                        .gatheringRows(position)
            })
        guard !outputs.isEmpty else { return (Tensor.zeros([0, hidden]), final) }
        return (
            Tensor.concatenatingRows(outputs).gatheringRows(schedule.packedRows), final
        )
    }
}
