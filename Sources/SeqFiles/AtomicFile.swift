#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif
import Synchronization

/// Writes a file so that, whenever the process is killed, either the old or the new content is whole.
public enum AtomicFile {
    /// Writes `bytes` to a file: aside in the same folder, forced to the disk, then renamed.
    ///
    /// A symbolic link is followed. A device or a pipe is written to directly. What an earlier, killed
    /// write of the same path has left is removed.
    ///
    /// - Throws: ``Seq2SeqError`` of kind `cannotWrite`; the old content is then untouched.
    public static func write(_ bytes: some Sequence<UInt8>, to path: String) throws {
        if try bytes.withContiguousStorageIfAvailable({
            try write(UnsafeRawBufferPointer($0), to: path)
        }) == nil {
            try Array(bytes).withUnsafeBytes { try write($0, to: path) }
        }
    }

    /// Writes a text to a file in UTF-8, as the others do.
    public static func write(_ text: String, to path: String) throws {
        try write(text.utf8, to: path)
    }

    /// Writes the bytes of a buffer to a file, as the others do.
    public static func write(_ bytes: UnsafeRawBufferPointer, to path: String) throws {
        switch FileKind(path: path) {
        case .absent, .regular:
            try replace(path, with: bytes)
        case .symbolicLink:
            guard let resolved = realpath(path, nil) else {
                throw writeError(errno, path: path, doing: "cannot follow the symbolic link")
            }
            defer { free(resolved) }
            try write(bytes, to: String(cString: resolved))
        case .other:
            let descriptor = retryingInterrupts { open(path, O_WRONLY | O_CLOEXEC) }
            if descriptor < 0 { throw writeError(errno, path: path, doing: "cannot open") }
            defer { close(descriptor) }
            try writeFully(bytes, to: descriptor, path: path)
        case .directory:
            throw Seq2SeqError(
                .cannotWrite, path: path, reason: "is a directory", remedy: "name a file")
        }
    }

    private static func replace(_ path: String, with bytes: UnsafeRawBufferPointer) throws {
        let aside = try AsideEntry(replacing: path, isFolder: false)
        do {
            try writeFully(bytes, to: aside.descriptor, path: path)
            try synchronize(aside.descriptor, path: path)
            if rename(aside.path, path) != 0 {
                throw writeError(errno, path: path, doing: "cannot rename")
            }
        } catch {
            aside.remove()
            throw error
        }
        try synchronize(splitPath(path).folder)
    }
}

/// A file that is written little by little and appears under its name only once it is whole.
///
/// It has a name of its own until then, so that two processes which write the same file do not meet: the
/// one that publishes last wins. What a killed process has left is removed by the next one that writes the
/// same file, and never used.
public final class AsideFile {
    private let aside: AsideEntry
    private let path: String

    /// Creates an empty file beside `path`, the target of a symbolic link at `path`.
    ///
    /// - Throws: ``Seq2SeqError`` of kind `cannotWrite`.
    public init(replacing path: String) throws {
        var path = path
        if let resolved = realpath(path, nil) {
            path = String(cString: resolved)
            free(resolved)
        }
        self.path = path
        aside = try AsideEntry(replacing: path, isFolder: false)
    }

    /// The open file.
    public var descriptor: Int32 { aside.descriptor }

    /// Forces the content to the disk and gives the file its name.
    public func publish() throws {
        try synchronize(aside.descriptor, path: path)
        if rename(aside.path, path) != 0 {
            throw writeError(errno, path: path, doing: "cannot rename")
        }
    }

    /// Deletes the file.
    public func discard() { aside.remove() }
}

/// A new file or folder beside the one it is to replace.
///
/// It is locked as long as this object lives. The lock of a killed process is gone, and that is how a
/// later process knows that a leftover is one.
package final class AsideEntry {
    let path: String
    let descriptor: Int32

    /// The suffix of the name of what is being written.
    private static let suffix = ".partial"

    /// Creates an empty file or folder, after leftovers of the same path have been removed.
    init(replacing path: String, isFolder: Bool) throws {
        let (folder, name) = splitPath(path)
        Self.removeLeftovers(folder: folder, name: name)
        var generator = SystemRandomNumberGenerator()
        while true {
            let tag = String(generator.next(), radix: 36)
            let candidate = "\(folder)/.\(name).\(tag)\(Self.suffix)"
            let created = try AsideEntries.adding(candidate) {
                try Self.create(candidate, isFolder: isFolder, for: path)
            }
            if let created {
                self.path = candidate
                descriptor = created
                return
            }
        }
    }

    deinit {
        AsideEntries.forget(path)
        close(descriptor)
    }

    /// Creates an entry and locks it; `nil` when somebody else has the name, or took the entry for a
    /// leftover before it was locked.
    private static func create(
        _ candidate: String, isFolder: Bool, for path: String
    ) throws -> Int32? {
        if isFolder && mkdir(candidate, 0o777) != 0 {
            if errno == EEXIST { return nil }
            throw writeError(errno, path: path, doing: "cannot create the folder")
        }
        let flags = isFolder ? O_RDONLY | O_DIRECTORY : O_WRONLY | O_CREAT | O_EXCL
        let descriptor = retryingInterrupts { open(candidate, flags | O_CLOEXEC, 0o666) }
        if descriptor < 0 {
            if errno == EEXIST || (isFolder && errno == ENOENT) { return nil }
            throw writeError(errno, path: path, doing: "cannot create")
        }
        // Where the file system has no locks, others cannot lock either and remove nothing.
        var isLost = flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK
        if case .absent = FileKind(path: candidate) { isLost = true }
        if isLost {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    /// Deletes the entry.
    func remove() {
        removeTree(path)
    }

    /// Deletes what killed processes have left beside `name` in `folder`.
    package static func removeLeftovers(folder: String, name: String) {
        for entry in names(inFolder: folder)
        where entry.hasPrefix(".\(name).") && entry.hasSuffix(suffix) {
            let tag = entry.dropFirst(name.count + 2).dropLast(suffix.count)
            if tag.isEmpty || tag.contains(".") { continue }
            let leftover = "\(folder)/\(entry)"
            let flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC
            let descriptor = retryingInterrupts { open(leftover, flags) }
            if descriptor < 0 { continue }
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { removeTree(leftover) }
            close(descriptor)
        }
    }
}

/// What this process is writing aside at the moment.
public enum AsideEntries {
    private struct State {
        var paths: Set<String> = []
        var isEnding = false
    }

    private static let state = Mutex(State())

    /// Deletes all of it, for a process that is about to end: what would be created from then on waits for
    /// the end.
    ///
    /// A process that is killed leaves it behind: hidden files and folders with names that end in
    /// `.partial`. Nothing is ever read from those; the next write of the same path deletes them.
    public static func removeAll() {
        state.withLock { state in
            state.isEnding = true
            for path in state.paths { remove(path) }
        }
    }

    /// Deletes a folder that others may still be writing to.
    private static func remove(_ path: String) {
        for _ in 0..<100 {
            removeTree(path)
            if case .absent = FileKind(path: path) { return }
        }
    }

    /// Returns what `create` does, and knows the new entry if there is one.
    fileprivate static func adding(_ path: String, _ create: () throws -> Int32?) throws -> Int32? {
        while true {
            let result: Int32?? = try state.withLock { state in
                if state.isEnding { return .none }
                let descriptor = try create()
                if descriptor != nil { state.paths.insert(path) }
                return .some(descriptor)
            }
            if let result { return result }
            sleep(1)
        }
    }

    fileprivate static func forget(_ path: String) {
        state.withLock { _ = $0.paths.remove(path) }
    }
}
