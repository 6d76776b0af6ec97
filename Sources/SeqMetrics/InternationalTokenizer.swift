/// The tokenizer of `mteval-v14.pl`: cuts at punctuation and symbols by their Unicode category,
/// except at punctuation between numbers.
enum InternationalTokenizer {
    /// What the patterns distinguish: the categories N, P and S of Unicode, and the rest.
    private enum Category: UInt8 {
        case other, number, punctuation, symbol
    }

    private struct Unit {
        var scalar: Unicode.Scalar
        var category: Category
    }

    /// Returns `line` with white space around the tokens.
    static func separated(_ line: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var units: [Unit] = []
        units.reserveCapacity(line.count)
        for scalar in String(decoding: line, as: UTF8.self).unicodeScalars {
            units.append(Unit(scalar: scalar, category: category(of: scalar)))
        }
        let space = Unit(scalar: " ", category: .other)
        if units.contains(where: { $0.category == .punctuation }) {
            // (\P{N})(\p{P}) → \1 \2␣
            units = replacingPairs(in: units) { first, second in
                first.category != .number && second.category == .punctuation
            } appending: { output, first, second in
                output.append(first)
                output.append(space)
                output.append(second)
                output.append(space)
            }
            // (\p{P})(\P{N}) → ␣\1 \2
            units = replacingPairs(in: units) { first, second in
                first.category == .punctuation && second.category != .number
            } appending: { output, first, second in
                output.append(space)
                output.append(first)
                output.append(space)
                output.append(second)
            }
        }
        var result: [UInt8] = []
        result.reserveCapacity(line.count * 2)
        for unit in units {
            let isSymbol = unit.category == .symbol
            if isSymbol { result.append(UInt8(ascii: " ")) }
            if unit.scalar.isASCII {
                result.append(UInt8(unit.scalar.value))
            } else {
                result.append(
                    contentsOf: UTF8.encode(unit.scalar) ?? UTF8.encodedReplacementCharacter)
            }
            if isSymbol { result.append(UInt8(ascii: " ")) }
        }
        return result
    }

    @inline(__always)
    private static func replacingPairs(
        in units: [Unit],
        where matches: (Unit, Unit) -> Bool,
        appending: (inout [Unit], Unit, Unit) -> Void
    ) -> [Unit] {
        var result: [Unit] = []
        result.reserveCapacity(units.count + units.count / 4)
        var index = 0
        while index < units.count {
            if index + 1 < units.count, matches(units[index], units[index + 1]) {
                appending(&result, units[index], units[index + 1])
                index += 2
            } else {
                result.append(units[index])
                index += 1
            }
        }
        return result
    }

    private static let asciiCategories: [Category] = (0..<128).map {
        category(bySlowLookupOf: Unicode.Scalar(UInt8($0)))
    }

    private static func category(of scalar: Unicode.Scalar) -> Category {
        scalar.isASCII ? asciiCategories[Int(scalar.value)] : category(bySlowLookupOf: scalar)
    }

    private static func category(bySlowLookupOf scalar: Unicode.Scalar) -> Category {
        switch scalar.properties.generalCategory {
        case .decimalNumber, .letterNumber, .otherNumber:
            .number
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
            .initialPunctuation, .finalPunctuation, .otherPunctuation:
            .punctuation
        case .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol:
            .symbol
        default:
            .other
        }
    }
}
