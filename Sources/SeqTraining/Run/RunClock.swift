import SeqFiles

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
import SeqData

/// The time that a run has trained, all its processes together.
///
/// It is not part of the state: two runs with the same result do not take the same time.
struct RunClock {
    private let before: Double
    // Whoever sets the time of day does not change this clock.
    private let start = ContinuousClock.now

    private static let file = "time.json"

    private struct Content: Codable {
        var seconds: Double
    }

    /// Starts the clock, or lets it go on from the time in the folder of a state.
    init(resumedFrom folder: String?) throws {
        let path = folder.map { "\($0)/\(RunClock.file)" }
        guard let path, let data = try SmallFile.contents(path) else {
            before = 0
            return
        }
        guard let content = try? JSONDecoder().decode(Content.self, from: data),
            content.seconds >= 0
        else {
            throw Seq2SeqError(
                .badData, path: path, reason: "not the time of a run",
                remedy: "the file is damaged; delete it, and --until counts time from now on")
        }
        before = content.seconds
    }

    /// The time so far.
    var seconds: Double { before + (.now - start) / .seconds(1) }

    func write(to folder: String) throws {
        try AtomicFile.write(
            JSONEncoder().encode(Content(seconds: seconds)), to: "\(folder)/\(RunClock.file)")
    }
}
