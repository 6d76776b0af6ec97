import SeqFiles

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif
import SeqModels

/// How a model looks for the best output.
public struct DecodingOptions: Codable, Sendable, Hashable {
    /// The number of hypotheses kept at each step; 1 is greedy search.
    public var beamSize = 5
    /// How many hypotheses to return for each source, best first.
    public var nBest = 1
    /// The exponent α of the length normalisation: hypotheses are ranked by log-probability /
    /// length^α, the end token counted; 0 ranks by log-probability.
    public var lengthPenalty: Float = 1
    /// The most tokens of an output, as a multiple of the source's tokens.
    public var maximumLengthRatio: Float = 3
    /// …plus this many.
    public var maximumLengthOffset = 10
    /// The most sources that are searched together.
    public var batchSize = 64
    /// The memory that search and scoring may take beside the model, all threads together, such as `2GB`;
    /// empty for a quarter of the machine's.
    ///
    /// Batches are cut by it, which never changes a result, and what does not fit even alone is refused.
    public var memory = ""

    /// Creates the default options.
    public init() {}

    private enum CodingKeys: String, CodingKey {
        case beamSize = "beam_size"
        case nBest = "n_best"
        case lengthPenalty = "length_penalty"
        case maximumLengthRatio = "maximum_length_ratio"
        case maximumLengthOffset = "maximum_length_offset"
        case batchSize = "batch_size"
        case memory
    }

    /// Checks the numbers.
    public func validate() throws {
        func fail(_ name: String, _ value: Any, _ remedy: String) -> Seq2SeqError {
            Seq2SeqError(
                option: "decoding.\(name)", "is \(value)",
                remedy: remedy)
        }
        guard (1...1000).contains(beamSize) else {
            throw fail("beam_size", beamSize, "choose a number from 1 to 1000")
        }
        guard (1...beamSize).contains(nBest) else {
            throw fail("n_best", nBest, "choose a number from 1 to the beam size, \(beamSize)")
        }
        guard (0...10).contains(lengthPenalty) else {
            throw fail("length_penalty", lengthPenalty, "choose a number from 0 to 10")
        }
        guard (0...1000).contains(maximumLengthRatio) else {
            throw fail("maximum_length_ratio", maximumLengthRatio, "choose a number from 0 to 1000")
        }
        guard (1...100_000).contains(maximumLengthOffset) else {
            throw fail(
                "maximum_length_offset", maximumLengthOffset, "choose a number from 1 to 100000")
        }
        guard (1...65_536).contains(batchSize) else {
            throw fail("batch_size", batchSize, "choose a number from 1 to 65536")
        }
        _ = try memoryLimit()
    }

    /// The limit that ``memory`` states, in bytes.
    package func memoryLimit() throws -> Int {
        guard !memory.isEmpty else { return ProcessMemory.total / 4 }
        guard let bytes = ByteCount(memory)?.bytes, bytes > 0 else {
            throw Seq2SeqError(
                option: "decoding.memory", "is \(memory)",
                remedy: "give a size with a unit, such as 2GB or 800MB")
        }
        return bytes
    }

    /// The most tokens, end token included, for a source of `length` tokens.
    func maximumLength(source length: Int) -> Int {
        let most: Float = 1e9
        let scaled = Float(length) * maximumLengthRatio
        return Int(scaled < most ? max(scaled, 0) : most) + min(maximumLengthOffset, Int(most))
    }

    /// The rank of a hypothesis among others of the same source.
    func score(logProbability: Float, length: Int) -> Float {
        lengthPenalty == 0 ? logProbability : logProbability / pow(Float(length), lengthPenalty)
    }
}
