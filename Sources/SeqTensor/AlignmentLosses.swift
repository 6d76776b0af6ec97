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
public func coverageLoss(_ weights: Tensor, coverage: Tensor, layout: AttentionLayout) -> Tensor {
    layout.check(weights, "coverageLoss")
    layout.check(coverage, "coverageLoss")
    let sums = Tensor(uninitialized: [layout.queryCount])
    layout.withRagged {
        seq_ragged_minimum($0, weights.pointer, coverage.pointer, sums.pointer)
    }
    let result = Tensor(Float(seq_sum(sums.pointer, sums.count)))
    Tape.record("coverageLoss", inputs: [weights, coverage], outputs: [result]) { pass in
        guard let gradient = pass.gradient(result)?.item else { return }
        for (index, input) in [weights, coverage].enumerated() {
            pass.accumulate(input) { destination, beta in
                seq_minimum_backward(
                    weights.pointer, coverage.pointer, index == 0, gradient, beta, destination,
                    input.count)
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
///   - epsilon: keeps the logarithm finite where a weight is zero.
/// - Returns: a scalar.
public func guidedAlignmentLoss(
    weights: Tensor, layout: AttentionLayout, links: [(query: Int, position: Int)],
    epsilon: Float = 1e-6
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
    let shares = links.map { 1 / Float(linksOfQuery[$0.query]) }
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
