import SeqTensor
import Testing

#if canImport(Glibc)
import Glibc
#endif

#if os(Linux)
/// How a process ends that has no more memory.
struct OutOfMemoryTests {
    @Test func `a tensor too large for the process ends it with a message and 71`() async throws {
        let result = await #expect(
            processExitsWith: .exitCode(71), observing: [\.standardErrorContent]
        ) {
            var limit = rlimit(rlim_cur: 8 << 30, rlim_max: 8 << 30)
            setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
            _ = Tensor.zeros([1 << 32])
        }
        let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(
            message.contains(
                "seq2seq: error: out of memory: 17179869184 bytes for a tensor (lower the batch size"
            ), "\(message)")
    }
}
#endif
