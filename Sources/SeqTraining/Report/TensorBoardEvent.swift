import SeqFiles
import SeqData

/// One record of an event file, in the words of TensorBoard's `event.proto` and `summary.proto`.
struct TensorBoardEvent {
    /// Seconds since 1970.
    var wallTime: Double
    /// Updates before it.
    var step: Int
    var content: Content

    enum Content {
        /// What an event file starts with.
        case fileVersion
        /// A session that goes on: readers forget what earlier ones have written of `step` and after.
        case sessionStart
        /// Values under their tags.
        case summary([(tag: String, value: Value)])
    }

    enum Value {
        case scalar(Float)
        case histogram(Histogram)
        /// A PNG file.
        case image(width: Int, height: Int, png: [UInt8])
        /// Text in Markdown.
        case text(String)
    }

    /// The message.
    var message: [UInt8] {
        var event = ProtocolBuffer()
        event.add(1, wallTime)
        event.add(2, step)
        switch content {
        case .fileVersion: event.add(3, "brain.Event:2")
        case .sessionStart: event.add(7) { $0.add(1, 1) }
        case .summary(let values):
            event.add(5) { summary in
                for (tag, value) in values {
                    summary.add(1) {
                        $0.add(1, tag)
                        value.write(to: &$0)
                    }
                }
            }
        }
        return event.bytes
    }

    /// The message as a record of a TFRecord file: its length, its bytes, and the checksums of both.
    var record: [UInt8] {
        let message = message
        let length = bytes(UInt64(message.count))
        return length + bytes(CRC32C.masked(length)) + message + bytes(CRC32C.masked(message))
    }

    private func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
}

extension TensorBoardEvent.Value {
    fileprivate func write(to value: inout ProtocolBuffer) {
        switch self {
        case .scalar(let number): value.add(2, number)
        case .image(let width, let height, let png):
            value.add(4) {
                $0.add(1, height)
                $0.add(2, width)
                // The number of colour channels.
                $0.add(3, 1)
                $0.add(4, png)
            }
        case .histogram(let histogram):
            value.add(5) {
                $0.add(1, histogram.minimum)
                $0.add(2, histogram.maximum)
                $0.add(3, Double(histogram.count))
                $0.add(4, histogram.sum)
                $0.add(5, histogram.sumOfSquares)
                $0.add(6, histogram.buckets.map(\.limit))
                $0.add(7, histogram.buckets.map { Double($0.count) })
            }
        case .text(let text):
            value.add(8) {
                // DT_STRING, and the shape [1].
                $0.add(1, 7)
                $0.add(2) { $0.add(2) { $0.add(1, 1) } }
                $0.add(8, text)
            }
            value.add(9) { $0.add(1) { $0.add(1, "text") } }
        }
    }
}
