#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Returns a path with its leading `~/` or `~name/` replaced by the home folder of the user, or of the user
/// of that name, as a shell does where it sees the `~` at the start of a word.
///
/// What no user is called is left as it is, and so is a `~` alone, which a configuration takes for nothing
/// at all; `./~name` is always a file of that name.
public func expandingHome(_ path: String) -> String {
    guard path.hasPrefix("~"), path.contains("/") else { return path }
    let name = path.dropFirst().prefix { $0 != "/" }
    guard let home = homeFolder(of: String(name)) else { return path }
    let rest = path.dropFirst(1 + name.count)
    return home.hasSuffix("/") ? home + rest.dropFirst() : home + rest
}

private func homeFolder(of name: String) -> String? {
    if name.isEmpty, let home = getenv("HOME"), home.pointee != 0 { return String(cString: home) }
    let entry = name.isEmpty ? getpwuid(getuid()) : getpwnam(name)
    guard let folder = entry?.pointee.pw_dir, folder.pointee != 0 else { return nil }
    return String(cString: folder)
}
