/// A number of bytes as people write it: `4GB`, `1.5 GB`, `800MB`, in powers of 1000 as for disks, or
/// with `GiB` and `MiB` in powers of 1024.
package struct ByteCount: Sendable, Hashable, CustomStringConvertible {
    package let bytes: Int

    private static let units: [(name: String, size: Double)] = [
        ("kib", 0x1p10), ("mib", 0x1p20), ("gib", 0x1p30), ("tib", 0x1p40),
        ("kb", 1e3), ("mb", 1e6), ("gb", 1e9), ("tb", 1e12), ("b", 1),
    ]

    package init(_ bytes: Int) { self.bytes = bytes }

    /// Reads a size; nil unless it is a number with a unit.
    package init?(_ text: String) {
        let text = text.lowercased()
        guard let unit = ByteCount.units.first(where: { text.hasSuffix($0.name) }) else {
            return nil
        }
        let digits = text.dropLast(unit.name.count).filter { $0 != " " }
        guard let number = Double(digits), number.isFinite, number >= 0, number * unit.size < 0x1p62
        else { return nil }
        bytes = Int(number * unit.size)
    }

    /// Rounded, in the largest of kB, MB and GB that leaves more than nine of it.
    package var description: String {
        let units: [(name: String, size: Int)] = [("GB", 1_000_000_000), ("MB", 1_000_000)]
        let (name, size) = units.first { bytes >= 10 * $0.size } ?? ("kB", 1000)
        return "\(bytes / size + (bytes % size >= size / 2 ? 1 : 0)) \(name)"
    }
}
