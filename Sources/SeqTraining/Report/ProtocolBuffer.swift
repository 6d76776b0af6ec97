/// A message in the wire format of Protocol Buffers, written field by field.
///
/// Only what event files need: numbers, doubles, floats, bytes, messages and packed doubles
/// (protobuf.dev, Encoding).
struct ProtocolBuffer {
    private(set) var bytes: [UInt8] = []

    private enum WireType: UInt64 {
        case varint = 0
        case fixed64 = 1
        case lengthDelimited = 2
        case fixed32 = 5
    }

    mutating func add(_ field: UInt64, _ value: Int) {
        key(field, .varint)
        varint(UInt64(bitPattern: Int64(value)))
    }

    mutating func add(_ field: UInt64, _ value: Double) {
        key(field, .fixed64)
        append(value.bitPattern)
    }

    mutating func add(_ field: UInt64, _ value: Float) {
        key(field, .fixed32)
        append(value.bitPattern)
    }

    mutating func add(_ field: UInt64, _ value: some Collection<UInt8>) {
        key(field, .lengthDelimited)
        varint(UInt64(value.count))
        bytes += value
    }

    mutating func add(_ field: UInt64, _ value: String) { add(field, value.utf8) }

    mutating func add(_ field: UInt64, _ values: [Double]) {
        var packed = ProtocolBuffer()
        for value in values { packed.append(value.bitPattern) }
        add(field, packed.bytes)
    }

    /// Adds the message that `fill` writes.
    mutating func add(_ field: UInt64, _ fill: (inout ProtocolBuffer) -> Void) {
        var message = ProtocolBuffer()
        fill(&message)
        add(field, message.bytes)
    }

    private mutating func key(_ field: UInt64, _ type: WireType) {
        varint(field << 3 | type.rawValue)
    }

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    private mutating func append(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
    }
}
