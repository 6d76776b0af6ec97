import CSeqKernels

/// The weights of one direction of an LSTM layer; gates stand in the order input, forget, candidate,
/// output.
public struct LSTMWeights: Sendable {
    /// From the inputs, `[features, 4 · hidden]`.
    public var input: Tensor
    /// From the hidden state, `[hidden, 4 · hidden]`.
    public var recurrent: Tensor
    /// `[4 · hidden]`.
    public var bias: Tensor

    /// Collects the weights of one direction.
    public init(input: Tensor, recurrent: Tensor, bias: Tensor) {
        precondition(
            recurrent.rowWidth == 4 * recurrent.rows && input.rowWidth == recurrent.rowWidth
                && bias.count == recurrent.rowWidth,
            "LSTMWeights: input \(input.shape), recurrent \(recurrent.shape), bias \(bias.shape)")
        self.input = input
        self.recurrent = recurrent
        self.bias = bias
    }

    /// The width of the hidden state.
    public var hidden: Int { recurrent.rows }
}

/// The state of an LSTM: hidden and cell, each `[batch, hidden]`.
public struct LSTMState: Sendable {
    /// The hidden state, `[batch, hidden]`.
    public var hidden: Tensor
    /// The cell state, `[batch, hidden]`.
    public var cell: Tensor

    /// Creates a state from its parts.
    public init(hidden: Tensor, cell: Tensor) {
        self.hidden = hidden
        self.cell = cell
    }
}

/// The LSTM cell for one time step (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et
/// al. 2000):
///
/// ```
/// i, f, g, o = split(preactivation)
/// cell'      = σ(f) · cell + σ(i) · tanh(g)
/// hidden'    = σ(o) · tanh(cell')
/// ```
///
/// - Parameters:
///   - preactivation: x·W + h·U + b, `[batch, 4 · hidden]`.
///   - cell: the cell before the step, `[batch, hidden]`.
public func lstmCell(_ preactivation: Tensor, cell: Tensor) -> LSTMState {
    let (rows, hidden) = (cell.rows, cell.rowWidth)
    precondition(
        preactivation.rows == rows && preactivation.rowWidth == 4 * hidden,
        "lstmCell: preactivation \(preactivation.shape) for cell \(cell.shape)")
    let gates = preactivation.copied()
    let state = LSTMState(
        hidden: Tensor(uninitialized: [rows, hidden]), cell: Tensor(uninitialized: [rows, hidden]))
    seq_lstm_cell(
        state.hidden.pointer, state.cell.pointer, gates.pointer, cell.pointer, rows, hidden)
    Tape.record(
        "lstmCell", inputs: [preactivation, cell], outputs: [state.hidden, state.cell]
    ) { pass in
        // The activated gates turn into the gradient of the pre-activations in place.
        let previous = Tensor(uninitialized: [rows, hidden])
        seq_lstm_cell_backward(
            gates.pointer, previous.pointer, pass.gradient(state.hidden)?.pointer,
            pass.gradient(state.cell)?.pointer, state.cell.pointer, cell.pointer, rows, hidden)
        pass.accumulate(preactivation, taking: gates)
        pass.accumulate(cell, taking: previous)
    }
    return state
}

/// One LSTM layer over a ragged batch, in one direction or in both: one product for the inputs of all
/// steps, then a fused loop over time in which every thread walks its own sequences.
///
/// - Parameters:
///   - input: `[steps, features]`.
///   - forward: the weights of the direction from first to last step.
///   - backward: those of the other direction, if there is one.
///   - initial: a state for each direction, `[batch, hidden]`; zeros if nil.
/// - Returns: the hidden states, forward beside backward, `[steps, hidden · directions]`, and the final
///   state of each direction: after the last step of each sequence, or its first for `backward`.
public func lstmLayer(
    _ input: Sequences, forward: LSTMWeights, backward: LSTMWeights? = nil,
    initial: [LSTMState]? = nil
) -> (output: Sequences, final: [LSTMState]) {
    let weights = [forward] + [backward].compactMap { $0 }
    let directions = weights.count
    precondition(
        initial.map { $0.count == directions } ?? true,
        "lstmLayer: \(initial?.count ?? 0) initial states for \(directions) directions")
    let (layout, hidden) = (input.layout, forward.hidden)
    precondition(
        input.features == forward.input.rows,
        "lstmLayer: features \(input.features), weight \(forward.input.shape)")
    let precision = Precision.current
    let shards = (ThreadTeam.count + directions - 1) / directions
    let output = Tensor(uninitialized: [layout.steps, hidden * directions])
    let inputs =
        [input.steps] + weights.flatMap { [$0.input, $0.recurrent, $0.bias] }
        + (initial ?? []).flatMap { [$0.hidden, $0.cell] }
    let runs = weights.indices.map { index in
        LSTMRun(
            input: input, weights: weights[index], initial: initial?[index],
            schedule: layout.schedule(shards: shards, isReversed: index == 1), precision: precision)
    }
    LSTMRun.forward(runs, output: output)
    let final = runs.map { LSTMState(hidden: $0.finalHidden, cell: $0.finalCell) }
    Tape.record(
        "lstmLayer", inputs: inputs, outputs: [output] + final.flatMap { [$0.hidden, $0.cell] }
    ) { pass in
        LSTMRun.backward(runs, output: output, pass: pass)
        for run in runs { run.accumulateGradients(input: input.steps, pass: pass) }
    }
    return (input.with(output), final)
}

