import CSeqKernels

/// A record of operations, from which gradients are computed backwards (reverse-mode automatic
/// differentiation).
///
/// A tape belongs to the task that runs ``valueAndGradient(of:_:)`` and never leaves it; that is why
/// it may call itself Sendable, which a task-local value must.
final class Tape: @unchecked Sendable {
    /// The tape of the current task, if gradients are wanted.
    @TaskLocal static var current: Tape?

    private struct Node {
        let name: StaticString
        let outputs: [UInt64]
        let backward: (BackwardPass) -> Void
    }

    private var nodes: [Node] = []
    private var tracked: Set<UInt64>
    /// While looking for the source of a NaN: the first operation whose result is not finite.
    private(set) var firstNotFinite: StaticString?
    private let checksFinite: Bool

    init(tracking parameters: [Tensor], checksFinite: Bool = false) {
        tracked = Set(parameters.map(\.id))
        self.checksFinite = checksFinite
    }

    func isTracked(_ tensor: Tensor) -> Bool { tracked.contains(tensor.id) }

    /// Whether an operation on `inputs` must keep what its gradient needs.
    static func isRecording(_ inputs: Tensor...) -> Bool { isRecording(inputs) }

    static func isRecording(_ inputs: [Tensor]) -> Bool {
        guard let tape = current else { return false }
        return inputs.contains(where: tape.isTracked)
    }

    /// Notes an operation.
    ///
    /// `backward` is called at most once, when the gradient of an output is known.
    static func record(
        _ name: StaticString, inputs: [Tensor], outputs: [Tensor],
        backward: @escaping (BackwardPass) -> Void
    ) {
        guard let tape = current else { return }
        if tape.checksFinite, tape.firstNotFinite == nil,
            outputs.contains(where: { seq_first_not_finite($0.pointer, $0.count) >= 0 })
        {
            tape.firstNotFinite = name
        }
        guard inputs.contains(where: tape.isTracked) else { return }
        tape.tracked.formUnion(outputs.map(\.id))
        tape.nodes.append(Node(name: name, outputs: outputs.map(\.id), backward: backward))
    }

    /// Runs the tape backwards from `output` and forgets it.
    func runBackward(from output: Tensor, into pass: BackwardPass) {
        pass.isNeeded = { [tracked] in tracked.contains($0) }
        pass.seed(output)
        while let node = nodes.popLast() {
            if node.outputs.contains(where: pass.hasGradient) { node.backward(pass) }
            for output in node.outputs { pass.discard(output) }
        }
        pass.finish()
    }
}

/// Gradients while they are being computed.
final class BackwardPass {
    private var gradients: [UInt64: Tensor] = [:]
    private var sinks: [UInt64: Tensor]
    private let sparseSinks: [UInt64: SparseGradient]
    private var filledSinks: Set<UInt64> = []
    private var products: [UInt64: [PendingProduct]] = [:]
    private var productOrder: [UInt64] = []
    fileprivate var isNeeded: (UInt64) -> Bool = { _ in false }

    /// - Parameters:
    ///   - sinks: where the gradients of parameters go, by the parameter's identity.
    ///   - sparseSinks: where those of tables go whose gradients are kept by rows.
    ///   - accumulates: whether gradients are added to what is there.
    init(
        sinks: [UInt64: Tensor], sparseSinks: [UInt64: SparseGradient] = [:],
        accumulates: Bool = false
    ) {
        self.sinks = sinks
        self.sparseSinks = sparseSinks
        if accumulates { filledSinks = Set(sinks.keys) }
        for sink in sparseSinks.values { sink.reset(accumulates: accumulates) }
    }

    fileprivate func seed(_ output: Tensor) {
        precondition(
            output.count == 1,
            "valueAndGradient: the loss has shape \(output.shape), not one element")
        accumulate(output) { pointer, beta in pointer[0] = 1 + (beta == 0 ? 0 : pointer[0]) }
    }

    fileprivate func hasGradient(_ id: UInt64) -> Bool { gradients[id] != nil }
    fileprivate func discard(_ id: UInt64) { gradients[id] = nil }

    /// The gradient of an output of the node that is running, if anything depended on it.
    func gradient(_ tensor: Tensor) -> Tensor? { gradients[tensor.id]?.reshaped(tensor.shape) }

