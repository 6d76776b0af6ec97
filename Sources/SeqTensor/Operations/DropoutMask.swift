import CSeqKernels

/// Which elements drop out in an operation that applies dropout itself.
///
/// It holds a rate and a place in a generator's streams instead of the elements, so that the backward
/// pass draws the same ones again.
public struct DropoutMask: Sendable {
    /// The probability with which an element drops out.
    public let rate: Float
    private let key: UInt64
    private let stream: UInt64

    /// Takes the next stream of `generator`.
    public init(rate: Float, using generator: inout RandomGenerator) {
        precondition((0..<1).contains(rate), "DropoutMask: rate \(rate) is not in 0..<1")
        self.rate = rate
        key = generator.key
        stream = generator.nextStream()
    }

    private init() { (rate, key, stream) = (0, 0, 0) }

    /// The mask under which everything stays.
    public static let none = DropoutMask()

    var kernelValue: seq_mask { seq_mask(rate: rate, key: key, stream: stream) }
}
