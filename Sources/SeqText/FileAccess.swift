import SeqFiles

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Whole files, read at once and written so that no half-written file is ever seen.
enum FileAccess {
    /// Returns the bytes of a file.
    ///
    /// - Parameter limit: The most bytes that such a file has; a larger one is refused before any
    ///   memory is taken for it.
    static func read(_ path: String, limit: Int) throws -> [UInt8] {
        // Without O_NONBLOCK the name of a pipe that nobody writes to would wait for ever.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure(.missingInput, path, "cannot be opened", errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw failure(.missingInput, path, "cannot be read", errno)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw Seq2SeqError(
                .missingInput, path: path, reason: "is not a regular file",
                remedy: "restore the file from the training")
        }
        guard status.st_size <= limit else { throw tooLarge(path, limit) }
        // One byte more than the file has, so that its end is seen without another round.
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size) + 1)
        var filled = 0
        while true {
            if filled == bytes.count { bytes.append(contentsOf: repeatElement(0, count: filled)) }
            let count = bytes.withUnsafeMutableBytes { buffer in
                Int(
                    systemRead(
                        descriptor, buffer.baseAddress?.advanced(by: filled), buffer.count - filled)
                )
            }
            if count < 0 {
                guard errno == EINTR else {
                    throw failure(.missingInput, path, "cannot be read", errno)
                }
            } else if count == 0 {
                break
            } else {
                filled += count
                guard filled <= limit else { throw tooLarge(path, limit) }
            }
        }
        bytes.removeLast(bytes.count - filled)
        return bytes
    }

    /// Writes a file aside and renames it, so that a reader sees the old content or the new.
    static func write(_ bytes: [UInt8], to path: String) throws {
        let aside = "\(path).\(UInt32.random(in: 0 ... .max)).partial"
        let descriptor = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure(.cannotWrite, path, "cannot be made", errno) }
        var problem = writeAll(bytes, to: descriptor)
        if problem == nil, fsync(descriptor) != 0, errno != EINVAL, errno != ENOTSUP {
            problem = errno
        }
        if close(descriptor) != 0, problem == nil { problem = errno }
        if problem == nil, rename(aside, path) != 0 { problem = errno }
        if let problem {
            unlink(aside)
            throw failure(.cannotWrite, path, "cannot be written", problem)
        }
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Int32? {
        bytes.withUnsafeBytes { buffer -> Int32? in
            var written = 0
            while written < buffer.count {
                let count = systemWrite(
                    descriptor, buffer.baseAddress?.advanced(by: written), buffer.count - written)
                if count > 0 {
                    written += count
                } else if count == 0 || errno != EINTR {
                    return count == 0 ? ENOSPC : errno
                }
            }
            return nil
        }
    }

    private static func tooLarge(_ path: String, _ limit: Int) -> Seq2SeqError {
        Seq2SeqError(
            .badData, path: path, reason: "the file is larger than \(limit) bytes",
            remedy: "restore the file from the training")
    }

    private static func failure(
        _ kind: Seq2SeqError.Kind, _ path: String, _ reason: String, _ code: Int32
    ) -> Seq2SeqError {
        let remedy: String? =
            switch code {
            case ENOSPC, EDQUOT: "free some space on that disk"
            case ENOENT where kind == .cannotWrite: "make the folder first"
            case ENOENT: "check the path"
            case EACCES, EPERM, EROFS: "check the permissions"
            default: nil
            }
        return Seq2SeqError(
            kind, path: path, reason: "\(reason): \(String(cString: strerror(code)))",
            remedy: remedy)
    }
}

// Inside `FileAccess` the names of the system calls would be those of its own methods.
private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int)
    -> Int
{
    read(descriptor, buffer, count)
}

private func systemWrite(_ descriptor: Int32, _ buffer: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, buffer, count)
}
