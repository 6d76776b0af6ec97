/// The n-grams of the references of one segment, with the highest count in any one of them.
///
/// The trie lives in a hash table: an edge is the pair of a node and a token. A hypothesis is walked
/// along the edges without changing them, and a walk ends at the first token that does not match,
/// so that no n-gram is ever built or compared as a whole. Matches are exact: tokens are compared
/// by their bytes, nodes by their numbers.
struct NGramTrie {
    private let maximumOrder: Int
    private var numbering = TokenNumbering()
    private var edges: EdgeTable
    /// The highest count of the n-gram of each node in any one reference seen so far.
    private var highestCounts: [Int32] = [0]
    private var referenceCounts: [Int32] = [0]
    private var lastReference: [Int32] = [-1]
    private var referenceNumber: Int32 = 0

    /// Creates the trie of the n-grams of `references` up to `maximumOrder`.
    init(references: [TokenList], maximumOrder: Int) {
        self.maximumOrder = maximumOrder
        let tokenCount = references.reduce(0) { $0 + $1.count }
        edges = EdgeTable(minimumCapacity: tokenCount * maximumOrder)
        highestCounts.reserveCapacity(tokenCount * maximumOrder + 1)
        for reference in references { insert(reference) }
    }

    private mutating func insert(_ reference: TokenList) {
        let ids = numbering.add(reference)
        for start in ids.indices {
            var node: Int32 = 0
            for id in ids[start..<min(start + maximumOrder, ids.count)] {
                node = edges.child(of: node, token: id) ?? appendNode(parent: node, token: id)
                let index = Int(node)
                if lastReference[index] != referenceNumber {
                    lastReference[index] = referenceNumber
                    referenceCounts[index] = 0
                }
                referenceCounts[index] += 1
                highestCounts[index] = max(highestCounts[index], referenceCounts[index])
            }
        }
        referenceNumber += 1
    }

    private mutating func appendNode(parent: Int32, token: Int32) -> Int32 {
        let node = Int32(highestCounts.count)
        highestCounts.append(0)
        referenceCounts.append(0)
        lastReference.append(-1)
        edges.insert(node, parent: parent, token: token)
        return node
    }

    /// Returns the number of n-grams of `hypothesis` that the references have too, by order.
    ///
    /// An n-gram counts at most as often as in the reference that has it most often.
    func clippedMatches(_ hypothesis: TokenList) -> [Int] {
        let ids = numbering.find(hypothesis)
        var matches = [Int](repeating: 0, count: maximumOrder)
        var remaining = highestCounts
        for start in ids.indices {
            var node: Int32 = 0
            for order in 0..<min(maximumOrder, ids.count - start) {
                let id = ids[start + order]
                guard id >= 0, let child = edges.child(of: node, token: id) else { break }
                node = child
                if remaining[Int(node)] > 0 {
                    remaining[Int(node)] -= 1
                    matches[order] += 1
                }
            }
        }
        return matches
    }
}

/// A map from (node, token) to node: open addressing with linear probing, never more than half full.
private struct EdgeTable {
    private var keys: [UInt64]
    private var nodes: [Int32]
    private let mask: Int

    init(minimumCapacity: Int) {
        var capacity = 16
        while capacity < 2 * minimumCapacity { capacity *= 2 }
        keys = [UInt64](repeating: .max, count: capacity)
        nodes = [Int32](repeating: 0, count: capacity)
        mask = capacity - 1
    }

    private static func key(_ parent: Int32, _ token: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: parent)) << 32 | UInt64(UInt32(bitPattern: token))
    }

    /// The slot that holds `key`, or the free one where it belongs.
    private func slot(of key: UInt64) -> Int {
        // Fibonacci hashing; the high bits of the product are the well-mixed ones.
        let product = key.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        var slot = Int(truncatingIfNeeded: product.high ^ product.low) & mask
        while keys[slot] != .max && keys[slot] != key { slot = (slot + 1) & mask }
        return slot
    }

    func child(of parent: Int32, token: Int32) -> Int32? {
        let key = Self.key(parent, token)
        let slot = slot(of: key)
        return keys[slot] == key ? nodes[slot] : nil
    }

    mutating func insert(_ node: Int32, parent: Int32, token: Int32) {
        let key = Self.key(parent, token)
        let slot = slot(of: key)
        keys[slot] = key
        nodes[slot] = node
    }
}