    /// Whether anybody wants the gradient of `tensor`.
    func needs(_ tensor: Tensor) -> Bool { isNeeded(tensor.id) }

    /// Lets `write(destination, beta)` add to the gradient of `tensor`: destination = beta ·
    /// destination + …, with beta 0 the first time.
    ///
    /// Does nothing when nobody wants that gradient.
    func accumulate(_ tensor: Tensor, _ write: (UnsafeMutablePointer<Float>, Float) -> Void) {
        guard isNeeded(tensor.id) else { return }
        if let sink = sinks[tensor.id] {
            let isFirst = filledSinks.insert(tensor.id).inserted
            write(sink.pointer, isFirst ? 0 : 1)
        } else if let sink = sparseSinks[tensor.id] {
            // Somebody used the table as a whole.
            let all = Tensor(uninitialized: sink.shape)
            write(all.pointer, 0)
            sink.add(Array(0..<Int32(all.rows)), taking: all)
        } else if let existing = gradients[tensor.id] {
            write(existing.pointer, 1)
        } else {
            let fresh = Tensor(uninitialized: tensor.shape)
            gradients[tensor.id] = fresh
            write(fresh.pointer, 0)
        }
    }

    /// Like ``accumulate(_:_:)`` for writers that touch only a part: the destination starts as zeros.
    func accumulatePart(_ tensor: Tensor, _ add: (UnsafeMutablePointer<Float>) -> Void) {
        accumulate(tensor) { destination, beta in
            if beta == 0 { seq_fill(destination, 0, tensor.count) }
            add(destination)
        }
    }

    /// Adds the gradients of rows, which may repeat, of a table; the caller will not touch them again.
    func accumulateRows(_ table: Tensor, rows: [Int32], taking gradient: Tensor) {
        if let sink = sparseSinks[table.id] { return sink.add(rows, taking: gradient) }
        accumulatePart(table) { destination in
            seq_scatter_add_rows(
                destination, gradient.pointer, rows, rows.count, table.rowWidth)
        }
    }

    /// Whether the gradient of `tensor` has no place yet and none was given to it.
    private func isFree(_ tensor: Tensor) -> Bool {
        sinks[tensor.id] == nil && sparseSinks[tensor.id] == nil && gradients[tensor.id] == nil
    }

    /// Adds a ready gradient.
    func accumulate(_ tensor: Tensor, adding gradient: Tensor) {
        guard isNeeded(tensor.id) else { return }
        if isFree(tensor) {
            gradients[tensor.id] = gradient.copied()
            return
        }
        accumulate(tensor) { destination, beta in
            seq_axpby(destination, 1, gradient.pointer, beta, gradient.count)
        }
    }

    /// Takes a freshly made tensor as the gradient of one that has none yet.
    func adopt(_ gradient: Tensor, for tensor: Tensor) -> Bool {
        guard isNeeded(tensor.id) else { return true }
        guard isFree(tensor) else { return false }
        gradients[tensor.id] = gradient
        return true
    }

    // MARK: Gradients of weights

    private struct PendingProduct {
        let weight: Tensor
        let input: Tensor
        let gradient: Tensor
        let precision: Precision
    }

    /// Adds inputᵀ·gradient to the gradient of `weight`.
    ///
    /// A weight that is used at many time steps gets one product over all of them when the pass
    /// ends.
    func accumulateProduct(weight: Tensor, input: Tensor, gradient: Tensor, precision: Precision) {
        guard isNeeded(weight.id) else { return }
        let pending = PendingProduct(
            weight: weight, input: input, gradient: gradient, precision: precision)
        guard sinks[weight.id] != nil else {
            multiply(weight, input: input, gradient: gradient, precision: precision)
            return
        }
        let key = weight.id
        if products[key] == nil { productOrder.append(key) }
        products[key, default: []].append(pending)
        // A whole-sequence product is worth doing at once, so that its operands can be let go.
        if products[key]?.count == 1, input.rows >= 256 { flush(key) }
    }

    private func multiply(_ weight: Tensor, input: Tensor, gradient: Tensor, precision: Precision) {
        let (inputs, outputs) = (input.rowWidth, gradient.rowWidth)
        accumulate(weight) { destination, beta in
            seq_matmul(
                true, false, Int32(inputs), Int32(outputs), Int32(input.rows), input.pointer,
                Int32(inputs), gradient.pointer, Int32(outputs), beta, destination, Int32(outputs),
                precision.kernelValue)
        }
    }

