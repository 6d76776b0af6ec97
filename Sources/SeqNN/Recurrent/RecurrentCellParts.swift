import SeqTensor

/// The inputs' weight of a recurrent cell.
///
/// A cell that only carries on what another has begun in the same time step has no inputs, and no such
/// weight.
struct InputWeight: Sendable {
    private let weight: Parameter?
    private let width: Int

    /// Makes the parameter `input_weight` `[inputs, width]`, unless `inputs` is 0.
    init(_ inputs: Int, width: Int, in scope: ParameterScope) throws {
        weight = inputs > 0 ? try scope.parameter("input_weight", [inputs, width], .weight) : nil
        self.width = width
    }

    /// x·W + b for inputs `[rows, inputs]`.
    func projected(_ input: Tensor, bias: Tensor? = nil) -> Tensor {
        if let weight { return affine([(input, weight.value)], bias: bias) }
        guard let bias else { return .zeros([input.rows, width]) }
        return bias.reshaped([1, width])
            .gatheringRows([Int32](repeating: 0, count: input.rows))
    }

    /// The weight, for a layer over inputs.
    var value: Tensor {
        guard let weight else { preconditionFailure("RecurrentCell: no inputs to run over") }
        return weight.value
    }
}

extension Tensor {
    /// The inputs' share of the pre-activations with that of further inputs.
    func adding(_ extra: [(input: Tensor, weight: Tensor)]) -> Tensor {
        extra.isEmpty ? self : affine(extra, addend: self)
    }
}

extension RecurrentState {
    /// The hidden state as it enters the recurrent product.
    func hidden(masked mask: Tensor?) -> Tensor { mask.map { hidden * $0 } ?? hidden }
}

extension RecurrentCell {
    /// The cell of the other direction, which must have this one's type.
    func counterpart(_ other: (any RecurrentCell)?) -> Self? {
        other.map { other in
            guard let cell = other as? Self else {
                preconditionFailure("\(Self.self): the other direction is \(type(of: other))")
            }
            return cell
        }
    }
}
