import CZlibShim

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Replaces a folder of files so that, whenever the process is killed, either the old or the new
/// folder is whole.
public enum AtomicFolder {
    /// Writes a folder aside, forces it to the disk, and puts it in the place of the old one.
    ///
    /// The two folders exchange their names in one step of the kernel. Where the file system cannot do
    /// that, the old folder is renamed first, and for an instant there is none: ``recover(_:)`` brings
    /// it back. A file or a symbolic link at `path` is replaced too.
    ///
    /// - Parameters:
    ///   - path: The folder to replace or to create; the folder around it must exist.
    ///   - body: Writes the new files into the empty folder at the path that it is given.
    /// - Throws: What `body` throws, or ``Seq2SeqError`` of kind `cannotWrite`; the old folder is then
    ///   untouched.
    public static func replace(
        _ path: String, with body: (_ temporaryPath: String) throws -> Void
    ) throws {
        try replace(path, canExchange: true, reached: { _ in }, with: body)
    }

    /// Undoes or completes a replacement that a kill has interrupted, and deletes what it left.
    ///
    /// Call this before reading the folder; ``replace(_:with:)`` does it itself.
    public static func recover(_ path: String) throws {
        let (folder, name) = splitPath(path)
        let previous = previousPath(folder: folder, name: name)
        if case .absent = FileKind(path: previous) {
            // Nothing had been renamed.
        } else if case .absent = FileKind(path: path) {
            if rename(previous, path) != 0, errno != ENOENT {
                throw writeError(errno, path: path, doing: "cannot bring back the old folder")
            }
        } else {
            removeTree(previous)
        }
        AsideEntry.removeLeftovers(folder: folder, name: name)
    }

    /// The instants between the steps of a replacement, at which tests kill it.
    enum Instant: CaseIterable {
        case written, oldRenamed, newInPlace
    }

    /// Replaces a folder.
    ///
    /// - Parameters:
    ///   - canExchange: Whether two paths may be exchanged in one step, if the file system can.
    ///   - reached: Called at each instant.
    static func replace(
        _ path: String, canExchange: Bool, reached: (Instant) -> Void,
        with body: (String) throws -> Void
    ) throws {
        try recover(path)
        let aside = try AsideEntry(replacing: path, isFolder: true)
        do {
            try body(aside.path)
            try synchronizeTree(aside.path)
            reached(.written)
            try putInPlace(aside.path, at: path, canExchange: canExchange, reached: reached)
        } catch var error as Seq2SeqError {
            aside.remove()
            // Nobody knows the name of the hidden folder.
            if let file = error.path, file.hasPrefix(aside.path) {
                error.path = path + file.dropFirst(aside.path.count)
            }
            throw error
        } catch {
            aside.remove()
            throw error
        }
    }

    private static func putInPlace(
        _ new: String, at path: String, canExchange: Bool, reached: (Instant) -> Void
    ) throws {
        let (folder, name) = splitPath(path)
        var leftover: String?
        if case .absent = FileKind(path: path) {
            try move(new, to: path, for: path)
        } else if canExchange, try exchange(new, path) {
            leftover = new
        } else {
            let previous = previousPath(folder: folder, name: name)
            try move(path, to: previous, for: path)
            reached(.oldRenamed)
            do {
                try move(new, to: path, for: path)
            } catch {
                _ = rename(previous, path)
                throw error
            }
            leftover = previous
        }
        reached(.newInPlace)
        try synchronize(folder)
        if let leftover { removeTree(leftover) }
    }

    private static func previousPath(folder: String, name: String) -> String {
        "\(folder)/.\(name).previous"
    }

    private static func move(_ old: String, to new: String, for path: String) throws {
        if rename(old, new) != 0 { throw writeError(errno, path: path, doing: "cannot rename") }
    }

    /// Exchanges two paths; returns `false` when the system or the file system cannot.
    private static func exchange(_ first: String, _ second: String) throws -> Bool {
        if seq_rename_exchange(first, second) == 0 { return true }
        switch errno {
        case ENOSYS, EINVAL, ENOTSUP, EPERM: return false
        default: throw writeError(errno, path: second, doing: "cannot rename")
        }
    }

    private static func synchronizeTree(_ path: String) throws {
        switch FileKind(path: path) {
        case .directory:
            for name in names(inFolder: path) { try synchronizeTree("\(path)/\(name)") }
            try synchronize(path)
        case .regular:
            try synchronize(path)
        case .absent, .symbolicLink, .other:
            break
        }
    }
}
