import SeqNN
import SeqTensor

/// Which side a context gate weighs.
///
/// Tu and others 2017, "Context gates for neural machine translation".
public enum ContextGate: String, Codable, Sendable, CaseIterable {
    /// No gate.
    case none
    /// The gate scales the context of the source.
    case source
    /// The gate scales what the target side knows.
    case target
    /// The gate scales the context, and one less the gate the target side.
    case both
}

/// The vector that the output layer sees: tanh(W_h·state + W_c·context + W_e·embedding).
///
/// It is the attentional vector of Luong et al. 2015 (eq. 5) and the output of Bahdanau et al. 2015.
///
/// With a context gate z = σ(U_h·state + U_c·context + U_e·embedding + b) the source's share is z ⊙
/// (W_c·context), the target's (1 - z) ⊙ (the rest), according to the gate's kind.
///
/// Parameters: `state_weight` `[hidden, outputs]`, `context_weight` `[context, outputs]`,
/// `embedding_weight` `[embedding, outputs]`, and for the gate `gate_state_weight`,
/// `gate_context_weight`, `gate_embedding_weight` of the same shapes and `gate_bias` `[outputs]`.
struct Readout: Sendable {
    private let gate: ContextGate
    private let weights: Weights
    private let gateWeights: Weights?
    private let gateBias: Parameter?

    private struct Weights: Sendable {
        let context: Parameter
        let state: Parameter
        let embedding: Parameter?

        init(
            _ prefix: String, state: Int, context: Int, embedding: Int?, outputs: Int,
            in scope: ParameterScope
        ) throws {
            self.context = try scope.parameter(
                "\(prefix)context_weight", [context, outputs], .weight)
            self.state = try scope.parameter("\(prefix)state_weight", [state, outputs], .weight)
            self.embedding = try embedding.map {
                try scope.parameter("\(prefix)embedding_weight", [$0, outputs], .weight)
            }
        }
    }

    /// - Parameters:
    ///   - state: width of the decoder's state.
    ///   - context: width of the context.
    ///   - embedding: width of the embedded last token, if the vector sees it.
    ///   - outputs: width of the vector.
    init(
        state: Int, context: Int, embedding: Int?, outputs: Int, gate: ContextGate,
        in scope: ParameterScope
    ) throws {
        self.gate = gate
        weights = try Weights(
            "", state: state, context: context, embedding: embedding, outputs: outputs, in: scope)
        guard gate != .none else {
            (gateWeights, gateBias) = (nil, nil)
            return
        }
        gateWeights = try Weights(
            "gate_", state: state, context: context, embedding: embedding, outputs: outputs,
            in: scope)
        gateBias = try scope.parameter("gate_bias", [outputs], .bias)
    }

    /// The vectors, `[rows, outputs]`.
    func callAsFunction(state: Tensor, context: Tensor, embedded: Tensor) -> Tensor {
        var target = [(state, weights.state.value)]
        if let weight = weights.embedding { target.append((embedded, weight.value)) }
        let source = [(context, weights.context.value)]
        guard let gateWeights, let gateBias else { return affine(source + target).tanh() }
        var terms = [(state, gateWeights.state.value), (context, gateWeights.context.value)]
        if let weight = gateWeights.embedding { terms.append((embedded, weight.value)) }
        let z = affine(terms, bias: gateBias.value).sigmoid()
        let (ofSource, ofTarget) = (affine(source), affine(target))
        switch gate {
        case .none, .source: return (z * ofSource + ofTarget).tanh()
        case .target: return (ofSource + z * ofTarget).tanh()
        case .both: return (z * (ofSource - ofTarget) + ofTarget).tanh()
        }
    }
}
