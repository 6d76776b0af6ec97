// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "swift-seq2seq",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "SeqTensor", targets: ["SeqTensor"]),
    ],
    traits: [
        .trait(
            name: "CBLAS",
            description: "Multiply matrices with the system's CBLAS (OpenBLAS) instead of oneDNN.")
    ],
    targets: [
        .target(
            name: "CSeqKernels",
            cxxSettings: [
                .define("SEQ_USE_CBLAS", .when(traits: ["CBLAS"])),
            ],
            linkerSettings: [
                .linkedLibrary("dnnl"),
                .linkedLibrary("gomp", .when(platforms: [.linux])),
                .linkedLibrary("openblas", .when(platforms: [.linux], traits: ["CBLAS"])),
            ]),
        .target(name: "SeqTensor", dependencies: ["CSeqKernels"]),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .c17,
    cxxLanguageStandard: .cxx20
)

for target in package.targets where [.regular, .executable, .test].contains(target.type) {
    let upcoming = ["ExistentialAny", "MemberImportVisibility", "InternalImportsByDefault"]
    target.swiftSettings = (target.swiftSettings ?? []) + upcoming.map { .enableUpcomingFeature($0) }
}