/// The buffers of one direction of ``lstmLayer(_:forward:backward:initial:)``.
private final class LSTMRun {
    let weights: LSTMWeights
    let initial: LSTMState?
    let schedule: Schedule
    let precision: Precision
    /// Inputs in packed order, `[steps, features]`.
    let packedInput: Tensor
    /// `[steps, 4 · hidden]` in packed order: activations, then gradients.
    let gates: Tensor
    let hiddenPrevious: Tensor
    let cells: Tensor
    let finalHidden: Tensor
    let finalCell: Tensor
    var initialGradient: LSTMState?

    init(
        input: Sequences, weights: LSTMWeights, initial: LSTMState?, schedule: Schedule,
        precision: Precision
    ) {
        let (steps, hidden) = (input.layout.steps, weights.hidden)
        self.weights = weights
        self.initial = initial
        self.schedule = schedule
        self.precision = precision
        packedInput = Tensor(uninitialized: [steps, input.features])
        seq_gather_rows(
            packedInput.pointer, input.steps.pointer, schedule.rows, steps, input.features)
        gates = Tensor(uninitialized: [steps, 4 * hidden])
        multiply(
            packedInput, by: weights.input, isTransposed: false, precision: precision, beta: 0,
            bias: weights.bias, into: gates.pointer)
        hiddenPrevious = Tensor(uninitialized: [steps, hidden])
        cells = Tensor(uninitialized: [steps, hidden])
        finalHidden = Tensor(uninitialized: [input.layout.batch, hidden])
        finalCell = Tensor(uninitialized: [input.layout.batch, hidden])
        // Sequences without steps end in the state they began with.
        if input.layout.lengths.contains(0) {
            for (final, start) in [(finalHidden, initial?.hidden), (finalCell, initial?.cell)] {
                if let start {
                    final.pointer.update(from: start.pointer, count: start.count)
                } else {
                    seq_fill(final.pointer, 0, final.count)
                }
            }
        }
    }

    /// Calls `body` with the description that the kernel takes.
    private static func withKernel<Result>(
        _ runs: [LSTMRun], _ body: (UnsafePointer<seq_lstm>) -> Result
    ) -> Result {
        func collect(_ index: Int, _ layers: [seq_lstm]) -> Result {
            guard index < runs.count else {
                return layers.withUnsafeBufferPointer { buffer in
                    guard let base = buffer.baseAddress else {
                        preconditionFailure("lstmLayer: no directions")
                    }
                    return body(base)
                }
            }
            let run = runs[index]
            return run.schedule.withKernel { schedule in
                collect(
                    index + 1,
                    layers + [
                        seq_lstm(
                            schedule: schedule, H: Int32(run.weights.hidden),
                            gates: run.gates.pointer, hidden_previous: run.hiddenPrevious.pointer,
                            cell: run.cells.pointer, initial_hidden: run.initial?.hidden.pointer,
                            initial_cell: run.initial?.cell.pointer)
                    ])
            }
        }
        return collect(0, [])
    }

    static func forward(_ runs: [LSTMRun], output: Tensor) {
        let packed = runs.map { run in
            run.weights.recurrent.packedAlways(isTransposed: false, precision: run.precision)
        }
        let hidden = runs[0].weights.hidden
        // The packing of a weight that is not stored lives no longer than `packed`.
        withExtendedLifetime(packed) {
            withKernel(runs) { layers in
                seq_lstm_forward(
                    layers, Int32(runs.count), packed.map(\.handle),
                    runs.indices.map { output.pointer + $0 * hidden }, output.rowWidth,
                    runs.map(\.finalHidden.pointer), runs.map(\.finalCell.pointer))
            }
        }
    }

