import SeqNN

extension TranslationModel {
    /// The bytes that the search for the output of one source takes, all steps made and no hypothesis ended
    /// before the last.
    ///
    /// - Parameters:
    ///   - source: the tokens of the source.
    ///   - rows: the hypotheses that are kept at each step.
    ///   - steps: the most tokens of an output.
    ///   - keepsWeights: whether attention weights are kept.
    public func searchBytes(source: Int, rows: Int, steps: Int, keepsWeights: Bool) -> Double {
        let (rows, steps) = (Double(rows), Double(steps))
        let memory = memorySteps(of: source)
        let footprint = decoder.footprint
        let wantsWeights = keepsWeights || output.needsContext
        var numbers = footprint.perMemoryStep * memory
        numbers += rows * (footprint.perRow + Double(output.numbersPerRow))
        numbers += rows * steps * footprint.perStep
        numbers += rows * memory * footprint.perRowAndMemoryStep
        if wantsWeights { numbers += rows * memory * footprint.perWantedWeight }
        // The weights of every token of every hypothesis, and an array for each.
        if keepsWeights { numbers += rows * steps * (memory + 8) }
        // Tokens, their log-probabilities, what they continue, and from which rows of each step they come.
        numbers += rows * steps * 5
        return 4 * (numbers + encoding(source))
    }

    /// The bytes that scoring one pair takes.
    ///
    /// - Parameters:
    ///   - source: the tokens of the source.
    ///   - target: those of the target.
    public func scoringBytes(source: Int, target: Int) -> Double {
        // Each step of the target is a row of its own; logits exist for a block of rows at a time.
        let (rows, memory) = (Double(target) + 1, memorySteps(of: source))
        let footprint = decoder.footprint
        var numbers = footprint.perMemoryStep * memory + rows * footprint.perRow
        numbers += rows * memory * footprint.perRowAndMemoryStep
        if output.needsContext { numbers += rows * memory * (footprint.perWantedWeight + 1) }
        return 4 * (numbers + encoding(source))
    }

    /// The bytes that a batch takes beside those of its sources when it is scored: the logits of a block of rows.
    public var scoringBlockBytes: Double { 4 * 256 * Double(output.numbersPerRow) }

    /// The bytes that the labels of one source take, with the encoder's work.
    public func labelBytes(source: Int) -> Double {
        let labels = heads.reduce(0) { $0 + $1.head.count(steps: source) * $1.head.labels }
        return 4 * (encoding(source) + 3 * Double(labels))
    }

    private func encoding(_ source: Int) -> Double {
        (Double(source) + 1)
            * (Double(encoderNumbersPerStep) + Double(configuration.encoder.embedding))
    }
}
