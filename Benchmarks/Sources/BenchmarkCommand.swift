import ArgumentParser

@main
struct BenchmarkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seq2seq-benchmark",
        abstract:
            "Measures the machine, training and translation on the common work of Benchmarks/README.md.",
        subcommands: [
            MachineBenchmark.self, TrainingBenchmark.self, TranslationBenchmark.self,
            SoftmaxBenchmark.self, DataBenchmark.self,
        ])
}
