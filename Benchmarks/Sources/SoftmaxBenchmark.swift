import ArgumentParser
import Seq2Seq

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A training step of nothing but an output layer over a large vocabulary and the table of target
/// embeddings: what the choice of softmax costs in time and memory.
struct SoftmaxBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "softmax",
        abstract: "Prints the time and peak memory of a training step with a large vocabulary.")

    @Option(help: "full, sampled or adaptive.")
    var type: String = "sampled"

    @Option(help: "The number of target words.")
    var vocabulary: Int = 200_000

    @Option(help: "The width of the vectors that the output layer gets.")
    var hidden: Int = 512

    @Option(help: "The width of target embeddings.")
    var embedding: Int = 256

    @Option(help: "Target tokens in a step.")
    var tokens: Int = 1600

    @Option(help: "Updates that are timed, after two.")
    var steps: Int = 10

    @Option(help: "The number of threads.")
    var threads: Int = 2

    func validate() throws {
        guard let kind = OutputConfiguration.Kind(rawValue: type), !kind.copies else {
            throw ValidationError("--type \(type): choose full, sampled or adaptive")
        }
        for (name, value) in [
            ("vocabulary", vocabulary), ("hidden", hidden), ("embedding", embedding),
            ("tokens", tokens), ("steps", steps),
        ] where value < 1 {
            throw ValidationError("--\(name) \(value): choose a positive number")
        }
    }

    func run() throws {
        ThreadTeam.count = threads
        var configuration = OutputConfiguration()
        configuration.type = OutputConfiguration.Kind(rawValue: type) ?? .full
        let scope = ParameterScope(
            initialization: Initialization(), generator: RandomGenerator(seed: 1))
        let table = try Embedding(
            vocabulary: vocabulary, features: embedding, isSparse: configuration.isSparse,
            in: scope.scope("embedding"))
        let middle = try Linear(embedding, hidden, in: scope.scope("middle"))
        let output = try configuration.layer(
            hidden: hidden, vocabulary: vocabulary, tiedTo: nil, in: scope.scope("output"))
        let buffer = ParameterBuffer(scope.parameters)
        let optimizer = Adam(buffer)
        var generator = RandomGenerator(seed: 2)
        var times: [Double] = []
        for step in 0..<(steps + 2) {
            // Ids are sorted by frequency, and words are about as frequent as Zipf says: the logarithm of
            // the rank is uniform.
            let draw = Tensor.uniform(0..<1, shape: [2 * tokens], using: &generator).values
            let ids = draw.map {
                Int32(min(vocabulary, Int(pow(Float(vocabulary + 1), $0))) - 1)
            }
            var random: RandomGenerator? = generator.split("step \(step)")
            let elapsed = seconds {
                _ = buffer.valueAndGradient {
                    output.loss(
                        middle(table(Array(ids.prefix(tokens)))).tanh(),
                        targets: Array(ids.suffix(tokens)), context: nil, labelSmoothing: 0,
                        scale: 1 / Float(tokens), generator: &random
                    ).objective
                }
                optimizer.update(buffer, learningRate: 1e-3, gradientScale: 1)
            }
            if step >= 2 { times.append(elapsed) }
        }
        print("output layer          \(type), \(vocabulary) words")
        print("training step         \(Int((1000 * median(times)).rounded())) ms")
        print("peak resident memory  \(Int(Machine.peakResidentMegabytes)) MB")
    }
}
