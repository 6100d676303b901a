/// Looks at a JSON text before anything decodes it: one pass, no recursion, memory for what is open
/// alone.
///
/// Foundation's decoder descends with each bracket and ends the process when there are too many. So
/// no decoder sees a text that is not JSON (RFC 8259), is nested deeper than
/// `LocalLimits.jsonDepthMax`, or names a member of an object twice.
struct JSONScanner {
    /// - Returns: how many values there are.
    /// - Throws: `JSONRefusal`.
    @discardableResult static func check(_ bytes: UnsafeRawBufferPointer, valuesMax: Int = .max) throws -> Int {
        var scanner = JSONScanner(bytes, valuesMax: valuesMax)
        try scanner.run()
        return scanner.values
    }

    /// What may come next.
    private enum Expected { case value, firstElement, firstName, name, colon, separator, end }

    private struct Open {
        var isObject: Bool
        /// The bytes of the names so far, without escapes.
        var names: Set<[UInt8]> = []
    }

    private let bytes: UnsafeRawBufferPointer
    private var position = 0
    private var open: [Open] = []
    private var expected = Expected.value

    private let valuesMax: Int
    private var values = 0

    private init(_ bytes: UnsafeRawBufferPointer, valuesMax: Int) { (self.bytes, self.valuesMax) = (bytes, valuesMax) }

    private mutating func run() throws {
        while let byte = current {
            switch byte {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: try consume(byte)
            }
        }
        guard expected == .end else { throw refusal(.syntax, "the text ends before its value does") }
    }

    private mutating func consume(_ byte: UInt8) throws {
        switch expected {
        case .value, .firstElement:
            if expected == .firstElement, byte == UInt8(ascii: "]") { return close() }
            try value(byte)
        case .name, .firstName:
            if expected == .firstName, byte == UInt8(ascii: "}") { return close() }
            guard byte == UInt8(ascii: "\"") else {
                throw refusal(.syntax, "the name of a member is needed here, in quotes")
            }
            try name()
        case .colon:
            guard byte == UInt8(ascii: ":") else {
                throw refusal(.syntax, "a colon is needed behind the name of a member")
            }
            position += 1
            expected = .value
        case .separator: try separator(byte)
        case .end: throw refusal(.syntax, "text follows the value")
        }
    }

    // MARK: values

