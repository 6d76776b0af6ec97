import Foundation
import SeqTensor
import Synchronization
import TestSupport
import Testing

/// Signals that come while matrices are multiplied.
///
/// Handlers belong to the whole process, so these tests run in processes of their own.
struct SignalTests {
    /// On which stack the handler has run.
    private enum Deliveries {
        static let onStack = Atomic(0)
        static let elsewhere = Atomic(0)
        static let top = Atomic(UInt(0))

        static func install() {
            signal(SIGUSR1) { _ in
                var mark: UInt8 = 0
                let place = withUnsafePointer(to: &mark) { UInt(bitPattern: $0) }
                let top = Deliveries.top.load(ordering: .relaxed)
                let isOnStack = place < top && place > top - (1 << 20)
                if isOnStack {
                    Deliveries.onStack.add(1, ordering: .relaxed)
                } else {
                    Deliveries.elsewhere.add(1, ordering: .relaxed)
                }
            }
        }
    }

    /// Products of every family of kernels, forward and backward, on the calling thread.
    private static func multiply() {
        _ = ThreadTests.exactResults()
        let x = Tensor.draw([96, 512], seed: 1)
        let wide = Tensor.draw([512, 2048], seed: 2, scale: 0.05)
        for precision in [Precision.float32, .bfloat16] {
            Precision.$current.withValue(precision) {
                _ = valueAndGradient(of: [x, wide]) { affine([(x, wide)]).squared().sum() }
            }
        }
        let layout = SequenceLayout(lengths: (0..<20).map { 1 + $0 % 9 })
        let steps = Sequences(.draw([layout.steps, 64], seed: 3), layout: layout)
        let gru = GRUWeights(
            input: .draw([64, 192], seed: 4, scale: 0.1), bias: .draw([192], seed: 5),
            recurrence: .resetAfter(
                weight: .draw([64, 192], seed: 6, scale: 0.1), candidateBias: .draw([64], seed: 7)))
        let kernel = Tensor.draw([3 * 64, 128], seed: 8, scale: 0.1)
        _ = valueAndGradient(of: [gru.input, kernel]) {
            gruLayer(steps, forward: gru).output.steps.squared().sum()
                + affine([(steps.steps.reshaped([layout.steps / 3, 192]), kernel)]).sum()
        }
    }

    /// Runs `body` in a thread that takes SIGUSR1.
    private static func inThread(_ body: @escaping @Sendable () -> Void) -> Thread {
        let thread = Thread {
            SignalTests.change(SIG_UNBLOCK)
            body()
        }
        thread.stackSize = 8 << 20
        thread.start()
        return thread
    }

    private static func change(_ how: Int32) {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, SIGUSR1)
        pthread_sigmask(how, &set, nil)
    }

    private static var blocked: Bool {
        var set = sigset_t()
        pthread_sigmask(SIG_BLOCK, nil, &set)
        return sigismember(&set, SIGUSR1) == 1
    }

    @Test func `no handler runs on the heap`() async {
        await #expect(processExitsWith: .success) {
            ThreadTeam.count = 1
            Deliveries.install()
            let worker = Mutex<pthread_t?>(nil)
            let isDone = Atomic(false)
            let thread = SignalTests.inThread {
                var mark: UInt8 = 0
                Deliveries.top.store(
                    withUnsafePointer(to: &mark) { UInt(bitPattern: $0) } + 4096,
                    ordering: .relaxed)
                worker.withLock { $0 = pthread_self() }
                while !isDone.load(ordering: .relaxed) { SignalTests.multiply() }
            }
            let end = Date(timeIntervalSinceNow: 4)
            while Date() < end {
                worker.withLock { if let worker = $0 { _ = pthread_kill(worker, SIGUSR1) } }
                usleep(300)
            }
            isDone.store(true, ordering: .relaxed)
            while !thread.isFinished { usleep(1000) }
            #expect(Deliveries.onStack.load(ordering: .relaxed) > 200)
            #expect(Deliveries.elsewhere.load(ordering: .relaxed) == 0)
        }
    }

    @Test func `the threads of the team take no signals, and the caller takes them again`() async {
        await #expect(processExitsWith: .success) {
            ThreadTeam.count = 2
            let taking = Atomic(0)
            let thread = SignalTests.inThread {
                for _ in 0..<20 {
                    ThreadTeam.forEach(50) { _ in
                        usleep(50)
                        if !SignalTests.blocked { taking.add(1, ordering: .relaxed) }
                    }
                    if SignalTests.blocked { taking.add(1, ordering: .relaxed) }
                }
                SignalTests.multiply()
                if SignalTests.blocked { taking.add(1, ordering: .relaxed) }
            }
            while !thread.isFinished { usleep(1000) }
            #expect(taking.load(ordering: .relaxed) == 0)
        }
    }

    @Test func `a program may block signals for good`() async {
        await #expect(processExitsWith: .success) {
            ThreadTeam.count = 2
            let taking = Atomic(0)
            let thread = SignalTests.inThread {
                ThreadTeam.blockSignals()
                SignalTests.multiply()
                if !SignalTests.blocked { taking.add(1, ordering: .relaxed) }
                let made = Thread {
                    SignalTests.multiply()
                    if !SignalTests.blocked { taking.add(1, ordering: .relaxed) }
                }
                made.start()
                while !made.isFinished { usleep(1000) }
            }
            while !thread.isFinished { usleep(1000) }
            // A thread that takes them all the same is as safe as before.
            let other = SignalTests.inThread {
                ThreadTeam.forEach(50) { _ in
                    if !SignalTests.blocked { taking.add(1, ordering: .relaxed) }
                }
                if SignalTests.blocked { taking.add(1, ordering: .relaxed) }
            }
            while !other.isFinished { usleep(1000) }
            #expect(taking.load(ordering: .relaxed) == 0)
        }
    }
}