    static func backward(_ runs: [LSTMRun], output: Tensor, pass: BackwardPass) {
        let packed = runs.map { run in
            run.weights.recurrent.packedAlways(isTransposed: true, precision: run.precision)
        }
        let hidden = runs[0].weights.hidden
        let outputGradient = pass.gradient(output)
        for run in runs {
            if let initial = run.initial {
                // Sequences without steps hand the gradient of their final state on as it is.
                run.initialGradient = LSTMState(
                    hidden: pass.gradient(run.finalHidden)?.copied()
                        ?? .zeros(initial.hidden.shape),
                    cell: pass.gradient(run.finalCell)?.copied() ?? .zeros(initial.cell.shape))
            }
        }
        withExtendedLifetime(packed) {
            withKernel(runs) { layers in
                seq_lstm_backward(
                    layers, Int32(runs.count), packed.map(\.handle),
                    runs.indices.map { index in
                        outputGradient.map { UnsafePointer($0.pointer + index * hidden) }
                    },
                    output.rowWidth,
                    runs.map { run in
                        pass.gradient(run.finalHidden).map { UnsafePointer($0.pointer) }
                    },
                    runs.map { run in pass.gradient(run.finalCell).map { UnsafePointer($0.pointer) }
                    },
                    runs.map { $0.initialGradient?.hidden.pointer },
                    runs.map { $0.initialGradient?.cell.pointer })
            }
        }
    }

    /// Passes on the gradients once the gates hold theirs.
    func accumulateGradients(input: Tensor, pass: BackwardPass) {
        let steps = gates.rows
        if pass.needs(input) {
            let packedGradient = Tensor(uninitialized: packedInput.shape)
            multiply(
                gates, by: weights.input, isTransposed: true, precision: precision, beta: 0,
                bias: nil, into: packedGradient.pointer)
            pass.accumulate(input) { destination, beta in
                seq_scatter_rows(
                    destination, packedGradient.pointer, schedule.rows, beta, steps,
                    packedInput.rowWidth)
            }
        }
        pass.accumulateProduct(
            weight: weights.input, input: packedInput, gradient: gates, precision: precision)
        pass.accumulateProduct(
            weight: weights.recurrent, input: hiddenPrevious, gradient: gates, precision: precision)
        pass.accumulate(weights.bias) { destination, beta in
            seq_sum_rows(destination, gates.pointer, beta, steps, gates.rowWidth)
        }
        if let initial, let gradient = initialGradient {
            pass.accumulate(initial.hidden, taking: gradient.hidden)
            pass.accumulate(initial.cell, taking: gradient.cell)
        }
    }
}

extension Schedule {
    /// Calls `body` with this schedule as the kernels know it.
    func withKernel<Result>(_ body: (seq_schedule) -> Result) -> Result {
        shardFirstStep.withUnsafePointer { firstStep in
            stepStarts.withUnsafePointer { starts in
                shardFirstSequence.withUnsafePointer { firstSequence in
                    sequences.withUnsafePointer { sequence in
                        rows.withUnsafePointer { row in
                            body(
                                seq_schedule(
                                    shards: Int32(shards), shard_first_step: firstStep,
                                    step_start: starts, shard_first_sequence: firstSequence,
                                    sequence: sequence, row: row))
                        }
                    }
                }
            }
        }
    }
}

extension Array where Element == Int32 {
    /// Calls `body` with the elements; an empty array gives a valid pointer that must not be read.
    func withUnsafePointer<Result>(_ body: (UnsafePointer<Int32>) -> Result) -> Result {
        withUnsafeBufferPointer { buffer in
            if let base = buffer.baseAddress { return body(base) }
            var nothing: Int32 = 0
            return Swift.withUnsafePointer(to: &nothing, body)
        }
    }
}

extension Tensor {
    /// This matrix packed, also when it is not a stored weight and the packing serves one call only.
    func packedAlways(isTransposed: Bool, precision: Precision) -> PackedWeight {
        if storage.isPersistent { return packed(isTransposed: isTransposed, precision: precision) }
        let key = PackedWeight.Key(
            offset: 0, rows: isTransposed ? rowWidth : rows,
            columns: isTransposed ? rows : rowWidth, isTransposed: isTransposed,
            precision: precision)
        let packed = PackedWeight(key)
        packed.update(from: pointer, version: 0)
        return packed
    }
}

extension BackwardPass {
    /// Adds a gradient that the caller has made and will not touch again.
    func accumulate(_ tensor: Tensor, taking gradient: Tensor) {
        if !adopt(gradient, for: tensor) { accumulate(tensor, adding: gradient) }
    }
}
