import CSeqKernels

/// The fused kernels of a recurrent layer.
struct RecurrentKernels: Sendable {
    typealias Forward = @Sendable (UnsafePointer<seq_recurrent>, Int32) -> Void
    typealias Backward =
        @Sendable (UnsafePointer<seq_recurrent>, UnsafePointer<seq_recurrent_gradient>, Int32) ->
        Void

    /// The operation's name on the tape and in messages.
    let name: StaticString
    let forward: Forward
    let backward: Backward
    /// The number of tensors in a state: hidden, or hidden and cell.
    var stateCount = 1
    /// Whether h·U stands beside the gates instead of being added to them.
    var separatesRecurrent = false
}

/// The weights of one direction of a recurrent layer with any cell.
struct RecurrentWeights {
    /// The width of the hidden state.
    var hidden: Int
    /// `[features, gates · hidden]`.
    var input: Tensor
    /// `[gates · hidden]`.
    var bias: Tensor
    /// From the hidden state, `[hidden, ·]`.
    var recurrent: Tensor?
    /// From the reset hidden state, `[hidden, hidden]`; original GRU.
    var candidate: Tensor?
    /// What the cell knows beside matrices, see `seq_recurrent`.
    var vector: Tensor?

    var all: [Tensor] { [input, bias] + [recurrent, candidate, vector].compactMap { $0 } }
}

/// One recurrent layer over a ragged batch, in one direction or in both: one product for the inputs of
/// all steps, then a fused loop over time in which every thread walks its own sequences.
///
/// - Parameters:
///   - kernels: those of the cell.
///   - input: `[steps, features]`.
///   - weights: those of the direction from first to last step, and of the other if there is one.
///   - initial: a state for each direction, tensors `[batch, hidden]`; zeros if nil.
/// - Returns: the hidden states, forward beside backward, `[steps, hidden · directions]`, and the final
///   state of each direction: after the last step of each sequence, or its first in the other one.
func recurrentLayer(
    _ kernels: RecurrentKernels, _ input: Sequences, weights: [RecurrentWeights],
    initial: [[Tensor]]?
) -> (output: Sequences, final: [[Tensor]]) {
    let (layout, directions, hidden) = (input.layout, weights.count, weights[0].hidden)
    precondition(
        initial.map { $0.count == directions } ?? true,
        "\(kernels.name): \(initial?.count ?? 0) initial states for \(directions) directions")
    for direction in weights {
        precondition(
            direction.hidden == hidden && direction.input.rows == input.features,
            "\(kernels.name): features \(input.features), weight \(direction.input.shape); hidden \(hidden) and \(direction.hidden)"
        )
    }
    for state in initial ?? [] {
        precondition(
            state.count == kernels.stateCount
                && state.allSatisfy { $0.shape == [layout.batch, hidden] },
            "\(kernels.name): initial state \(state.map(\.shape)) for \(layout.batch) sequences of \(hidden)"
        )
    }
    let shards = (ThreadTeam.count + directions - 1) / directions
    let precision = Precision.current
    let runs = weights.indices.map { index in
        RecurrentRun(
            kernels, input, weights: weights[index], initial: initial?[index],
            schedule: layout.schedule(shards: shards, isReversed: index == 1), precision: precision)
    }
    let output = Tensor(uninitialized: [layout.steps, hidden * directions])
    RecurrentRun.forward(runs, output: output)
    Tape.record(
        kernels.name, inputs: [input.steps] + weights.flatMap(\.all) + (initial ?? []).joined(),
        outputs: [output] + runs.flatMap(\.final)
    ) { pass in
        RecurrentRun.backward(runs, output: output, pass: pass)
        for run in runs { run.accumulateGradients(input: input.steps, pass: pass) }
    }
    return (input.with(output), runs.map(\.final))
}

/// The buffers of one direction of a recurrent layer.
private final class RecurrentRun {
    let kernels: RecurrentKernels
    let weights: RecurrentWeights
    let initial: [Tensor]?
    let schedule: Schedule
    let precision: Precision
    /// Inputs in packed order, `[steps, features]`.
    let packedInput: Tensor
    /// `[steps, gates · hidden]` in packed order: activations, then gradients.
    let gates: Tensor
    /// h·U, then its gradient, if it is not part of the gates.
    let recurrent: Tensor?
    /// The reset hidden state, and its product with the candidate's weight, then the gradient of that.
    let reset: Tensor?
    let candidate: Tensor?
    /// The state before each step, tensors `[steps, hidden]` in packed order.
    let previous: [Tensor]
    /// Tensors `[batch, hidden]`.
    let final: [Tensor]
    var initialGradient: [Tensor]?
    var vectorGradient: Tensor?

    init(
        _ kernels: RecurrentKernels, _ input: Sequences, weights: RecurrentWeights,
        initial: [Tensor]?, schedule: Schedule, precision: Precision
    ) {
        let (steps, batch, hidden) = (input.layout.steps, input.layout.batch, weights.hidden)
        self.kernels = kernels
        self.weights = weights
        self.initial = initial
        self.schedule = schedule
        self.precision = precision
        packedInput = Tensor(uninitialized: [steps, input.features])
        seq_gather_rows(
            packedInput.pointer, input.steps.pointer, schedule.rows, steps, input.features)
        gates = Tensor(uninitialized: [steps, weights.input.rowWidth])
        multiply(
            packedInput, by: weights.input, isTransposed: false, precision: precision, beta: 0,
            bias: weights.bias, into: gates.pointer)
        recurrent =
            kernels.separatesRecurrent
            ? weights.recurrent.map { Tensor(uninitialized: [steps, $0.rowWidth]) } : nil
        let candidateShape = [steps, hidden]
        reset = weights.candidate.map { _ in Tensor(uninitialized: candidateShape) }
        candidate = weights.candidate.map { _ in Tensor(uninitialized: candidateShape) }
        previous = (0..<kernels.stateCount).map { _ in Tensor(uninitialized: [steps, hidden]) }
        final = (0..<kernels.stateCount).map { _ in Tensor(uninitialized: [batch, hidden]) }
        guard input.layout.lengths.contains(0) else { return }
        // Sequences without steps end in the state they began with.
        for (part, final) in final.enumerated() {
            if let start = initial?[part] {
                final.pointer.update(from: start.pointer, count: start.count)
            } else {
                seq_fill(final.pointer, 0, final.count)
            }
        }
    }

