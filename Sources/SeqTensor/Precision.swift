import CSeqKernels

/// The number type of the inputs of matrix products.
///
/// Sums and results are always float32.
public enum Precision: String, Sendable, Hashable, Codable, CaseIterable {
    /// 32-bit floating point.
    case float32
    /// bfloat16: the exponent of float32 with 8 bits of mantissa; up to twice as fast where the
    /// processor multiplies it, the same numbers by rounding where it does not.
    case bfloat16

    /// The precision of products in the current task.
    @TaskLocal public static var current: Precision = .float32

    /// The size of a number.
    var bytes: Int { self == .bfloat16 ? 2 : 4 }

    var kernelValue: seq_precision { self == .bfloat16 ? SEQ_BFLOAT16 : SEQ_FLOAT32 }
}
