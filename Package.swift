// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "swift-seq2seq",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Seq2Seq", targets: ["Seq2Seq"]),
        .library(name: "SeqText", targets: ["SeqText", "SeqFiles"]),
        .library(name: "SeqMetrics", targets: ["SeqMetrics", "SeqFiles"]),
        .executable(name: "seq2seq", targets: ["Command"]),
        .executable(name: "seq2seq-benchmark", targets: ["seq2seq-benchmark"]),
        .executable(name: "chinese-english-corpus", targets: ["chinese-english-corpus"]),
    ],
    traits: [
        .trait(name: "OneDNN", description: "Multiply matrices with oneDNN (libdnnl-dev)."),
        .trait(
            name: "CBLAS",
            description: "Multiply matrices with a CBLAS (OpenBLAS; Accelerate on Apple systems)."),
        .default(enabledTraits: ["OneDNN"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    ],
    targets: [
        .target(
            name: "CSeqKernels",
            cxxSettings: [.define("SEQ_USE_CBLAS", .when(traits: ["CBLAS"]))],
            linkerSettings: [
                .linkedLibrary("dnnl", .when(traits: ["OneDNN"])),
                .linkedLibrary("gomp", .when(platforms: [.linux], traits: ["OneDNN"])),
                .linkedLibrary("openblas", .when(platforms: [.linux], traits: ["CBLAS"])),
                .linkedFramework("Accelerate", .when(platforms: [.macOS], traits: ["CBLAS"])),
            ]),
        .target(name: "CChecksum"),
        .target(name: "CZlibShim", linkerSettings: [.linkedLibrary("z")]),
        .target(name: "SeqFiles", dependencies: ["CZlibShim", "CChecksum"]),
        .target(name: "SeqTensor", dependencies: ["SeqFiles", "CSeqKernels"]),
        .target(name: "SeqNN", dependencies: ["SeqTensor", "SeqFiles"]),
        .target(
            name: "CICU", linkerSettings: [.linkedLibrary("icuuc", .when(platforms: [.linux]))]),
        .target(
            name: "CSentencePiece",
            linkerSettings: [
                .linkedLibrary("sentencepiece", .when(platforms: [.linux])),
                .linkedLibrary("sentencepiece_train", .when(platforms: [.linux])),
            ]),
        .target(name: "SeqText", dependencies: ["SeqFiles", "CICU", "CSentencePiece"]),
        .target(name: "SeqMetrics", dependencies: ["SeqFiles"]),
        .target(name: "SeqData", dependencies: ["SeqFiles", "SeqText"]),
        .target(
            name: "SeqModels",
            dependencies: ["SeqNN", "SeqTensor", "SeqText", "SeqData", "SeqFiles"]),
        .target(
            name: "SeqDecoding",
            dependencies: [
                "SeqModels", "SeqNN", "SeqTensor", "SeqText", "SeqData", "SeqMetrics", "SeqFiles",
            ]),
        .target(
            name: "SeqTraining",
            dependencies: [
                "SeqDecoding", "SeqModels", "SeqNN", "SeqTensor", "SeqText", "SeqMetrics",
                "SeqData", "SeqFiles", "CZlibShim",
                .product(name: "Yams", package: "Yams"),
            ]),
        .target(
            name: "Seq2Seq",
            dependencies: [
                "SeqTraining", "SeqDecoding", "SeqModels", "SeqNN", "SeqTensor", "SeqText",
                "SeqMetrics", "SeqData", "SeqFiles",
            ]),
        .executableTarget(
            name: "Command",
            dependencies: [
                "Seq2Seq", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .executableTarget(
            name: "seq2seq-benchmark",
            dependencies: [
                "Seq2Seq", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], path: "Benchmarks/Sources"),
        .target(name: "ChineseEnglishCorpus", path: "Examples/chinese-english/Corpus"),
        .executableTarget(
            name: "chinese-english-corpus", dependencies: ["ChineseEnglishCorpus"],
            path: "Examples/chinese-english/Generator"),
        .testTarget(
            name: "SeqTextTests", dependencies: ["SeqText", "SeqFiles", "CSentencePiece"],
            exclude: ["Fixtures"]
        ),
        .testTarget(
            name: "SeqMetricsTests", dependencies: ["SeqMetrics", "SeqFiles"], exclude: ["Fixtures"]
        ),
        .target(
            name: "TestSupport", dependencies: ["SeqNN", "SeqTensor", "CZlibShim"],
            path: "Tests/TestSupport"),
        .testTarget(
            name: "SeqTensorTests", dependencies: ["SeqTensor", "SeqFiles", "TestSupport"]),
        .testTarget(
            name: "SeqNNTests", dependencies: ["SeqNN", "SeqTensor", "SeqFiles", "TestSupport"]),
        .testTarget(
            name: "SeqModelsTests",
            dependencies: [
                "SeqModels", "SeqNN", "SeqTensor", "SeqText", "SeqData", "SeqFiles", "TestSupport",
            ]),
        .testTarget(
            name: "SeqDecodingTests",
            dependencies: [
                "SeqDecoding", "SeqModels", "SeqNN", "SeqTensor", "SeqText", "SeqData", "SeqFiles",
                "TestSupport",
            ]),
        .testTarget(
            name: "SeqTrainingTests",
            dependencies: [
                "SeqTraining", "SeqDecoding", "SeqModels", "SeqNN", "SeqTensor", "SeqText",
                "SeqMetrics", "SeqData", "SeqFiles", "CZlibShim", "TestSupport",
                .product(name: "Yams", package: "Yams"),
            ]),
        .testTarget(
            name: "CommandTests",
            dependencies: [
                "Command", "SeqMetrics", "SeqTensor", "SeqTraining", "SeqFiles", "TestSupport",
            ]),
        .executableTarget(
            name: "seq2seq-fuzz",
            dependencies: [
                .product(name: "ArgumentParser", package: "swift-argument-parser")
            ], path: "Tests/Fuzz"),
        .testTarget(name: "ChineseEnglishCorpusTests", dependencies: ["ChineseEnglishCorpus"]),
        .testTarget(
            name: "SeqFilesTests",
            dependencies: ["SeqFiles", "CZlibShim", "CChecksum", "TestSupport"]),
        .testTarget(
            name: "SeqDataTests",
            dependencies: [
                "SeqData", "SeqText", "SeqFiles", "CZlibShim", "CChecksum", "TestSupport",
            ]),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .c17,
    cxxLanguageStandard: .cxx20
)

for target in package.targets where [.regular, .executable, .test].contains(target.type) {
    let upcoming = ["ExistentialAny", "MemberImportVisibility", "InternalImportsByDefault"]
    target.swiftSettings =
        (target.swiftSettings ?? []) + upcoming.map { .enableUpcomingFeature($0) }
}
