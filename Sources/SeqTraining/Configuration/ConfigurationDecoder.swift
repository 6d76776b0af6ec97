import Yams

/// Makes options of a tree of YAML, by ``ConfigurationValue``.
struct ConfigurationDecoder: Decoder {
    let node: Node
    var codingPath: [any CodingKey] = []
    let userInfo: [CodingUserInfoKey: Any] = [:]

    /// Decodes the whole tree.
    static func decode<Value: Decodable>(_ type: Value.Type, from node: Node) throws -> Value {
        try ConfigurationDecoder(node: node).decode(type)
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .mapping(let options) = node else { throw mismatch([String: String].self) }
        return KeyedDecodingContainer(Keyed(decoder: self, options: options))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .sequence(let elements) = node else { throw mismatch([String].self) }
        return Unkeyed(decoder: self, elements: elements)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { self }

    fileprivate func mismatch(_ type: any Any.Type) -> DecodingError {
        .typeMismatch(type, .init(codingPath: codingPath, debugDescription: "no such value"))
    }

    fileprivate func element(_ node: Node, _ key: any CodingKey) -> ConfigurationDecoder {
        ConfigurationDecoder(node: node, codingPath: codingPath + [key])
    }
}

extension ConfigurationDecoder: SingleValueDecodingContainer {
    func decodeNil() -> Bool { node.scalar?.isNull ?? false }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        guard let wanted = type as? any ConfigurationValue.Type else {
            return try Value(from: self)
        }
        guard let word = node.scalar, let value = wanted.init(word: word) as? Value else {
            throw mismatch(type)
        }
        return value
    }
}

extension ConfigurationDecoder {
    private struct Keyed<Key: CodingKey>: KeyedDecodingContainerProtocol {
        let decoder: ConfigurationDecoder
        let options: Node.Mapping

        var codingPath: [any CodingKey] { decoder.codingPath }
        var allKeys: [Key] { options.keys.compactMap { $0.string.flatMap(Key.init(stringValue:)) } }

        func contains(_ key: Key) -> Bool { options[key.stringValue] != nil }

        private func element(_ key: any CodingKey) throws -> ConfigurationDecoder {
            guard let node = options[key.stringValue] else {
                throw DecodingError.keyNotFound(
                    key, .init(codingPath: codingPath, debugDescription: "no such key"))
            }
            return decoder.element(node, key)
        }

        func decodeNil(forKey key: Key) throws -> Bool { try element(key).decodeNil() }

        func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
            try element(key).decode(type)
        }

        func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type, forKey key: Key
        ) throws -> KeyedDecodingContainer<Nested> {
            try element(key).container(keyedBy: type)
        }

        func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
            try element(key).unkeyedContainer()
        }

        func superDecoder() throws -> any Decoder { decoder }
        func superDecoder(forKey key: Key) throws -> any Decoder { try element(key) }
    }

    private struct Unkeyed: UnkeyedDecodingContainer {
        private struct Index: CodingKey {
            let index: Int
            init(_ index: Int) { self.index = index }
            init?(intValue: Int) { index = intValue }
            init?(stringValue: String) { nil }
            var intValue: Int? { index }
            var stringValue: String { "\(index)" }
        }

        let decoder: ConfigurationDecoder
        let elements: Node.Sequence
        var currentIndex = 0

        var codingPath: [any CodingKey] { decoder.codingPath }
        var count: Int? { elements.count }
        var isAtEnd: Bool { currentIndex >= elements.count }

        /// The element that is next, and goes on behind it if `body` succeeds.
        private mutating func next<Result>(
            _ body: (ConfigurationDecoder) throws -> Result
        ) throws -> Result {
            guard !isAtEnd else {
                throw DecodingError.valueNotFound(
                    Result.self,
                    .init(
                        codingPath: codingPath + [Index(currentIndex)],
                        debugDescription: "no more elements"))
            }
            let result = try body(decoder.element(elements[currentIndex], Index(currentIndex)))
            currentIndex += 1
            return result
        }

        mutating func decodeNil() throws -> Bool {
            guard !isAtEnd, elements[currentIndex].scalar?.isNull == true else { return false }
            currentIndex += 1
            return true
        }

        mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
            try next { try $0.decode(type) }
        }

        mutating func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type
        ) throws -> KeyedDecodingContainer<Nested> {
            try next { try $0.container(keyedBy: type) }
        }

        mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
            try next { try $0.unkeyedContainer() }
        }

        mutating func superDecoder() throws -> any Decoder { try next { $0 } }
    }
}
