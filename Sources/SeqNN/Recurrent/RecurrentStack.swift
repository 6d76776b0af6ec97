public import SeqTensor

/// Recurrent layers on top of each other.
///
/// Parameters: those of the cells under `layers.N.forward` and `layers.N.backward`; for highway
/// connections `layers.N.highway.weight` and `.bias`.
public struct RecurrentStack: Sendable {
    /// How the states of two directions become one vector.
    public enum Summary: String, Codable, Sendable, CaseIterable {
        /// Beside each other; each direction has half of the width.
        case concat
        /// Added up; each direction has the full width.
        case sum
    }

    /// The directions of each layer: one or two.
    public let layers: [[any RecurrentCell]]
    /// The features of the output of each layer, all directions together.
    public let outputs: Int
    private let configuration: RecurrentConfiguration
    private let summary: Summary
    private let reducesTime: Bool
    private let highways: [Linear?]

    /// Creates a stack.
    ///
    /// - Parameters:
    ///   - configuration: cell and connections.
    ///   - inputs: features of the input.
    ///   - hidden: width of a layer's output, all directions together.
    ///   - layers: how many layers.
    ///   - bidirectionalLayers: how many of them, from the bottom, also run from the last step to the
    ///     first.
    ///   - summary: how two directions are joined.
    ///   - reducesTime: whether each layer but the first joins every two steps of its input to one, as
    ///     in the pyramid of Chan et al. 2016.
    public init(
        _ configuration: RecurrentConfiguration, inputs: Int, hidden: Int, layers: Int,
        bidirectionalLayers: Int = 0, summary: Summary = .concat, reducesTime: Bool = false,
        in scope: ParameterScope
    ) throws {
        self.configuration = configuration
        self.summary = summary
        self.reducesTime = reducesTime
        outputs = hidden
        var cells: [[any RecurrentCell]] = []
        var highways: [Linear?] = []
        for layer in 0..<layers {
            let names = layer < bidirectionalLayers ? ["forward", "backward"] : ["forward"]
            let scope = scope.scope("layers.\(layer)")
            let width = layer == 0 ? inputs : reducesTime ? 2 * hidden : hidden
            cells.append(
                try names.map { name in
                    try configuration.makeCell(
                        inputs: width,
                        hidden: summary == .concat ? hidden / names.count : hidden,
                        in: scope.scope(name))
                })
            highways.append(
                configuration.connection == .highway && width == hidden
                    ? try Linear(hidden, hidden, in: scope.scope("highway")) : nil)
        }
        self.layers = cells
        self.highways = highways
    }

    /// The number of tensors in the state of a layer.
    public var stateCount: Int { layers[0][0].stateCount }

    /// The numbers of the states of all layers in one direction, and once more where rows are chosen anew.
    public var numbersPerRow: Int { 2 * layers.count * stateCount * outputs + 2 * projectedWidth }

    /// The numbers that a layer over whole sequences works with for each step: input, pre-activations, and
    /// the states of all directions.
    public var numbersPerStep: Int {
        layers.map { cells in
            cells.reduce(3 * outputs) { $0 + $1.projectedWidth + ($1.stateCount + 1) * $1.hidden }
        }.max() ?? 0
    }

    /// Whether dropout keeps one mask for all steps of a sequence.
    public var hasVariationalDropout: Bool { configuration.hasVariationalDropout }

    /// Whether something happens to states between two steps.
    private var changesStates: Bool {
        configuration.stateDropout > 0 || configuration.zoneout > 0
    }

    /// Runs over a ragged batch.
    ///
    /// - Parameters:
    ///   - input: `[steps, inputs]`.
    ///   - initial: the state of each layer, `[batch, hidden]`, for stacks in one direction; zeros if
    ///     nil.
    ///   - dropout: between layers.
    /// - Returns: the outputs of the last layer, `[steps, outputs]`, and the final state of each layer,
    ///   directions joined.
    public func callAsFunction(
        _ input: Sequences, initial: [RecurrentState]? = nil, dropout: inout Dropout
    ) -> (output: Sequences, final: [RecurrentState]) {
        var current = input
        var final: [RecurrentState] = []
        for (index, cells) in layers.enumerated() {
            if index > 0 {
                if reducesTime { current = current.pairsJoined() }
                current = dropout(current, isVariational: configuration.hasVariationalDropout)
            }
            let (output, states) = run(
                cells, current, initial: initial.map { [$0[index]] }, dropout: &dropout)
            current = current.with(
                connected(joined(output.steps, count: cells.count), to: current.steps, layer: index)
            )
            final.append(
                RecurrentState(
                    states[0].tensors.indices.map { part in
                        joined(
                            .concatenatingColumns(states.map { $0.tensors[part] }),
                            count: cells.count)
                    }))
        }
        return (current, final)
    }

