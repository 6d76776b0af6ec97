/// The version of the package.
public enum Seq2SeqVersion {
    /// Major, minor and patch.
    public static let current = "0.1.0"
}
