import ArgumentParser
import Seq2Seq

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What went wrong, as a message and an exit code of sysexits.h.
struct Failure: Error {
    enum Code: Int32 {
        case usage = 64
        case data = 65
        case missingInput = 66
        case software = 70
        case cannotCreate = 73
        case configuration = 78
        case interrupted = 130
        case brokenPipe = 141
    }

    var code: Code
    var message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The failure that an error of the libraries stands for; nil for those of the argument parser.
    init?(_ error: any Error) {
        switch error {
        case let failure as Failure: self = failure
        case let error as Seq2SeqError:
            code = Code(rawValue: error.exitCode) ?? .software
            message = error.description + Failure.remedy(code, error)
        default: return nil
        }
    }

    /// What to do about an error of a file, in words of its own, when the error does not tell.
    private static func remedy(_ code: Code, _ error: Seq2SeqError) -> String {
        guard error.remedy == nil, code != .data || error.path != nil else { return "" }
        return switch code {
        case .missingInput: " (check the path and its permissions)"
        case .cannotCreate: " (make room, or write elsewhere)"
        case .configuration: " (correct the configuration)"
        default: " (correct the file)"
        }
    }

    func end() -> Never {
        if code != .brokenPipe { Terminal.error("seq2seq: error: \(message)") }
        exit(code.rawValue)
    }
}
