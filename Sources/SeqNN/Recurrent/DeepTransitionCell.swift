public import SeqTensor

/// A deep transition from one state to the next (Pascanu and others 2014; Miceli Barone and others
/// 2017).
///
/// In each time step the state passes several cells of one kind, of which the first sees the input and
/// the others have their biases in its place.
///
/// Parameters: those of the first cell under their own names, those of the others under
/// `transitions.N`, from 0.
public struct DeepTransitionCell: RecurrentCell {
    private let first: any RecurrentCell
    private let transitions: [any RecurrentCell]

    /// The width of the hidden state.
    public var hidden: Int { first.hidden }
    /// That of one cell.
    public var stateCount: Int { first.stateCount }
    /// That of the first cell.
    public var projectedWidth: Int { first.projectedWidth }

    /// Creates a cell that is made of `depth` cells of a kind whose steps see the hidden state.
    public init(
        _ kind: RecurrentCellKind, inputs: Int, hidden: Int, depth: Int, in scope: ParameterScope
    ) throws {
        precondition(
            depth >= 1 && kind.seesHiddenState,
            "DeepTransitionCell: \(depth) cells of the kind \(kind.rawValue)")
        first = try kind.cell(inputs: inputs, hidden: hidden, in: scope)
        transitions = try (0..<depth - 1).map {
            try kind.cell(inputs: 0, hidden: hidden, in: scope.scope("transitions.\($0)"))
        }
    }

    /// The inputs' share in the first cell.
    public func projected(_ input: Tensor) -> Tensor { first.projected(input) }

    /// One time step through all cells, which share the mask.
    public func step(
        _ projected: Tensor, extra: [(input: Tensor, weight: Tensor)], state: RecurrentState,
        mask: Tensor?
    ) -> RecurrentState {
        let noInput = Tensor.zeros([state.hidden.rows, 0])
        return transitions.reduce(first.step(projected, extra: extra, state: state, mask: mask)) {
            state, cell in
            cell.step(cell.projected(noInput), extra: [], state: state, mask: mask)
        }
    }
}
