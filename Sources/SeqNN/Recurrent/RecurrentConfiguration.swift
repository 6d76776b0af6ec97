/// What a recurrent stack is made of, beside its sizes.
public struct RecurrentConfiguration: Codable, Sendable, Hashable {
    /// How a layer's input reaches its output beside the layer.
    public enum Connection: String, Codable, Sendable, CaseIterable {
        /// Not at all.
        case plain
        /// output + input (He et al. 2016; Wu et al. 2016).
        case residual
        /// t ⊙ output + (1 - t) ⊙ input with t = σ(W·input + b) (Srivastava et al. 2015).
        case highway
    }

    /// The cell.
    public var cell = RecurrentCellKind.lstm
    /// The way around each layer whose input is as wide as its output.
    public var connection = Connection.plain
    /// The number of cells that a state passes in one time step (Pascanu and others 2014).
    public var transitionDepth = 1
    /// Whether dropout keeps one mask for all steps of a sequence (Gal & Ghahramani 2016).
    public var hasVariationalDropout = false
    /// The probability of dropping an element of the state where it enters the recurrent product, with
    /// one mask for all steps (Gal & Ghahramani 2016).
    public var stateDropout: Float = 0
    /// The probability that an element of the state keeps its value in a step (Krueger and others 2017).
    public var zoneout: Float = 0

    /// Creates the default configuration: a plain LSTM.
    public init() {}

    private enum CodingKeys: String, CodingKey {
        case cell, connection, zoneout
        case transitionDepth = "transition_depth"
        case hasVariationalDropout = "variational_dropout"
        case stateDropout = "state_dropout"
    }

    /// A cell of the configured kind and depth.
    public func makeCell(
        inputs: Int, hidden: Int, in scope: ParameterScope
    ) throws -> any RecurrentCell {
        guard transitionDepth > 1 else {
            return try cell.cell(inputs: inputs, hidden: hidden, in: scope)
        }
        return try DeepTransitionCell(
            cell, inputs: inputs, hidden: hidden, depth: transitionDepth, in: scope)
    }
}
