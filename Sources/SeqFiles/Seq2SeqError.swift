#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// What went wrong, where, and what to do about it: the one error of this package.
///
/// Files, configurations and data come from outside and may be wrong; a wrong shape or index is a
/// programmer's mistake and stops the program instead.
public struct Seq2SeqError: Error, Hashable, Sendable, CustomStringConvertible, LocalizedError {
    /// What class of problem an error reports.
    ///
    /// More kinds may come.
    public struct Kind: Hashable, Sendable, CustomStringConvertible {
        /// The name of the kind, as in the code.
        public let description: String
        /// The exit code of a command that fails so, after sysexits.h.
        public let exitCode: Int32

        /// Creates a kind.
        public init(_ name: String, exitCode: Int32) {
            description = name
            self.exitCode = exitCode
        }

        /// A file is missing, a directory, or cannot be read.
        public static let missingInput = Kind("missingInput", exitCode: 66)
        /// A file, a text or data are not what they should be.
        public static let badData = Kind("badData", exitCode: 65)
        /// A setting has a value that cannot work.
        public static let badConfiguration = Kind("badConfiguration", exitCode: 78)
        /// A result cannot be written.
        public static let cannotWrite = Kind("cannotWrite", exitCode: 73)
        /// Nobody reads the output any more: a command ends quietly.
        public static let brokenPipe = Kind("brokenPipe", exitCode: 141)
        /// What a model computes is not a number.
        public static let notANumber = Kind("notANumber", exitCode: 70)
        /// There is no memory for what a configuration asks for.
        public static let outOfMemory = Kind("outOfMemory", exitCode: 78)
        /// The loss or a gradient in training is not a finite number.
        public static let diverged = Kind("diverged", exitCode: 70)
        /// The user has ended the work before there was anything to save.
        public static let interrupted = Kind("interrupted", exitCode: 130)
    }

    /// The class of the problem.
    public var kind: Kind
    /// The option concerned, named as in a configuration; the reason begins with it.
    public var option: String?
    /// The file concerned.
    public var path: String?
    /// The line concerned, counted from 1.
    public var line: Int?
    /// What is wrong.
    public var reason: String
    /// What to do about it.
    public var remedy: String?

    /// Creates an error.
    public init(
        _ kind: Kind, option: String? = nil, path: String? = nil, line: Int? = nil,
        reason: String, remedy: String? = nil
    ) {
        self.kind = kind
        self.option = option
        self.path = path
        self.line = line
        self.reason = reason
        self.remedy = remedy
    }

    /// Creates the error of an option whose value cannot work.
    ///
    /// - Parameters:
    ///   - option: the name of the option.
    ///   - problem: what is wrong with it, to be read after its name: `is -1`.
    ///   - remedy: what to do about it.
    public init(option: String, _ problem: String, remedy: String? = nil) {
        self.init(
            .badConfiguration, option: option, reason: "\(option) \(problem)", remedy: remedy)
    }

    /// The same error of an option with another name.
    public func renamingOption(_ name: String) -> Seq2SeqError {
        guard let option, reason.hasPrefix(option) else { return self }
        var error = self
        error.option = name
        error.reason = name + reason.dropFirst(option.count)
        return error
    }

    /// The error of an option as one of the section that the option stands in.
    public func within(_ section: String) -> Seq2SeqError {
        renamingOption("\(section).\(option ?? "")")
    }

    /// What to do about a full disk, where nobody knows better.
    package static let makingRoom = "make room or write elsewhere"

    /// The exit code of a command that fails so, after sysexits.h.
    public var exitCode: Int32 { kind.exitCode }

    /// The error in the form `path:line: reason (remedy)`.
    public var description: String {
        var text = ""
        if let path { text += "\(path):" }
        if let line { text += path == nil ? "line \(line):" : "\(line):" }
        if !text.isEmpty { text += " " }
        text += reason
        if let remedy { text += " (\(remedy))" }
        return text
    }

    /// The error in the form `path:line: reason (remedy)`.
    public var errorDescription: String? { description }
}