    private func flush(_ key: UInt64) {
        guard let pending = products.removeValue(forKey: key), let first = pending.first else {
            return
        }
        if pending.count == 1 {
            multiply(
                first.weight, input: first.input, gradient: first.gradient,
                precision: first.precision)
            return
        }
        multiply(
            first.weight, input: joinedRows(pending.map(\.input)),
            gradient: joinedRows(pending.map(\.gradient)), precision: first.precision)
    }

    private var joined: [[UInt64]: Tensor] = [:]

    /// The rows of all tensors in one; the same list is joined once, since the gates of a cell meet
    /// several weights.
    private func joinedRows(_ parts: [Tensor]) -> Tensor {
        let key = parts.map(\.id)
        if let found = joined[key] { return found }
        let width = parts[0].rowWidth
        let result = Tensor(uninitialized: [parts.reduce(0) { $0 + $1.rows }, width])
        var row = 0
        for part in parts {
            (result.pointer + row * width).update(from: part.pointer, count: part.count)
            row += part.rows
        }
        joined[key] = result
        return result
    }

    fileprivate func finish() {
        for key in productOrder { flush(key) }
        for (id, sink) in sinks where !filledSinks.contains(id) {
            seq_fill(sink.pointer, 0, sink.count)
        }
        for sink in sparseSinks.values { sink.finish() }
    }
}

extension Tensor {
    func copied() -> Tensor {
        let copy = Tensor(uninitialized: shape)
        copy.pointer.update(from: pointer, count: count)
        return copy
    }
}

/// Runs `body` and computes the gradient of its result with respect to each of `variables`.
///
/// - Parameters:
///   - variables: what the result depends on.
///   - body: computes the loss, a tensor of one element, from the variables.
/// - Returns: the loss and the gradients, shaped like the variables.
public func valueAndGradient(
    of variables: [Tensor], _ body: () throws -> Tensor
) rethrows -> (value: Tensor, gradients: [Tensor]) {
    let gradients = variables.map { Tensor(uninitialized: $0.shape) }
    let value = try valueAndGradient(of: variables, into: gradients, body)
    return (value, gradients)
}

/// Like ``valueAndGradient(of:_:)``, writing the gradients to tensors that exist.
///
/// - Parameters:
///   - tables: further variables, whose gradients are kept by rows.
///   - accumulates: whether gradients are added to those that are there; no variable may then be given
///     twice.
package func valueAndGradient(
    of variables: [Tensor], into gradients: [Tensor],
    tables: [(variable: Tensor, gradient: SparseGradient)] = [], accumulates: Bool = false,
    _ body: () throws -> Tensor
) rethrows -> Tensor {
    let tape = Tape(tracking: variables + tables.map(\.variable))
    let value = try Tape.$current.withValue(tape) { try body() }
    let sinks = Dictionary(
        zip(variables.map(\.id), gradients), uniquingKeysWith: { first, _ in first })
    let sparseSinks = Dictionary(
        uniqueKeysWithValues: tables.map { ($0.variable.id, $0.gradient) })
    tape.runBackward(
        from: value,
        into: BackwardPass(sinks: sinks, sparseSinks: sparseSinks, accumulates: accumulates))
    for (variable, gradient) in zip(variables, gradients) {
        // A variable that is given twice has its gradient twice.
        guard let first = sinks[variable.id], first.pointer != gradient.pointer else { continue }
        gradient.pointer.update(from: first.pointer, count: first.count)
    }
    return value.detached()
}

/// Runs `body` and returns the name of the first operation whose result is not finite.
package func firstNotFiniteOperation(_ body: () throws -> Void) rethrows -> String? {
    let tape = Tape(tracking: [], checksFinite: true)
    try Tape.$current.withValue(tape) { try body() }
    return tape.firstNotFinite.map { "\($0)" }
}

/// Runs `body` outside the tape: nothing that it computes has a gradient.
public func withoutGradient<Result>(_ body: () throws -> Result) rethrows -> Result {
    try Tape.$current.withValue(nil) { try body() }
}
