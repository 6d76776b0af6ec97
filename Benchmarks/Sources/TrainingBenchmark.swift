import ArgumentParser
import Seq2Seq

struct TrainingBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract:
            "Prints target tokens a second, the share of the peak, and the peak memory of training."
    )

    @OptionGroup var work: CommonWork

    @Option(help: "Updates that are timed.")
    var steps: Int = 100

    @Option(help: "Updates before the clock starts.")
    var warmUp: Int = 20

    func run() throws {
        ThreadTeam.count = work.threads
        let peakBefore = MachinePeak.measure(work.precision, for: .seconds(1))
        let codec = try work.codec()
        let (examples, _) = try ParallelCorpus(
            source: "\(work.data)/train.en.gz", target: "\(work.data)/train.de.gz"
        ).encoded(
            maximumSourceLength: 100, maximumTargetLength: 100,
            encodeSource: { codec.encode($0) }, encodeTarget: { codec.encode($0) })
        var batching = BatchingConfiguration()
        batching.mode = .sorted
        var epoch = try BatchSampler(
            sourceLengths: examples.map(\.source.count),
            targetLengths: examples.map { $0.target.count + 1 },
            configuration: batching, seed: 1
        ).batches(epoch: 1)
        var batches: [[Int]] = []
        while let batch = try epoch.next() { batches.append(batch) }
        let configuration = try work.model()
        let model = try TranslationModel(
            configuration, sourceVocabulary: codec.count, targetVocabulary: codec.count, seed: 1)
        let buffer = ParameterBuffer(model.parameters)
        let optimizer = Adam(buffer)
        var dropout = Dropout(
            rate: configuration.dropout, generator: RandomGenerator(seed: 1))
        var rates: [Double] = []
        var shares: [Double] = []
        var (tokens, products, time) = (0, 0.0, 0.0)
        var allocationsAtStart = 0
        for step in 0..<(warmUp + steps) {
            let batch = model.batch(
                batches[step % batches.count].map { examples[$0] })
            let multiplyAdds = ThreadTeam.multiplyAdds
            let elapsed = seconds {
                _ = Precision.$current.withValue(work.precision) {
                    buffer.valueAndGradient {
                        model.loss(
                            of: batch, labelSmoothing: 0.1, scale: 1 / Float(batch.targetTokens),
                            dropout: &dropout
                        ).objective
                    }
                }
                let norm = buffer.gradientNorm
                optimizer.update(
                    buffer, learningRate: 1e-3, gradientScale: norm > 5 ? 5 / Float(norm) : 1)
            }
            guard step >= warmUp else {
                allocationsAtStart = MemoryPool.statistics.systemAllocations
                continue
            }
            tokens += batch.targetTokens
            time += elapsed
            products += Double(ThreadTeam.multiplyAdds - multiplyAdds)
            if (step - warmUp + 1) % 10 == 0 {
                rates.append(Double(tokens) / time)
                shares.append(products / time)
                (tokens, products, time) = (0, 0, 0)
            }
        }
        let peak = max(peakBefore, MachinePeak.measure(work.precision, for: .seconds(1)))
        print("processor             \(Machine.processor)")
        print("matrix library        \(ThreadTeam.matrixLibrary), \(work.threads) threads")
        print(
            "products              \(work.precision.rawValue), input feeding \(work.inputFeeding)")
        print("target tokens/s       \(Int(median(rates)))")
        print("peak                  \(Int(2 * peak / 1e9)) GFLOP/s")
        print("share of peak         \(Int((100 * median(shares) / peak).rounded())) %")
        let pool = MemoryPool.statistics
        print(
            "peak resident memory  \(Int(Machine.peakResidentMegabytes)) MB, tensors \(pool.peak >> 20) MB"
        )
        print(
            "system allocations    \(MemoryPool.statistics.systemAllocations - allocationsAtStart) while timed"
        )
    }
}
