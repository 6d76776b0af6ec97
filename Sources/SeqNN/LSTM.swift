public import SeqTensor

/// One direction of one LSTM layer.
public struct LSTMDirection: Sendable {
    let input: Parameter
    let recurrent: Parameter
    let bias: Parameter

    init(inputs: Int, hidden: Int, in scope: ParameterScope) throws {
        input = try scope.parameter("input_weight", [inputs, 4 * hidden], .weight)
        recurrent = try scope.parameter(
            "recurrent_weight", [hidden, 4 * hidden], .recurrent(gates: 4))
        bias = try scope.parameter("bias", [4 * hidden], .bias)
    }

    /// The weights as the operations take them.
    public var weights: LSTMWeights {
        LSTMWeights(input: input.value, recurrent: recurrent.value, bias: bias.value)
    }
}

/// A stack of LSTM layers, in one direction or in both.
///
/// Parameters: `layers.N.forward.input_weight` `[inputs, 4 · hidden]`, `.recurrent_weight`
/// `[hidden, 4 · hidden]`, `.bias` `[4 · hidden]`, and the same under `layers.N.backward`; gates stand
/// in PyTorch's order i, f, g, o.
public struct LSTM: Sendable {
    /// The directions of each layer: one or two.
    public let layers: [[LSTMDirection]]
    /// The width of the state of one direction.
    public let hidden: Int

    /// Creates a stack.
    ///
    /// - Parameters:
    ///   - inputs: features of the input.
    ///   - hidden: width of the state of one direction.
    ///   - layers: how many layers.
    ///   - isBidirectional: whether each layer also runs from the last step to the first.
    public init(
        inputs: Int, hidden: Int, layers: Int, isBidirectional: Bool = false,
        in scope: ParameterScope
    ) throws {
        self.hidden = hidden
        let names = isBidirectional ? ["forward", "backward"] : ["forward"]
        self.layers = try (0..<layers).map { layer in
            try names.map { name in
                try LSTMDirection(
                    inputs: layer == 0 ? inputs : hidden * names.count, hidden: hidden,
                    in: scope.scope("layers.\(layer).\(name)"))
            }
        }
    }

    /// The features of the output: the states of all directions.
    public var outputs: Int { hidden * (layers.first?.count ?? 1) }

    /// Runs over a ragged batch.
    ///
    /// - Parameters:
    ///   - input: `[steps, inputs]`.
    ///   - initial: a state a layer and direction, `[batch, hidden]` each; zeros if nil.
    ///   - dropout: between layers.
    /// - Returns: the states of the last layer, `[steps, outputs]`, and the final state of each layer
    ///   and direction.
    public func callAsFunction(
        _ input: Sequences, initial: [[LSTMState]]? = nil, dropout: inout Dropout
    ) -> (output: Sequences, final: [[LSTMState]]) {
        var current = input
        var final: [[LSTMState]] = []
        for (index, layer) in layers.enumerated() {
            if index > 0 { current = current.with(dropout(current.steps)) }
            let (output, state) = lstmLayer(
                current, forward: layer[0].weights,
                backward: layer.count > 1 ? layer[1].weights : nil, initial: initial?[index])
            current = output
            final.append(state)
        }
        return (current, final)
    }

    /// The share of `input`, `[rows, inputs]`, in the first layer's pre-activations, bias included:
    /// `[rows, 4 · hidden]`.
    ///
    /// It does not wait for the state, so that it is computed for all time steps at once.
    public func projected(_ input: Tensor) -> Tensor {
        let weights = layers[0][0].weights
        return affine([(input, weights.input)], bias: weights.bias)
    }

    /// One time step of a stack in one direction.
    ///
    /// - Parameters:
    ///   - input: `[batch, inputs]`, or what `preactivation` replaces it by.
    ///   - states: the state of each layer; updated.
    ///   - extra: a further input of the first layer and its weight, such as a fed back vector.
    ///   - preactivation: input·W + b of the first layer, if computed beforehand.
    ///   - dropout: between layers.
    /// - Returns: the hidden state of the last layer, `[batch, hidden]`.
    public func step(
        _ input: Tensor, states: inout [LSTMState], extra: (input: Tensor, weight: Tensor)? = nil,
        preactivation: Tensor? = nil, dropout: inout Dropout
    ) -> Tensor {
        var current = input
        for (index, layer) in layers.enumerated() {
            let weights = layer[0].weights
            var terms = [(input: states[index].hidden, weight: weights.recurrent)]
            var addend: Tensor?
            if index == 0 {
                if let extra { terms.append(extra) }
                addend = preactivation
            } else {
                current = dropout(current)
            }
            if addend == nil { terms.append((current, weights.input)) }
            let gates = affine(terms, bias: addend == nil ? weights.bias : nil, addend: addend)
            states[index] = lstmCell(gates, cell: states[index].cell)
            current = states[index].hidden
        }
        return current
    }
}
