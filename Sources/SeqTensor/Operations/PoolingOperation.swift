import CSeqKernels

extension Sequences {
    /// The mean over the steps of each sequence, `[batch, features]`; zeros for sequences without
    /// steps.
    public func means() -> Tensor {
        let windows = Windows(wholeSequencesOf: layout)
        let result = Tensor(uninitialized: [layout.batch, features])
        windows.withKernel { seq_mean_pool($0, result.pointer, steps.pointer, features) }
        Tape.record("means", inputs: [steps], outputs: [result]) { pass in
            guard let gradient = pass.gradient(result) else { return }
            pass.accumulatePart(steps) { destination in
                windows.withKernel {
                    seq_mean_pool_backward($0, destination, gradient.pointer, features)
                }
            }
        }
        return result
    }

    /// The largest of each feature over the steps of each sequence, `[batch, features]`; zeros for
    /// sequences without steps.
    public func maxima() -> Tensor { maxima(over: Windows(wholeSequencesOf: layout)) }

    /// The largest of each feature over `width` steps, beginning at every `stride`-th: ⌈steps / stride⌉
    /// steps for each sequence.
    public func maximaPooled(width: Int, stride: Int) -> Sequences {
        let windows = Windows(layout, kernel: width, stride: stride)
        return Sequences(maxima(over: windows), layout: windows.layout)
    }

    private func maxima(over windows: Windows) -> Tensor {
        let result = Tensor(uninitialized: [windows.layout.steps, features])
        var rows = [Int32](repeating: 0, count: result.count)
        windows.withKernel { seq_max_pool($0, result.pointer, &rows, steps.pointer, features) }
        Tape.record("maxima", inputs: [steps], outputs: [result]) { [rows] pass in
            guard let gradient = pass.gradient(result) else { return }
            pass.accumulatePart(steps) { destination in
                windows.withKernel {
                    seq_max_pool_backward($0, destination, gradient.pointer, rows, features)
                }
            }
        }
        return result
    }

    /// Every two steps of a sequence beside each other, `[⌈steps / 2⌉, 2 · features]`; the last step of
    /// an odd number has zeros beside it.
    ///
    /// It is how a pyramidal encoder halves the time from layer to layer (Chan et al. 2016, eq. 5).
    public func pairsJoined() -> Sequences {
        let windows = Windows(layout, kernel: 2, stride: 2)
        let result = Tensor(uninitialized: [windows.layout.steps, 2 * features])
        windows.withKernel { seq_gather_windows($0, result.pointer, steps.pointer, features) }
        Tape.record("pairsJoined", inputs: [steps], outputs: [result]) { pass in
            guard let gradient = pass.gradient(result) else { return }
            pass.accumulate(steps) { destination, beta in
                windows.withKernel {
                    seq_fold_windows($0, destination, gradient.pointer, beta, features)
                }
            }
        }
        return Sequences(result, layout: windows.layout)
    }
}
