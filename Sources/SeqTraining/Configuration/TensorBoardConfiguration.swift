/// What a run writes for TensorBoard, in `tensorboard/` of its folder.
public struct TensorBoardConfiguration: Codable, Sendable, Hashable {
    /// Whether event files are written.
    public var enabled = true
    /// Whether they hold, at each validation, histograms of each parameter and of its last gradient.
    public var histograms = true

    /// Creates the default configuration.
    public init() {}
}
