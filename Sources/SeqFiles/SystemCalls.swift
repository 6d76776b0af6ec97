#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Returns the system's words for an error number.
package func systemMessage(_ number: Int32) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
        guard let text = buffer.baseAddress, strerror_r(number, text, buffer.count) == 0 else {
            return "error \(number)"
        }
        return String(cString: text)
    }
}

/// Returns the result of a system call, called again as long as a signal interrupts it.
@discardableResult
package func retryingInterrupts<Result: FixedWidthInteger>(_ call: () -> Result) -> Result {
    while true {
        let result = call()
        if result != -1 || errno != EINTR { return result }
    }
}

/// Reads up to `buffer.count` bytes; returns how many, 0 at the end and -1 with `errno` set.
func readOnce(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    while true {
        let count = retryingInterrupts { read(descriptor, buffer.baseAddress, buffer.count) }
        if count >= 0 || errno != EAGAIN { return count }
        waitUntilReady(descriptor, for: POLLIN)
    }
}

/// Waits until a descriptor that does not block can be read from or written to.
private func waitUntilReady(_ descriptor: Int32, for event: some BinaryInteger) {
    var request = pollfd(fd: descriptor, events: Int16(event), revents: 0)
    retryingInterrupts { poll(&request, 1, -1) }
}

/// Writes all of `bytes` to `descriptor`.
///
/// - Throws: ``Seq2SeqError`` of kind `brokenPipe` when the reader has gone, else `cannotWrite`.
func writeFully(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, path: String) throws {
    var remaining = bytes
    while let start = remaining.baseAddress, !remaining.isEmpty {
        let written = retryingInterrupts { write(descriptor, start, remaining.count) }
        if written >= 0 {
            remaining = UnsafeRawBufferPointer(rebasing: remaining[written...])
        } else if errno == EAGAIN {
            waitUntilReady(descriptor, for: POLLOUT)
        } else {
            throw writeError(errno, path: path)
        }
    }
}

/// Returns the error for a failed write.
func writeError(_ number: Int32, path: String, doing: String = "cannot write") -> Seq2SeqError {
    if number == EPIPE {
        return Seq2SeqError(.brokenPipe, path: path, reason: "the reader of the output has gone")
    }
    let isFull = number == ENOSPC || number == EDQUOT
    return Seq2SeqError(
        .cannotWrite, path: path, reason: "\(doing): \(systemMessage(number))",
        remedy: isFull ? Seq2SeqError.makingRoom : nil)
}

/// The kind of a file, symbolic links not followed.
enum FileKind {
    case absent, regular, directory, symbolicLink, other

    init(path: String) {
        var information = stat()
        guard lstat(path, &information) == 0 else {
            self = .absent
            return
        }
        self.init(mode: information.st_mode)
    }

    init(mode: mode_t) {
        switch mode & S_IFMT {
        case S_IFREG: self = .regular
        case S_IFDIR: self = .directory
        case S_IFLNK: self = .symbolicLink
        default: self = .other
        }
    }
}

/// Whether a path, symbolic links followed, names a file that can be read as often as one likes.
package func isRegularFile(_ path: String) -> Bool {
    var information = stat()
    return stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFREG
}

/// Refuses a pipe, a socket or a device where a file is read more than once, without opening it: that could
/// wait for ever.
///
/// - Throws: ``Seq2SeqError`` of kind `missingInput`. What does not exist is left to whoever opens it.
package func requireRegularFile(_ path: String) throws {
    var information = stat()
    guard stat(path, &information) == 0 else { return }
    let name: String
    switch information.st_mode & S_IFMT {
    case S_IFIFO: name = "a pipe"
    case S_IFSOCK: name = "a socket"
    case S_IFCHR, S_IFBLK: name = "a device"
    default: return
    }
    throw Seq2SeqError(
        .missingInput, path: path, reason: "is \(name), and it is read more than once",
        remedy: "write it to a file first")
}

/// Returns the folder and the last component of a path; slashes at its end are ignored.
func splitPath(_ path: String) -> (folder: String, name: String) {
    var path = path[...]
    while path.count > 1 && path.hasSuffix("/") { path = path.dropLast() }
    guard let slash = path.lastIndex(of: "/") else { return (".", String(path)) }
    let folder = path[..<slash]
    return (folder.isEmpty ? "/" : String(folder), String(path[path.index(after: slash)...]))
}

/// Returns the names in a folder, without `.` and `..`; nothing when it cannot be read.
package func names(inFolder folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name != "." && name != ".." { names.append(name) }
    }
    return names
}

/// Deletes a file or a folder with all it holds, as far as that can be done.
func removeTree(_ path: String) {
    if case .directory = FileKind(path: path) {
        for name in names(inFolder: path) { removeTree("\(path)/\(name)") }
        rmdir(path)
    } else {
        unlink(path)
    }
}

/// Forces the content of a file or the entries of a folder to the disk.
func synchronize(_ path: String) throws {
    let descriptor = retryingInterrupts { open(path, O_RDONLY | O_CLOEXEC) }
    if descriptor < 0 { throw writeError(errno, path: path, doing: "cannot open") }
    defer { close(descriptor) }
    try synchronize(descriptor, path: path)
}

/// Forces the content behind a descriptor to the disk.
func synchronize(_ descriptor: Int32, path: String) throws {
    // Some file systems have nothing to force out, and say so with EINVAL or ENOTSUP.
    if retryingInterrupts({ fsync(descriptor) }) != 0, errno != EINVAL, errno != ENOTSUP {
        throw writeError(errno, path: path, doing: "cannot flush to disk")
    }
}
