#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Writes a new file piece by piece, for contents too large to hold twice.
///
/// The file is not published atomically: write it into a folder that ``AtomicFolder`` publishes.
public final class FileWriter {
    private let path: String
    private var descriptor: Int32

    /// Creates the file, or empties it.
    public init(_ path: String) throws {
        self.path = path
        descriptor = retryingInterrupts {
            open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        }
        guard descriptor >= 0 else { throw writeError(errno, path: path, doing: "cannot create") }
    }

    /// Appends bytes.
    public func write(_ bytes: UnsafeRawBufferPointer) throws {
        try writeFully(bytes, to: descriptor, path: path)
    }

    /// Forces the contents to the disk and closes the file.
    public func close() throws {
        defer {
            _ = closeDescriptor(descriptor)
            descriptor = -1
        }
        try synchronize(descriptor, path: path)
    }

    deinit {
        if descriptor >= 0 { _ = closeDescriptor(descriptor) }
    }
}

private func closeDescriptor(_ descriptor: Int32) -> Int32 { close(descriptor) }
