public import SeqTensor

/// What is wrong with the gradient of a function, by central differences.
public struct GradientReport: CustomStringConvertible {
    /// The largest |computed - measured| / max(1, |measured|).
    public var error = 0.0
    /// Where it was found.
    public var description = "no elements"
}

/// Compares the gradients of Σ weighting · output with differences of `function`, element by element.
///
/// The sum is taken in double precision, so that only the rounding of the outputs disturbs the
/// differences, and steps h and 2h together cancel the error of order h².
///
/// - Parameters:
///   - variables: where to differentiate.
///   - elements: how many elements of each variable are checked, evenly spread.
///   - step: h.
///   - storing: the variables that are stored weights, which products pack beforehand.
///   - function: computes tensors from variables.
public func checkGradient(
    of variables: [Tensor], elements: Int = 24, step: Float = 0.02, storing: Set<Int> = [],
    _ function: ([Tensor]) -> [Tensor]
) -> GradientReport {
    func prepared(_ index: Int, _ tensor: Tensor) -> Tensor {
        storing.contains(index) ? tensor.stored : tensor
    }
    let variables = variables.enumerated().map { prepared($0, $1) }
    let outputs = function(variables)
    let weightings = outputs.indices.map { index in
        Tensor.draw(outputs[index].shape, seed: 1000 + UInt64(index))
    }
    func objective(_ variables: [Tensor]) -> Double {
        zip(function(variables), weightings).reduce(0.0) { sum, pair in
            zip(pair.0.values, pair.1.values).reduce(sum) { $0 + Double($1.0) * Double($1.1) }
        }
    }
    let (_, gradients) = valueAndGradient(of: variables) {
        zip(function(variables), weightings).map { ($0 * $1).sum() }.sum()
    }
    var report = GradientReport()
    for (index, variable) in variables.enumerated() {
        let values = variable.values
        let stride = max(1, values.count / elements)
        let computed = gradients[index].values
        for element in Swift.stride(from: 0, to: values.count, by: stride) {
            // The step that was really taken, since x + h is rounded.
            func slope(_ step: Float) -> Double {
                var (above, below) = (values, values)
                above[element] += step
                below[element] -= step
                let width = Double(above[element]) - Double(below[element])
                func moved(_ values: [Float]) -> [Tensor] {
                    var moved = variables
                    moved[index] = prepared(index, Tensor(values, shape: variable.shape))
                    return moved
                }
                return (objective(moved(above)) - objective(moved(below))) / width
            }
            let measured = (4 * slope(step) - slope(2 * step)) / 3
            let error = abs(Double(computed[element]) - measured) / max(1, abs(measured))
            if !(error <= report.error) {
                report.error = error.isNaN ? .infinity : error
                report.description =
                    "variable \(index), element \(element): computed \(computed[element]), measured \(measured)"
            }
        }
    }
    return report
}

extension [Tensor] {
    /// The sum of scalars.
    public func sum() -> Tensor { dropFirst().reduce(self[0], +) }
}
