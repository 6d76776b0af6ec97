import CSeqKernels

extension Tensor {
    /// The elementwise sum, with broadcasting.
    public static func + (a: Tensor, b: Tensor) -> Tensor {
        elementwise("add", a, b, seq_add) { pass, _, _, gradient in
            pass.accumulateBroadcast(a, adding: gradient)
            pass.accumulateBroadcast(b, adding: gradient)
        }
    }

    /// The elementwise difference, with broadcasting.
    public static func - (a: Tensor, b: Tensor) -> Tensor {
        elementwise("subtract", a, b, seq_subtract) { pass, _, _, gradient in
            pass.accumulateBroadcast(a, adding: gradient)
            if pass.needs(b) { pass.accumulateBroadcast(b, adding: gradient.scaled(-1)) }
        }
    }

    /// The elementwise product, with broadcasting.
    public static func * (a: Tensor, b: Tensor) -> Tensor {
        elementwise("multiply", a, b, seq_multiply) { pass, x, y, gradient in
            if pass.needs(a) {
                pass.accumulateBroadcast(a, adding: gradient.combined(y, seq_multiply))
            }
            if pass.needs(b) {
                pass.accumulateBroadcast(b, adding: gradient.combined(x, seq_multiply))
            }
        }
    }

    /// The elementwise quotient, with broadcasting.
    public static func / (a: Tensor, b: Tensor) -> Tensor {
        elementwise("divide", a, b, seq_divide) { pass, x, y, gradient in
            let overY = gradient.combined(y, seq_divide)
            pass.accumulateBroadcast(a, adding: overY)
            if pass.needs(b) {
                let ratio = x.combined(y, seq_divide)
                pass.accumulateBroadcast(b, adding: overY.combined(ratio, seq_multiply).scaled(-1))
            }
        }
    }

    /// The product with a number.
    public static func * (a: Tensor, factor: Float) -> Tensor {
        let result = a.scaled(factor)
        Tape.record("scale", inputs: [a], outputs: [result]) { pass in
            guard let gradient = pass.gradient(result) else { return }
            pass.accumulate(a) { destination, beta in
                seq_axpby(destination, factor, gradient.pointer, beta, gradient.count)
            }
        }
        return result
    }

    /// The product with a number.
    public static func * (factor: Float, a: Tensor) -> Tensor { a * factor }

    /// The sum with a number.
    public static func + (a: Tensor, number: Float) -> Tensor { a + Tensor(number) }

    /// The elements with their signs changed.
    public static prefix func - (a: Tensor) -> Tensor { a * -1 }

    func scaled(_ factor: Float) -> Tensor {
        let result = Tensor(uninitialized: shape)
        seq_axpby(result.pointer, factor, pointer, 0, count)
        return result
    }

    typealias ElementwiseKernel = (
        UnsafeMutablePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, Int
    ) -> Void

    /// f(self, other) on tensors of one shape.
    func combined(_ other: Tensor, _ kernel: ElementwiseKernel) -> Tensor {
        let result = Tensor(uninitialized: shape)
        kernel(result.pointer, pointer, other.pointer, count)
        return result
    }

    private static func elementwise(
        _ name: StaticString, _ a: Tensor, _ b: Tensor, _ kernel: ElementwiseKernel,
        backward: @escaping (BackwardPass, Tensor, Tensor, Tensor) -> Void
    ) -> Tensor {
        let shape = broadcastShape(a.shape, b.shape)
        let (x, y) = (a.expanded(to: shape), b.expanded(to: shape))
        let result = x.combined(y, kernel)
        Tape.record(name, inputs: [a, b], outputs: [result]) { pass in
            guard let gradient = pass.gradient(result) else { return }
            backward(pass, x, y, gradient)
        }
        return result
    }

    /// The shape of two operands together: dimensions are matched from the last one, and one of size 1
    /// stretches.
    static func broadcastShape(_ a: [Int], _ b: [Int]) -> [Int] {
        let count = max(a.count, b.count)
        let left = Array(repeating: 1, count: count - a.count) + a
        let right = Array(repeating: 1, count: count - b.count) + b
        return zip(left, right).map { x, y in
            precondition(x == y || x == 1 || y == 1, "shapes \(a) and \(b) do not broadcast")
            return x == 1 ? y : x
        }
    }

    /// The elements repeated along dimensions of size 1, outside the tape.
    func expanded(to target: [Int]) -> Tensor {
        if shape == target { return self }
        let result = Tensor(uninitialized: target)
        let (source, destination) = (pointer, result.pointer)
        Tensor.forEachBroadcast(from: shape, to: target) { small, large in
            destination[large] = source[small]
        }
        return result
    }

    /// Sums of the elements that broadcasting to this tensor's shape had repeated.
    func reduced(to target: [Int]) -> Tensor {
        if shape == target { return self }
        let result = Tensor.zeros(target)
        let (source, destination) = (pointer, result.pointer)
        if target == [features] {
            seq_sum_rows(destination, source, 0, count / max(1, features), features)
        } else {
            Tensor.forEachBroadcast(from: target, to: shape) { small, large in
                destination[small] += source[large]
            }
        }
        return result
    }

    /// Calls `body` with the index of each element of `large` and of the element of `small` it shows.
    private static func forEachBroadcast(
        from small: [Int], to large: [Int], _ body: (Int, Int) -> Void
    ) {
        let padded = Array(repeating: 1, count: large.count - small.count) + small
        var strides = [Int](repeating: 0, count: large.count)
        var stride = 1
        for axis in large.indices.reversed() {
            strides[axis] = padded[axis] == 1 ? 0 : stride
            stride *= padded[axis]
        }
        var position = [Int](repeating: 0, count: large.count)
        var index = 0
        for element in 0..<large.reduce(1, *) {
            body(index, element)
            var axis = large.count - 1
            while axis >= 0 {
                position[axis] += 1
                index += strides[axis]
                if position[axis] < large[axis] { break }
                index -= strides[axis] * large[axis]
                position[axis] = 0
                axis -= 1
            }
        }
    }
}

extension BackwardPass {
    /// Adds the gradient of a broadcast operand: summed over the dimensions it was repeated along.
    func accumulateBroadcast(_ tensor: Tensor, adding gradient: Tensor) {
        guard needs(tensor) else { return }
        accumulate(tensor, adding: gradient.reduced(to: tensor.shape))
    }
}