    private mutating func value(_ byte: UInt8) throws {
        guard values < valuesMax else { throw refusal(.limit, "the text has more than \(valuesMax) values") }
        values += 1
        switch byte {
        case UInt8(ascii: "{"): return try descend(isObject: true)
        case UInt8(ascii: "["): return try descend(isObject: false)
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "t"): try word("true")
        case UInt8(ascii: "f"): try word("false")
        case UInt8(ascii: "n"): try word("null")
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
        default: throw refusal(.syntax, "a value is needed here")
        }
        endValue()
    }

    private mutating func descend(isObject: Bool) throws {
        guard open.count < LocalLimits.jsonDepthMax else {
            throw refusal(.limit, "objects and arrays are nested more than \(LocalLimits.jsonDepthMax) deep")
        }
        open.append(Open(isObject: isObject))
        expected = isObject ? .firstName : .firstElement
        position += 1
    }

    private mutating func close() {
        open.removeLast()
        position += 1
        endValue()
    }

    private mutating func endValue() { expected = open.isEmpty ? .end : .separator }

    private mutating func separator(_ byte: UInt8) throws {
        let isObject = open.last?.isObject ?? false
        if byte == UInt8(ascii: isObject ? "}" : "]") { return close() }
        guard byte == UInt8(ascii: ",") else {
            throw refusal(.syntax, "a comma or the end of the \(isObject ? "object" : "array") is needed here")
        }
        position += 1
        expected = isObject ? .name : .value
    }

    private mutating func name() throws {
        let start = position
        let name = try string(isKept: true)
        guard let last = open.indices.last else { return }
        guard open[last].names.insert(name).inserted else {
            position = start
            throw refusal(
                .repeatedMember, "the member \(String(decoding: name.prefix(64), as: UTF8.self)) is named twice")
        }
        guard open[last].names.count <= LocalLimits.jsonMembersMax else {
            throw refusal(.limit, "an object has more than \(LocalLimits.jsonMembersMax) members")
        }
        expected = .colon
    }

    private mutating func word(_ word: StaticString) throws {
        let length = word.utf8CodeUnitCount
        guard bytes.count - position >= length,
            bytes[position..<position + length].elementsEqual(
                UnsafeRawBufferPointer(start: word.utf8Start, count: length))
        else { throw refusal(.syntax, "a value is needed here") }
        position += length
    }

    private mutating func number() throws {
        let start = position
        if current == UInt8(ascii: "-") { position += 1 }
        if current == UInt8(ascii: "0") { position += 1 } else { try digits() }
        if current == UInt8(ascii: ".") {
            position += 1
            try digits()
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            position += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
            try digits()
        }
        guard position - start <= LocalLimits.jsonNumberBytesMax else {
            throw refusal(.limit, "a number has more than \(LocalLimits.jsonNumberBytesMax) characters")
        }
    }

    private mutating func digits() throws {
        let start = position
        while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        guard position > start else { throw refusal(.syntax, "a digit is needed here") }
    }

    // MARK: strings

    /// - Parameter isKept: whether the text is wanted.
    /// - Returns: its bytes without escapes, or none.
    private mutating func string(isKept: Bool = false) throws -> [UInt8] {
        var text: [UInt8] = []
        position += 1
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return text
            case UInt8(ascii: "\\"):
                let scalar = try escape()
                if isKept { text += Array(String(scalar).utf8) }
            case 0..<0x20:
                throw refusal(.syntax, "a control character stands in a string; write it as \\u and its four digits")
            default:
                let length = try characterLength(byte)
                if isKept { text += bytes[position..<position + length] }
                position += length
            }
        }
        throw refusal(.syntax, "a string does not end")
    }

    private mutating func escape() throws -> Unicode.Scalar {
        let start = position
        position += 1
        let byte = current
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte ?? 0)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default:
            position = start
            throw refusal(.syntax, "there is no such escape")
        }
        let unit = try hexUnit()
        guard UTF16.isLeadSurrogate(unit) else {
            if let scalar = Unicode.Scalar(unit) { return scalar }
            throw refusal(.syntax, "half of a surrogate pair stands alone")
        }
        guard current == UInt8(ascii: "\\"), position + 1 < bytes.count, bytes[position + 1] == UInt8(ascii: "u") else {
            throw refusal(.syntax, "half of a surrogate pair stands alone")
        }
        position += 2
        let second = try hexUnit()
        guard UTF16.isTrailSurrogate(second) else { throw refusal(.syntax, "half of a surrogate pair stands alone") }
        return UTF16.decode(UTF16.EncodedScalar([unit, second]))
    }

    private mutating func hexUnit() throws -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = current, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw refusal(.syntax, "four hexadecimal digits are needed behind \\u")
            }
            unit = unit << 4 | UInt16(truncatingIfNeeded: digit)
            position += 1
        }
        return unit
    }

    /// The bytes of the UTF-8 character that begins here (RFC 3629).
    private func characterLength(_ first: UInt8) throws -> Int {
        if first < 0x80 { return 1 }
        let second: ClosedRange<UInt8>
        let length: Int
        switch first {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: throw refusal(.syntax, "a byte is not UTF-8")
        }
        guard bytes.count - position >= length, second.contains(bytes[position + 1]),
            bytes[position + 2..<position + length].allSatisfy({ (0x80...0xBF).contains($0) })
        else { throw refusal(.syntax, "a byte is not UTF-8") }
        return length
    }

    // MARK: places

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func refusal(_ cause: JSONRefusal.Cause, _ reason: String) -> JSONRefusal {
        let before = bytes[..<min(position, bytes.count)]
        let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        return JSONRefusal(
            cause: cause, reason: reason, line: 1 + before.count { $0 == 0x0A }, column: 1 + before.count - lineStart)
    }
}
