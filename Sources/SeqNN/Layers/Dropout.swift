public import SeqTensor

/// Dropout with a rate and the generator to draw masks from; without a generator nothing drops out.
public struct Dropout {
    /// The probability with which an element drops out.
    public var rate: Float
    /// Where masks come from; nil outside training.
    public var generator: RandomGenerator?

    /// Creates dropout at `rate`.
    public init(rate: Float, generator: RandomGenerator?) {
        self.rate = rate
        self.generator = generator
    }

    /// No dropout, for everything but training.
    public static var none: Dropout { Dropout(rate: 0, generator: nil) }

    /// The input with elements dropped (Srivastava and others 2014).
    public mutating func callAsFunction(_ input: Tensor) -> Tensor {
        callAsFunction(input, rate: rate)
    }

    /// The input with elements dropped at another rate.
    public mutating func callAsFunction(_ input: Tensor, rate: Float) -> Tensor {
        guard rate > 0, var generator else { return input }
        defer { self.generator = generator }
        return input.dropout(rate, using: &generator)
    }

    /// The steps of sequences with elements dropped; variational dropout drops the same ones in all
    /// steps of a sequence (Gal & Ghahramani 2016).
    public mutating func callAsFunction(_ input: Sequences, isVariational: Bool) -> Sequences {
        guard isVariational else { return input.with(callAsFunction(input.steps)) }
        guard let mask = mask(rows: input.layout.batch, width: input.features, rate: rate) else {
            return input
        }
        return input.with(input.steps * mask.gatheringRows(input.layout.sequenceOfRow))
    }

    /// A mask `[rows, width]` of zeros and 1 / (1 - rate), to be used several times; nil when nothing
    /// drops out.
    public mutating func mask(rows: Int, width: Int, rate: Float) -> Tensor? {
        guard rate > 0, generator != nil else { return nil }
        return callAsFunction(Tensor(repeating: 1, shape: [rows, width]), rate: rate)
    }
}

extension RecurrentState {
    /// A state in which elements keep their value from before the step with probability `rate`; outside
    /// training the mean of that (Krueger and others 2017).
    func zonedOut(
        from previous: RecurrentState, rate: Float, dropout: inout Dropout
    ) -> RecurrentState {
        guard rate > 0 else { return self }
        return RecurrentState(
            zip(tensors, previous.tensors).map { next, before in
                // Dropout scales what it keeps by 1 / (1 - rate), which zoneout does not.
                before + dropout(next - before, rate: rate) * (1 - rate)
            })
    }
}
