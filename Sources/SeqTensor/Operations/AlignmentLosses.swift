import CSeqKernels

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Σ min(weight, coverage) over all positions of all query rows, a scalar: what was attended to again
/// (See and others 2017, equation 12).
///
/// - Parameters:
///   - weights: in the layout's order.
///   - coverage: the sum of the weights of earlier steps, in the same order.
///   - layout: which query attends to which sequence.
///   - rowWeights: what each query row counts; 1 if nil.
public func coverageLoss(
    _ weights: Tensor, coverage: Tensor, layout: AttentionLayout, rowWeights: [Float]? = nil
) -> Tensor {
    layout.check(weights, "coverageLoss")
    layout.check(coverage, "coverageLoss")
    let sums = Tensor(uninitialized: [layout.queryCount])
    layout.withRagged {
        seq_ragged_minimum($0, weights.pointer, coverage.pointer, sums.pointer)
    }
    if let rowWeights {
        for (row, weight) in rowWeights.enumerated() { sums.pointer[row] *= weight }
    }
    let result = Tensor(Float(seq_sum(sums.pointer, sums.count)))
    Tape.record("coverageLoss", inputs: [weights, coverage], outputs: [result]) { pass in
        guard let gradient = pass.gradient(result)?.item else { return }
        for (index, input) in [weights, coverage].enumerated() {
            pass.accumulate(input) { destination, beta in
                func add(_ range: Range<Int>, _ weight: Float) {
                    seq_minimum_backward(
                        weights.pointer + range.lowerBound, coverage.pointer + range.lowerBound,
                        index == 0, gradient * weight, beta, destination + range.lowerBound,
                        range.count)
                }
                guard let rowWeights else { return add(0..<input.count, 1) }
                for (row, weight) in rowWeights.enumerated() {
                    add(
                        Int(layout.weightStarts[row])..<Int(layout.weightStarts[row + 1]), weight)
                }
            }
        }
    }
    return result
}

/// The loss of alignments against given links (Chen and others 2016; Liu and others 2016): for each
/// query row that has links, minus the mean over its links of log(weight + ε), summed over rows.
///
/// - Parameters:
///   - weights: of all query rows, in the layout's order.
///   - layout: which query attends to which sequence.
///   - links: pairs of a query row and a position in its source; a position outside it is the caller's
///     mistake.
///   - rowWeights: what each query row counts; 1 if nil.
///   - epsilon: keeps the logarithm finite where a weight is zero.
/// - Returns: a scalar.
public func guidedAlignmentLoss(
    weights: Tensor, layout: AttentionLayout, links: [(query: Int, position: Int)],
    rowWeights: [Float]? = nil, epsilon: Float = 1e-6
) -> Tensor {
    layout.check(weights, "guidedAlignmentLoss")
    var linksOfQuery = [Int](repeating: 0, count: layout.queryCount)
    for link in links { linksOfQuery[link.query] += 1 }
    let places = links.map { link in
        let place = Int(layout.weightStarts[link.query]) + link.position
        precondition(
            link.position >= 0 && place < Int(layout.weightStarts[link.query + 1]),
            "guidedAlignmentLoss: position \(link.position) is outside the source of query \(link.query)"
        )
        return place
    }
    let shares = links.map { (rowWeights?[$0.query] ?? 1) / Float(linksOfQuery[$0.query]) }
    var total = 0.0
    for (place, share) in zip(places, shares) {
        total -= Double(share) * log(Double(weights.pointer[place]) + Double(epsilon))
    }
    let result = Tensor(Float(total))
    Tape.record("guidedAlignmentLoss", inputs: [weights], outputs: [result]) { pass in
        guard let gradient = pass.gradient(result)?.item else { return }
        pass.accumulatePart(weights) { destination in
            for (place, share) in zip(places, shares) {
                destination[place] -= gradient * share / (weights.pointer[place] + epsilon)
            }
        }
    }
    return result
}
