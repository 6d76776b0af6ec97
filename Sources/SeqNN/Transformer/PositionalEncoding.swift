public import SeqTensor

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// How the steps of a sequence know their place.
///
/// Parameter: `weight` `[maximum length, width]` for learned positions.
public struct PositionalEncoding: Sendable {
    /// The encodings on offer.
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// Added sines and cosines of wave lengths from 2π to 20000π (Vaswani and others 2017, section
        /// 3.5).
        case sinusoidal
        /// Added vectors that are parameters.
        case learned
        /// Queries and keys are turned by their position (Su and others 2021).
        case rotary
    }

    private enum Rows {
        case computed(width: Int)
        case learned(Parameter)
        case none
    }

    private let rows: Rows
    /// The number that inputs are multiplied by.
    private let scale: Float
    /// Whether queries and keys are to be turned.
    public let isRotary: Bool

    /// Creates an encoding of vectors of width `width`.
    public init(
        _ kind: Kind, width: Int, maximumLength: Int, scalesEmbeddings: Bool,
        in scope: ParameterScope
    ) throws {
        isRotary = kind == .rotary
        scale = scalesEmbeddings ? Float(width).squareRoot() : 1
        rows =
            switch kind {
            case .sinusoidal: .computed(width: width)
            case .learned:
                .learned(try scope.parameter("weight", [maximumLength, width], .embedding))
            case .rotary: .none
            }
    }

    /// The inputs, `[rows, width]`, multiplied by √width where configured, with the vectors of their
    /// positions.
    public func callAsFunction(_ input: Tensor, positions: [Int32]) -> Tensor {
        let scaled = scale == 1 ? input : input * scale
        switch rows {
        case .none: return scaled
        case .learned(let weight):
            let last = Int32(weight.shape[0] - 1)
            return scaled + weight.value.gatheringRows(positions.map { min($0, last) })
        case .computed(let width):
            return scaled + Self.sinusoids(positions, width: width)
        }
    }

    /// sin(p / 10000^(2i/width)) in column 2i and the cosine of the same in column 2i + 1, `[positions,
    /// width]`: sines and cosines alternate, as in the paper (tensor2tensor has one half of each).
    public static func sinusoids(_ positions: [Int32], width: Int) -> Tensor {
        // A batch has few different positions.
        let count = Int(positions.max() ?? -1) + 1
        var needed = [Bool](repeating: false, count: count)
        for position in positions { needed[Int(position)] = true }
        let frequencies = (0..<(width + 1) / 2).map {
            pow(10000, -2 * Double($0) / Double(width))
        }
        var table = [Float](repeating: 0, count: count * width)
        for position in 0..<count where needed[position] {
            for column in 0..<width {
                let angle = Double(position) * frequencies[column / 2]
                table[position * width + column] = Float(column % 2 == 0 ? sin(angle) : cos(angle))
            }
        }
        return Tensor(table, shape: [count, width]).gatheringRows(positions)
    }
}
