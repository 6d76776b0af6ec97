/// Counts the edits of TER with Tercom's greedy search for shifts, as sacreBLEU does it.
///
/// As long as some shift of a phrase lessens the edit distance, the one that lessens it most is made
/// and counts one edit. Its limits are part of the definition: they decide the scores of long
/// sentences.
struct TercomAligner {
    private static let longestShift = 10
    private static let farthestShift = 50
    private static let mostCandidates = 1000
    private static let beam = 25
    private static let infinity: Int32 = 1 << 30

    private var hypothesis: [Int32]
    private let reference: [Int32]
    /// The edit distances of the starts of the hypothesis, a row each, to those of the reference.
    private var distances: [Int32]
    /// The same for a hypothesis with a shift on trial.
    private var trial: [Int32]
    private var candidates = 0

    /// Returns the number of edits that turn `hypothesis` into `reference`.
    static func edits(_ hypothesis: [Int32], _ reference: [Int32]) -> Int {
        guard !reference.isEmpty else { return hypothesis.count }
        var aligner = TercomAligner(hypothesis, reference)
        var shifts = 0
        while aligner.makeBestShift() { shifts += 1 }
        return shifts + aligner.distance(in: aligner.distances)
    }

    private init(_ hypothesis: [Int32], _ reference: [Int32]) {
        self.hypothesis = hypothesis
        self.reference = reference
        let width = reference.count + 1
        distances = [Int32](repeating: Self.infinity, count: (hypothesis.count + 1) * width)
        for column in 0..<width { distances[column] = Int32(column) }
        trial = distances
        fill(&distances, hypothesis, from: 0)
    }

    private func distance(in matrix: [Int32]) -> Int { Int(matrix[matrix.count - 1]) }

    /// Computes the rows after the row number `known`, near the diagonal only; the other cells are never
    /// written, since a shift does not change the length, and stay infinite.
    private func fill(_ matrix: inout [Int32], _ words: [Int32], from known: Int) {
        let (rows, width) = (words.count, reference.count + 1)
        guard known < rows else { return }
        let ratio = Double(reference.count) / Double(rows)
        let beam =
            Double(Self.beam) < ratio / 2
            ? Int((ratio / 2 + Double(Self.beam)).rounded(.up)) : Self.beam
        matrix.withUnsafeMutableBufferPointer { cells in
            for row in known + 1...rows {
                let diagonal = Int((Double(row) * ratio).rounded(.down))
                let start = max(0, diagonal - beam)
                let end = row == rows ? width : min(width, diagonal + beam)
                let current = row * width
                let above = current - width
                for column in start..<max(start, end) {
                    guard column > 0 else {
                        cells[current] = cells[above] + 1
                        continue
                    }
                    let isSame = words[row - 1] == reference[column - 1]
                    let replaced = cells[above + column - 1] + (isSame ? 0 : 1)
                    let other = min(cells[above + column], cells[current + column - 1]) + 1
                    cells[current + column] = min(Self.infinity, replaced, other)
                }
            }
        }
    }

    /// Where the hypothesis and the reference differ, and which word of the one stands at a word of the
    /// other.
    private struct Alignment {
        /// By the word of the reference, the last word of the hypothesis up to there, or −1.
        var places: [Int]
        var isReferenceWrong: [Bool]
        var isHypothesisWrong: [Bool]
    }

    /// Follows the distances back; Tercom prefers replacement to deletion to insertion.
    private func alignment() -> Alignment {
        let width = reference.count + 1
        var (row, column) = (hypothesis.count, reference.count)
        var result = Alignment(
            places: [Int](repeating: -1, count: column),
            isReferenceWrong: [Bool](repeating: true, count: column),
            isHypothesisWrong: [Bool](repeating: true, count: row))
        while row > 0 || column > 0 {
            let here = row * width + column
            if row > 0, column > 0 {
                let isSame = hypothesis[row - 1] == reference[column - 1]
                if distances[here] == distances[here - width - 1] + (isSame ? 0 : 1) {
                    result.isHypothesisWrong[row - 1] = !isSame
                    result.isReferenceWrong[column - 1] = !isSame
                    result.places[column - 1] = row - 1
                    row -= 1
                    column -= 1
                    continue
                }
            }
            if row > 0, column == 0 || distances[here] == distances[here - width] + 1 {
                row -= 1
            } else {
                result.places[column - 1] = row - 1
                column -= 1
            }
        }
        return result
    }

    /// A phrase of the hypothesis and the word before which it is put.
    private struct Shift {
        var start: Int
        var length: Int
        var target: Int
        /// How much the edit distance becomes less.
        var gain = 0

        /// Whether Tercom takes it rather than `other`.
        func isBetter(than other: Shift) -> Bool {
            (gain, length, -start, -target) > (
                other.gain, other.length, -other.start, -other.target
            )
        }

        func applied(to words: [Int32]) -> [Int32] {
            var words = words
            let phrase = words[start..<start + length]
            words.removeSubrange(start..<start + length)
            // A target within the phrase stands, by Tercom's count, for one so much further on.
            let place = target > start + length ? target - length : target
            words.insert(contentsOf: phrase, at: min(place, words.count))
            return words
        }
    }

    /// Makes the best shift, and tells whether there was one that lessens the distance.
    private mutating func makeBestShift() -> Bool {
        let alignment = alignment()
        var best: Shift?
        search: for start in hypothesis.indices {
            for place in reference.indices where abs(place - start) <= Self.farthestShift {
                var length = 0
                while length < Self.longestShift, start + length < hypothesis.count,
                    place + length < reference.count,
                    hypothesis[start + length] == reference[place + length]
                {
                    length += 1
                    consider(phrase: start..<start + length, at: place, alignment, &best)
                    if candidates >= Self.mostCandidates { break search }
                }
            }
        }
        guard candidates < Self.mostCandidates, let best, best.gain > 0 else { return false }
        hypothesis = best.applied(to: hypothesis)
        fill(&distances, hypothesis, from: 0)
        return true
    }

    /// Tries to put a phrase to where the reference has it, if both are wrong as they are.
    private mutating func consider(
        phrase: Range<Int>, at place: Int, _ alignment: Alignment, _ best: inout Shift?
    ) {
        guard alignment.isHypothesisWrong[phrase].contains(true),
            alignment.isReferenceWrong[place..<place + phrase.count].contains(true),
            !phrase.contains(alignment.places[place])
        else { return }
        var last = -1
        for word in place - 1..<place + phrase.count {
            let target = word < 0 ? 0 : alignment.places[word] + 1
            if target == last { continue }
            last = target
            var shift = Shift(start: phrase.lowerBound, length: phrase.count, target: target)
            shift.gain = gain(of: shift)
            candidates += 1
            if best.map({ shift.isBetter(than: $0) }) ?? true { best = shift }
        }
    }

    private mutating func gain(of shift: Shift) -> Int {
        let unchanged = min(shift.start, shift.target)
        let width = reference.count + 1
        let row = unchanged * width..<(unchanged + 1) * width
        trial.replaceSubrange(row, with: distances[row])
        fill(&trial, shift.applied(to: hypothesis), from: unchanged)
        return distance(in: distances) - distance(in: trial)
    }
}
