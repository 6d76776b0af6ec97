/// Looks for targets that stand some lines away from their sources, in blocks of a corpus.
///
/// The first 50,000 lines are looked at one and all, then 10,000 of every 50,000, and ever fewer in
/// longer corpora. Only one block is in memory at a time.
struct PairingCheck {
    private var block: PairingBlock?
    private var found: [PairingBlock.Segment] = []
    private var agrees = false
    private var next = 0

    private static let blockLines = 10_000
    private static let allLines = 50_000

    /// Adds the pair of a line, counted from 0.
    mutating func add(_ source: String, _ target: String, line: Int) {
        if block == nil, line >= next { block = PairingBlock(start: line) }
        block?.add(source, target)
        guard let full = block, full.count >= Self.blockLines else { return }
        let result = full.result()
        found += result.segments
        agrees = agrees || result.agrees
        block = nil
        next = line + 1 < Self.allLines ? line + 1 : line + 1 + max(40_000, line / 5)
    }

    /// The segments of the corpus, of which those that continue each other are one, and whether words show
    /// in any block that lines belong to the targets of the same numbers.
    func result() -> (segments: [PairingBlock.Segment], agrees: Bool) {
        let last = block?.result()
        let segments: [PairingBlock.Segment] = (found + (last?.segments ?? [])).reduce(into: []) {
            merged, next in
            if let last = merged.last, last.offset == next.offset, last.extent == next.extent,
                next.lines.lowerBound - last.lines.upperBound <= max(100, next.lines.lowerBound / 4)
            {
                merged[merged.count - 1].lines = last.lines.lowerBound..<next.lines.upperBound
            } else {
                merged.append(next)
            }
        }
        return (segments, agrees || last?.agrees ?? false)
    }
}