    static func forward(_ runs: [RecurrentRun], output: Tensor) {
        withKernel(runs, isBackward: false, output: output) { layers in
            runs[0].kernels.forward(layers, Int32(runs.count))
        }
    }

    static func backward(_ runs: [RecurrentRun], output: Tensor, pass: BackwardPass) {
        for run in runs {
            if run.initial != nil {
                // Sequences without steps hand the gradient of their final state on as it is.
                run.initialGradient = run.final.map {
                    pass.gradient($0)?.copied() ?? .zeros($0.shape)
                }
            }
            run.vectorGradient = run.weights.vector.map { .zeros([run.final[0].rows, $0.count]) }
        }
        let outputGradient = pass.gradient(output)
        let gradients = runs.enumerated().map { index, run in
            let final = run.final.map(pass.gradient)
            return seq_recurrent_gradient(
                d_output: outputGradient.map {
                    UnsafePointer($0.pointer + index * run.weights.hidden)
                },
                d_final_hidden: final[0].map { UnsafePointer($0.pointer) },
                d_final_cell: final.dropFirst().first?.map { UnsafePointer($0.pointer) },
                d_initial_hidden: run.initialGradient?[0].pointer,
                d_initial_cell: run.initialGradient?.dropFirst().first?.pointer,
                d_vector: run.vectorGradient?.pointer)
        }
        withExtendedLifetime(outputGradient) {
            withKernel(runs, isBackward: true, output: output) { layers in
                runs[0].kernels.backward(layers, gradients, Int32(runs.count))
            }
        }
    }

    /// Calls `body` with the descriptions that the kernels take.
    private static func withKernel(
        _ runs: [RecurrentRun], isBackward: Bool, output: Tensor,
        _ body: (UnsafePointer<seq_recurrent>) -> Void
    ) {
        func collect(_ index: Int, _ layers: [seq_recurrent]) {
            guard index < runs.count else {
                layers.withUnsafeBufferPointer { $0.baseAddress.map(body) }
                return
            }
            let run = runs[index]
            let target = output.pointer + index * run.weights.hidden
            run.withKernel(isBackward: isBackward, output: target, stride: output.rowWidth) {
                collect(index + 1, layers + [$0])
            }
        }
        collect(0, [])
    }

    private func withKernel(
        isBackward: Bool, output: UnsafeMutablePointer<Float>, stride: Int,
        _ body: (seq_recurrent) -> Void
    ) {
        // The packing of a weight that is not stored lives no longer than this call.
        let packed = [weights.recurrent, weights.candidate].map {
            $0?.packedAlways(isTransposed: isBackward, precision: precision)
        }
        withExtendedLifetime(packed) {
            schedule.withKernel { schedule in
                body(
                    seq_recurrent(
                        schedule: schedule, H: Int32(weights.hidden), gates: gates.pointer,
                        recurrent: recurrent?.pointer, reset: reset?.pointer,
                        candidate: candidate?.pointer, hidden_previous: previous[0].pointer,
                        cell_previous: previous.dropFirst().first?.pointer,
                        initial_hidden: initial.map { UnsafePointer($0[0].pointer) },
                        initial_cell: initial?.dropFirst().first.map {
                            UnsafePointer($0.pointer)
                        },
                        final_hidden: final[0].pointer,
                        final_cell: final.dropFirst().first?.pointer,
                        recurrent_weight: packed[0]?.handle, candidate_weight: packed[1]?.handle,
                        vector: weights.vector.map { UnsafePointer($0.pointer) }, output: output,
                        output_stride: stride))
            }
        }
    }

    /// Passes on the gradients that the backward kernel has left in the buffers.
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
        if let weight = weights.recurrent {
            pass.accumulateProduct(
                weight: weight, input: previous[0], gradient: recurrent ?? gates,
                precision: precision)
        }
        if let weight = weights.candidate, let reset, let candidate {
            pass.accumulateProduct(
                weight: weight, input: reset, gradient: candidate, precision: precision)
        }
        pass.accumulate(weights.bias, summingRowsOf: gates)
        if let vector = weights.vector, let vectorGradient {
            pass.accumulate(vector, summingRowsOf: vectorGradient)
        }
        for (start, gradient) in zip(initial ?? [], initialGradient ?? []) {
            pass.accumulate(start, taking: gradient)
        }
    }
}

extension Schedule {
    /// Calls `body` with this schedule as the kernels know it.
    fileprivate func withKernel(_ body: (seq_schedule) -> Void) {
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

    /// Adds the sum over rows, the gradient of a vector that every row has met.
    func accumulate(_ tensor: Tensor, summingRowsOf gradient: Tensor) {
        accumulate(tensor) { destination, beta in
            seq_sum_rows(destination, gradient.pointer, beta, gradient.rows, gradient.rowWidth)
        }
    }
}
