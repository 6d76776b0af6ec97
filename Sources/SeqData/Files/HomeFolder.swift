#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The folder that a leading `~` stands for where no shell has put it in, as in a configuration.
public enum HomeFolder {
    /// Returns a path with its leading `~/` replaced by the user's folder; others stay as they are.
    public static func expanded(_ path: String) -> String {
        guard path.hasPrefix("~/"), let home = home else { return path }
        return home + path.dropFirst()
    }

    private static var home: String? {
        if let home = getenv("HOME") { return String(cString: home) }
        return getpwuid(getuid()).flatMap { $0.pointee.pw_dir }.map { String(cString: $0) }
    }
}
