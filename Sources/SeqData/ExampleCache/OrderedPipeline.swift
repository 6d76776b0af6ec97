#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Transforms elements on several threads and hands the results on in order.
///
/// Each thread takes the next element, transforms it, and waits for its turn to hand the result on, so
/// that there are never more elements in memory than threads.
///
/// Sendable since `next` is called under one lock, and `consume` and what turns change under the other.
final class OrderedPipeline<Element, Output>: @unchecked Sendable {
    private let next: () throws -> Element?
    private let transform: (Element) throws -> Output
    private let consume: (Output) throws -> Void

    private let reading = Monitor()
    private var taken = 0
    private var isOver = false

    private let writing = Monitor()
    private var turn = 0
    private var failure: (any Error)?

    /// Creates a pipeline.
    ///
    /// - Parameters:
    ///   - next: Returns the next element, `nil` after the last; never called by two threads at once.
    ///   - transform: Called by several threads at once.
    ///   - consume: Takes the results in order; never called by two threads at once.
    init(
        next: @escaping () throws -> Element?,
        transform: @escaping @Sendable (Element) throws -> Output,
        consume: @escaping (Output) throws -> Void
    ) {
        self.next = next
        self.transform = transform
        self.consume = consume
    }

    /// Takes part in the work until there is no more; to be called by each thread.
    func work() {
        while let (number, element) = take() {
            deliver(number, Result { try transform(element.get()) })
        }
    }

    /// Throws the first error, in the order of the elements, that has ended the work.
    func finish() throws {
        if let failure { throw failure }
    }

    private func take() -> (Int, Result<Element, any Error>)? {
        reading.lock()
        defer { reading.unlock() }
        if isOver { return nil }
        let element: Result<Element, any Error>
        do {
            guard let found = try next() else {
                isOver = true
                return nil
            }
            element = .success(found)
        } catch {
            isOver = true
            element = .failure(error)
        }
        taken += 1
        return (taken - 1, element)
    }

    private func deliver(_ number: Int, _ output: Result<Output, any Error>) {
        writing.lock()
        while turn != number && failure == nil { writing.wait() }
        if failure == nil {
            do { try consume(output.get()) } catch { failure = error }
        }
        turn += 1
        let hasFailed = failure != nil
        writing.wakeAll()
        writing.unlock()
        if hasFailed {
            reading.lock()
            isOver = true
            reading.unlock()
        }
    }
}

/// A lock that threads can wait at for a change.
private final class Monitor {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func lock() { pthread_mutex_lock(mutex) }
    func unlock() { pthread_mutex_unlock(mutex) }
    func wait() { pthread_cond_wait(condition, mutex) }
    func wakeAll() { pthread_cond_broadcast(condition) }
}
