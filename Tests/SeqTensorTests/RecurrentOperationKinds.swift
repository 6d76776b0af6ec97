import SeqTensor
import TestSupport

extension RecurrentOperationTests {
    /// The cells under test: their fused operations, and their formulas in small ones.
    enum Kind: CaseIterable, Sendable {
        case rnnTanh, rnnReLU, gru, gruOriginal, sru

        var gates: Int { [.rnnTanh: 1, .rnnReLU: 1, .sru: 4][self] ?? 3 }
        var stateCount: Int { self == .sru ? 2 : 1 }

        /// Input, bias, and what acts on the state.
        var shapes: [[Int]] {
            let hidden = RecurrentOperationTests.hidden
            let common = [[RecurrentOperationTests.features, gates * hidden], [gates * hidden]]
            return switch self {
            case .rnnTanh, .rnnReLU: common + [[hidden, hidden]]
            case .gru: common + [[hidden, 3 * hidden], [hidden]]
            case .gruOriginal: common + [[hidden, 2 * hidden], [hidden, hidden]]
            case .sru: common + [[2 * hidden]]
            }
        }

        /// A sum of products that stays away from the edge of a ReLU.
        private func tamed(_ index: Int, _ tensor: Tensor) -> Tensor {
            guard self == .rnnReLU else { return tensor }
            return index == 1 ? Tensor([3, -3, 2.5]) : tensor * (index == 2 ? 0.1 : 0.3)
        }

        func weights(seed: UInt64) -> [Tensor] {
            shapes.enumerated().map { index, shape in
                tamed(index, .draw(shape, seed: seed + UInt64(index)))
            }
        }

        func recurrence(_ w: [Tensor]) -> GRURecurrence {
            self == .gru
                ? .resetAfter(weight: w[2], candidateBias: w[3])
                : .resetBefore(gateWeight: w[2], candidateWeight: w[3])
        }

        /// Outputs and the tensors of the final states, from weights and initial states a direction.
        func fused(_ input: Sequences, _ weights: [[Tensor]], _ initial: [[Tensor]]?) -> [Tensor] {
            switch self {
            case .rnnTanh, .rnnReLU:
                let all = weights.map { RNNWeights(input: $0[0], recurrent: $0[2], bias: $0[1]) }
                let (output, final) = rnnLayer(
                    input, activation: self == .rnnTanh ? .tanh : .relu, forward: all[0],
                    backward: all.dropFirst().first, initial: initial?.map { $0[0] })
                return [output.steps] + final
            case .gru, .gruOriginal:
                let all = weights.map {
                    GRUWeights(input: $0[0], bias: $0[1], recurrence: recurrence($0))
                }
                let (output, final) = gruLayer(
                    input, forward: all[0], backward: all.dropFirst().first,
                    initial: initial?.map { $0[0] })
                return [output.steps] + final
            case .sru:
                let all = weights.map { SRUWeights(input: $0[0], bias: $0[1], recurrent: $0[2]) }
                let (output, final) = sruLayer(
                    input, forward: all[0], backward: all.dropFirst().first,
                    initial: initial?.map { ($0[0], $0[1]) })
                return [output.steps] + final.flatMap { [$0.hidden, $0.cell] }
            }
        }

        /// The fused cell, from the inputs' share.
        func cell(_ share: Tensor, _ state: [Tensor], _ w: [Tensor]) -> [Tensor] {
            switch self {
            case .rnnTanh: [rnnCell(affine([(state[0], w[2])], addend: share), activation: .tanh)]
            case .rnnReLU: [rnnCell(affine([(state[0], w[2])], addend: share), activation: .relu)]
            case .gru, .gruOriginal: [gruCell(share, hidden: state[0], recurrence: recurrence(w))]
            case .sru:
                { [$0.hidden, $0.cell] }(sruCell(share, cell: state[1], recurrent: w[2]))
            }
        }

        /// The formulas of the cell in small operations.
        func composed(_ share: Tensor, _ state: [Tensor], _ w: [Tensor]) -> [Tensor] {
            let (h, size) = (state[0], RecurrentOperationTests.hidden)
            func block(_ tensor: Tensor, _ index: Int) -> Tensor {
                tensor.columns(index * size..<(index + 1) * size)
            }
            switch self {
            case .rnnTanh: return [(share + h.matmul(w[2])).tanh()]
            case .rnnReLU: return [(share + h.matmul(w[2])).relu()]
            case .gru, .gruOriginal:
                let u = h.matmul(w[2])
                let r = (block(share, 0) + block(u, 0)).sigmoid()
                let z = (block(share, 1) + block(u, 1)).sigmoid()
                let recurrent =
                    self == .gru ? r * (block(u, 2) + w[3]) : (r * h).matmul(w[3])
                let n = (block(share, 2) + recurrent).tanh()
                return [n - z * n + z * h]
            case .sru:
                let c = state[1]
                let (x, highway) = (block(share, 0), block(share, 3))
                let f = (block(share, 1) + w[2].rows(0..<size) * c).sigmoid()
                let r = (block(share, 2) + w[2].rows(size..<2 * size) * c).sigmoid()
                let next = f * c + x - f * x
                return [r * next + highway - r * highway, next]
            }
        }
    }
}