    private func run(
        _ cells: [any RecurrentCell], _ input: Sequences, initial: [RecurrentState]?,
        dropout: inout Dropout
    ) -> (output: Sequences, final: [RecurrentState]) {
        let backward = cells.count > 1 ? cells[1] : nil
        guard changesStates else {
            return cells[0].layer(input, backward: backward, initial: initial)
        }
        let masks = cells.map { cell in
            dropout.mask(
                rows: input.layout.batch, width: cell.hidden, rate: configuration.stateDropout)
        }
        return cells[0].stepwiseLayer(
            input, backward: backward, initial: initial, masks: masks,
            zoneout: configuration.zoneout, dropout: &dropout)
    }

    /// Two directions, which stand beside each other, as one vector.
    private func joined(_ directions: Tensor, count: Int) -> Tensor {
        guard count > 1, summary == .sum else { return directions }
        return directions.columns(0..<outputs) + directions.columns(outputs..<(2 * outputs))
    }

    /// The output of a layer together with what goes around it.
    private func connected(_ output: Tensor, to input: Tensor, layer: Int) -> Tensor {
        guard input.rowWidth == output.rowWidth else { return output }
        switch configuration.connection {
        case .plain: return output
        case .residual: return output + input
        case .highway:
            guard let highway = highways[layer] else { return output }
            let gate = highway(input).sigmoid()
            return input + gate * (output - input)
        }
    }

    // MARK: Step by step, in one direction

    /// A state for steps, with the masks that stay the same for all of them.
    public func start(_ layers: [RecurrentState], dropout: inout Dropout) -> RecurrentStackState {
        var state = RecurrentStackState(layers)
        let rows = layers[0].hidden.rows
        for index in self.layers.indices {
            state.inputMasks.append(
                configuration.hasVariationalDropout && index > 0
                    ? dropout.mask(rows: rows, width: outputs, rate: dropout.rate) : nil)
            state.stateMasks.append(
                dropout.mask(rows: rows, width: outputs, rate: configuration.stateDropout))
        }
        if configuration.hasVariationalDropout {
            state.outputMask = dropout.mask(rows: rows, width: outputs, rate: dropout.rate)
        }
        return state
    }

    /// The share of `input`, `[rows, inputs]`, in the first layer's pre-activations, bias included.
    public func projected(_ input: Tensor) -> Tensor { layers[0][0].projected(input) }

    /// The width of ``projected(_:)`` and of the weight of any further input of any layer.
    public var projectedWidth: Int { layers[0][0].projectedWidth }

    /// One time step of a stack in one direction.
    ///
    /// - Parameters:
    ///   - input: `[rows, inputs]`; connections need it, the first cell sees `projected`.
    ///   - projected: what ``projected(_:)`` made of the input.
    ///   - state: updated.
    ///   - extra: for each layer, further inputs and their weights `[width, projectedWidth]`.
    ///   - dropout: between layers.
    /// - Returns: the output of the last layer, `[rows, outputs]`.
    public func step(
        _ input: Tensor, projected: Tensor, state: inout RecurrentStackState,
        extra: [[(input: Tensor, weight: Tensor)]] = [], dropout: inout Dropout
    ) -> Tensor {
        var current = input
        for index in layers.indices {
            current = stepLayer(
                index, current, projected: index == 0 ? projected : nil, state: &state,
                extra: index < extra.count ? extra[index] : [], dropout: &dropout)
        }
        return current
    }

    /// One time step of one layer; see ``step(_:projected:state:extra:dropout:)``.
    public func stepLayer(
        _ index: Int, _ input: Tensor, projected: Tensor?, state: inout RecurrentStackState,
        extra: [(input: Tensor, weight: Tensor)], dropout: inout Dropout
    ) -> Tensor {
        let cell = layers[index][0]
        var input = input
        if index > 0 {
            input =
                configuration.hasVariationalDropout
                ? state.inputMasks[index].map { input * $0 } ?? input : dropout(input)
        }
        pass(
            cell, projected ?? cell.projected(input), extra: extra, layer: index, state: &state,
            dropout: &dropout)
        return connected(state.layers[index].hidden, to: input, layer: index)
    }

    /// Passes the state of a layer through a cell, with the mask of the layer and zoneout.
    ///
    /// - Parameters:
    ///   - cell: one of the stack, or another that changes the same state.
    ///   - projected: what the cell made of its input.
    ///   - extra: further inputs and their weights.
    ///   - layer: whose state it is.
    ///   - state: updated.
    ///   - dropout: where the choices of zoneout come from.
    public func pass(
        _ cell: any RecurrentCell, _ projected: Tensor,
        extra: [(input: Tensor, weight: Tensor)] = [], layer: Int,
        state: inout RecurrentStackState, dropout: inout Dropout
    ) {
        let previous = state.layers[layer]
        let next = cell.step(
            projected, extra: extra, state: previous, mask: state.stateMasks[layer])
        state.layers[layer] = next.zonedOut(
            from: previous, rate: configuration.zoneout, dropout: &dropout)
    }
}
