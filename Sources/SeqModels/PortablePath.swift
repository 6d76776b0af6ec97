/// A path as a model folder records it, which may go to other people: without what it tells of the machine
/// and of whoever uses it.
public struct PortablePath: Sendable, Hashable, CustomStringConvertible {
    /// A relative path as it was given; the last name of any other.
    public let description: String

    /// Takes a path as a user has given it.
    public init(_ path: String) {
        let names = path.split(separator: "/").filter { $0 != "." }
        let isWithin =
            !path.hasPrefix("/") && !path.hasPrefix("~") && !names.contains("..")
        description = isWithin ? names.joined(separator: "/") : names.last.map(String.init) ?? ""
    }
}
