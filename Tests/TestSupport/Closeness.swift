public import SeqTensor

/// The largest |found - expected| as a share of max(1, largest |expected|); infinite when the counts
/// differ or a number is NaN.
public func distance(_ found: [Float], _ expected: [Double]) -> Double {
    guard found.count == expected.count else { return .infinity }
    var (difference, scale) = (0.0, 1.0)
    for (x, y) in zip(found, expected) {
        let gap = abs(Double(x) - y)
        if gap.isNaN { return .infinity }
        difference = max(difference, gap)
        scale = max(scale, abs(y))
    }
    return difference / scale
}

/// ``distance(_:_:)-([Float],[Double])`` of tensors; infinite when the shapes differ.
public func distance(_ found: Tensor, _ expected: Tensor) -> Double {
    guard found.shape == expected.shape else { return .infinity }
    return distance(found.values, expected.values.map(Double.init))
}

/// Whether two tensors have one shape and the same bits.
public func identical(_ a: Tensor, _ b: Tensor) -> Bool {
    a.shape == b.shape && a.values.map(\.bitPattern) == b.values.map(\.bitPattern)
}
