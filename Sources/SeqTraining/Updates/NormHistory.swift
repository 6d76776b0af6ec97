/// The norms of the gradients of the last updates, of which a percentile limits the next ones.
///
/// AutoClip (Seetharaman and others 2020) takes all norms since the start; here it is the last
/// ``capacity`` ones, so that what must be saved has an end.
struct NormHistory: Codable, Sendable, Hashable {
    /// How many norms are kept.
    static let capacity = 1000

    /// The oldest first.
    private(set) var norms: [Double] = []

    /// Takes the norm of an update.
    mutating func append(_ norm: Double) {
        norms.append(norm)
        if norms.count > NormHistory.capacity { norms.removeFirst() }
    }

    /// The value below which `percent` of the norms lie, linear between neighbours, as in NumPy.
    func percentile(_ percent: Double) -> Double {
        let sorted = norms.sorted()
        guard let last = sorted.last else { return .infinity }
        let place = percent / 100 * Double(sorted.count - 1)
        let index = Int(place)
        guard index + 1 < sorted.count else { return last }
        return sorted[index] + (place - Double(index)) * (sorted[index + 1] - sorted[index])
    }
}
