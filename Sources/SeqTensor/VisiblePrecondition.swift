/// Swift's `precondition`, whose message an optimised program shows too: a wrong shape is told with both
/// operands, and the program traps.
///
/// It takes the place of Swift's in this package wherever SeqTensor is imported.
@inline(__always)
package func precondition(
    _ condition: @autoclosure () -> Bool, _ message: @autoclosure () -> String,
    file: StaticString = #fileID, line: UInt = #line
) {
    if !condition() { preconditionFailure(message(), file: file, line: line) }
}

/// Swift's `preconditionFailure`, whose message an optimised program shows too.
@inline(never)
package func preconditionFailure(
    _ message: @autoclosure () -> String, file: StaticString = #fileID, line: UInt = #line
) -> Never {
    fatalError(message(), file: file, line: line)
}
