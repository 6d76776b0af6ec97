import SeqFiles
import SeqData
import TestSupport
import Testing

@testable import SeqTraining

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Event files; `scripts/check-tensorboard` reads those of a run with TensorBoard itself.
@Suite struct TensorBoardTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func `records are those of TensorBoard's own writer`() throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Goldens/events.tfrecord").path(percentEncoded: false)
        let golden = Array(try #require(FileManager.default.contents(atPath: path)))
        var histogram = [Float]().withUnsafeBufferPointer { Histogram($0) }
        (histogram.minimum, histogram.maximum, histogram.count) = (-1.5, 4, 5)
        (histogram.sum, histogram.sumOfSquares) = (5.5, 22.25)
        histogram.buckets = [
            .init(limit: -1.5, count: 0), .init(limit: -1.25, count: 1), .init(limit: 1, count: 0),
            .init(limit: 1.25, count: 2), .init(limit: 3.5, count: 0), .init(limit: 4, count: 2),
        ]
        let png = Array(0...255) + Array(0...255) as [UInt8]
        let events: [(Int, TensorBoardEvent.Content)] = [
            (1, .fileVersion), (301, .sessionStart),
            (302, .summary([("train/loss", .scalar(2.5)), ("train/β", .scalar(-1e-9))])),
            (5_000_000_000, .summary([("parameters/w", .histogram(histogram))])),
            (304, .summary([("attention/1", .image(width: 300, height: 2, png: png))])),
            (305, .summary([("samples/1", .text("**source** 苹果"))])),
        ]
        var place = 0
        for (step, content) in events {
            let record = TensorBoardEvent(
                wallTime: 1_795_252_177.5, step: step, content: content
            ).record
            #expect(record == Array(golden[place...].prefix(record.count)), "step \(step)")
            place += record.count
        }
        #expect(place == golden.count)
    }

    private func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path("events")).sorted()
    }

    private func session(at time: Double, resumedAt: Int) throws {
        let log = TensorBoardLog(
            folder: folder.path("events"), resumedAt: resumedAt, keepsHistograms: false,
            now: { time })
        let result = ValidationResult(step: resumedAt + 2, epoch: 1, perplexity: 3)
        try log.validation(result)
        try log.validation(result)
    }

    @Test func `a session has a file behind those before, whatever the clock says`() throws {
        for (session, time) in [1000.0, 1000, 10].enumerated() {
            try self.session(at: time, resumedAt: 100 * session)
        }
        let names = try names()
        #expect(names.count == 3)
        for (index, name) in names.enumerated() {
            #expect(name.hasPrefix("events.out.tfevents.000000100\(index)."))
            let time = [1000.0, 1000, 10][index]
            func record(_ step: Int, _ content: TensorBoardEvent.Content) -> [UInt8] {
                TensorBoardEvent(wallTime: time, step: step, content: content).record
            }
            let validation = record(
                100 * index + 2, .summary([("validation/perplexity", .scalar(3))]))
            // What earlier sessions wrote after the step that this one goes on from is forgotten.
            #expect(
                try folder.bytes("events/\(name)") == record(0, .fileVersion)
                    + record(100 * index + 1, .sessionStart) + validation + validation)
        }
    }

    @Test func `a folder that cannot be made is an error`() throws {
        _ = try folder.file("events", [])
        let error = try #require(trainingError { try session(at: 1, resumedAt: 0) })
        #expect(error.kind == .cannotWrite && error.path == folder.path("events"))
    }
}
