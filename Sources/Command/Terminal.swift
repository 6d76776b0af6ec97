#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Messages for people, on standard error.
enum Terminal {
    /// Whether standard error is a terminal that can redraw a line.
    static var isInteractive: Bool {
        guard isatty(STDERR_FILENO) == 1, getenv("CI") == nil else { return false }
        guard let terminal = getenv("TERM") else { return false }
        return String(cString: terminal) != "dumb"
    }

    /// Whether it shows colours: not where NO_COLOR is set (no-color.org).
    static var usesColor: Bool {
        isInteractive && (getenv("NO_COLOR").map { $0.pointee == 0 } ?? true)
    }

    /// The size of the window now.
    static var window: TerminalWindow {
        #if canImport(Glibc)
        let request = UInt(TIOCGWINSZ)
        #else
        // TIOCGWINSZ, which is a macro that Swift cannot import.
        let request: UInt = 0x4008_7468
        #endif
        var size = winsize()
        guard ioctl(STDERR_FILENO, request, &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return TerminalWindow(columns: 80, rows: 24)
        }
        return TerminalWindow(columns: Int(size.ws_col), rows: Int(size.ws_row))
    }

    /// Writes a line.
    static func error(_ line: String) { write(line + "\n") }

    /// Writes text as it is.
    static func write(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { writeOnce(STDERR_FILENO, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }

    private static func writeOnce(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int)
        -> Int
    {
        #if canImport(Glibc)
        Glibc.write(descriptor, bytes, count)
        #else
        Darwin.write(descriptor, bytes, count)
        #endif
    }
}

/// The size of a window.
struct TerminalWindow {
    var columns: Int
    var rows: Int
}
