/// How often numbers of each size occur, in buckets that grow with the size, four for each doubling.
struct Histogram: Equatable {
    /// A bucket holds the numbers between the limit of the one before and its own.
    struct Bucket: Equatable {
        var limit: Double
        var count: Int
    }

    var minimum = 0.0
    var maximum = 0.0
    /// The number of numbers that are finite; others are left out.
    var count = 0
    var sum = 0.0
    var sumOfSquares = 0.0
    /// In ascending order; runs of empty ones are joined.
    var buckets: [Bucket] = []

    /// The bits of a number that are its place: sign, exponent and the first two bits of the fraction.
    private static let shift: UInt32 = 21
    private static let places = 1 << 10
    /// Numbers this many doublings below the largest count as zero.
    private static let doublings = 16

    init(_ numbers: UnsafeBufferPointer<Float>) {
        var counts = [Int](repeating: 0, count: 2 * Histogram.places)
        var (least, most) = (Float.infinity, -Float.infinity)
        for number in numbers where number.isFinite {
            counts[Int(number.bitPattern >> Histogram.shift)] += 1
            (least, most) = (min(least, number), max(most, number))
            sum += Double(number)
            sumOfSquares += Double(number) * Double(number)
            count += 1
        }
        guard count > 0 else { return }
        (minimum, maximum) = (Double(least), Double(most))
        let largest = Histogram.place(max(abs(least), abs(most)))
        let smallest = max(0, largest - 4 * Histogram.doublings)
        let zeros = (0..<smallest).reduce(0) { $0 + counts[$1] + counts[Histogram.places + $1] }
        for place in (smallest...largest).reversed() {
            append(-Histogram.lowerLimit(place), counts[Histogram.places + place])
        }
        append(Histogram.lowerLimit(smallest), zeros)
        for place in smallest...largest {
            append(Histogram.lowerLimit(place + 1), counts[place])
        }
        while buckets.last?.count == 0 { buckets.removeLast() }
    }

    /// The place of a number that is not negative.
    private static func place(_ number: Float) -> Int { Int(number.bitPattern >> shift) }

    /// The least number of a place; of the one behind the last, the largest number there is.
    private static func lowerLimit(_ place: Int) -> Double {
        let limit = Float(bitPattern: UInt32(place) << shift)
        return limit.isFinite ? Double(limit) : Double(Float.greatestFiniteMagnitude)
    }

    private mutating func append(_ limit: Double, _ count: Int) {
        if count == 0, buckets.last?.count == 0 || buckets.isEmpty {
            // An empty bucket at the start says where the first one begins.
            buckets = buckets.dropLast() + [Bucket(limit: limit, count: 0)]
        } else if limit > buckets.last?.limit ?? -.infinity {
            buckets.append(Bucket(limit: limit, count: count))
        } else {
            buckets[buckets.count - 1].count += count
        }
    }
}
