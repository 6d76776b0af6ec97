#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Returns `value` with a fixed number of decimals, rounded as C and Python do.
///
/// Foundation's `String(format:)` would bring ICU and a slower start for these few digits.
///
/// An undefined value is `-`.
func fixedPoint(_ value: Double, decimals: Int) -> String {
    guard value.isFinite else { return "-" }
    return withVaList([Int32(clamping: decimals), value]) { arguments in
        // The longest double has 309 digits before the point.
        let capacity = 320 + max(0, decimals)
        return String(unsafeUninitializedCapacity: capacity) { buffer in
            buffer.withMemoryRebound(to: CChar.self) { characters in
                Int(vsnprintf(characters.baseAddress, capacity, "%.*f", arguments))
            }
        }
    }
}
