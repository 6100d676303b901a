/// Which values SQLite keeps in a column as they are.
///
/// A trigger records what is stored, so an honest change carries nothing else. A value that the
/// column's affinity would convert, or that SQLite refuses, must not get as far as the tables: the
/// digest would be that of another value, or one entry would hold up the rest. Decided by the
/// change and the schema alone, so that every node decides alike.
extension SharedColumn {
    /// The types of values that the column can hold whatever the value, as bits by
    /// `ValueView.typeBit`: most values need no closer look.
    var plainTypes: UInt8 {
        var bits: UInt8 = isNotNull ? 0 : ValueView.nullBit
        if affinity != .text, affinity != .real { bits |= ValueView.integerBit }
        if isStrict, affinity == .blob { bits &= ~ValueView.integerBit }
        if holdsTexts { bits |= ValueView.textBit }
        if holdsBlobs { bits |= ValueView.blobBit }
        return bits
    }

    package func canHold(_ value: ValueView) -> Bool {
        switch value {
        case .null: !isNotNull
        case .integer: affinity != .text && affinity != .real && !(isStrict && affinity == .blob)
        case .real(let bits): !isCounter && (!isStrict || affinity == .real) && keepsReal(Double(bitPattern: bits))
        case .text(let bytes):
            holdsTexts || (!isCounter && !isStrict && affinity != .blob && !NumericText.isNumber(bytes))
        case .blob: holdsBlobs
        }
    }

    /// Any text, whether it looks like a number or not.
    private var holdsTexts: Bool { !isCounter && (affinity == .text || (affinity == .blob && !isStrict)) }
    private var holdsBlobs: Bool { !isCounter && (affinity == .blob || !isStrict) }

    private func keepsReal(_ value: Double) -> Bool {
        // SQLite stores NULL for what is not a number.
        if value.isNaN { return false }
        switch affinity {
        case .text: return false
        case .blob: return true
        // It stores a whole number as an integer and gives it back as a real, which has the sign of
        // zero no more.
        case .real: return value != 0 || value.sign == .plus
        // A whole number of less than 64 bits becomes an integer.
        case .integer, .numeric: return value.magnitude >= 0x1p63 || Double(Int64(value)) != value
        }
    }
}

extension ValueView {
    static let nullBit: UInt8 = 1
    static let integerBit: UInt8 = 2
    static let realBit: UInt8 = 4
    static let textBit: UInt8 = 8
    static let blobBit: UInt8 = 16

    @inline(__always)
    var typeBit: UInt8 {
        switch self {
        case .null: Self.nullBit
        case .integer: Self.integerBit
        case .real: Self.realBit
        case .text: Self.textBit
        case .blob: Self.blobBit
        }
    }
}

extension SharedTable {
    /// Whether each component is of a type that its key column keeps. Reals are none: SQLite takes
    /// 1 and 1.0 for one key.
    package func canHold(key: [Value]) -> Bool {
        zip(keyColumns, key).allSatisfy { column, component in
            switch (column.affinity, component) {
            case (.integer, .integer), (.text, .text), (.blob, .blob): true
            case (.text, .blob), (.blob, .integer), (.blob, .text): !column.isStrict
            default: false
            }
        }
    }
}

/// Texts that a column of numbers converts (sqlite.org/datatype3.html, section 3).
enum NumericText {
    /// Sign, digits with an optional point, optional exponent; white space around.
    static func isNumber(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        func skip(while isWanted: (UInt8) -> Bool) -> Int {
            let start = index
            while index < bytes.count, isWanted(bytes[index]) { index += 1 }
            return index - start
        }
        func skip(oneOf wanted: [UInt8]) -> Bool {
            guard index < bytes.count, wanted.contains(bytes[index]) else { return false }
            index += 1
            return true
        }
        let isSpace = { (byte: UInt8) in byte == 0x20 || (0x09...0x0D).contains(byte) }
        let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) }
        let isSign: [UInt8] = [UInt8(ascii: "+"), UInt8(ascii: "-")]
        _ = skip(while: isSpace)
        _ = skip(oneOf: isSign)
        var digits = skip(while: isDigit)
        if skip(oneOf: [UInt8(ascii: ".")]) { digits += skip(while: isDigit) }
        guard digits > 0 else { return false }
        if skip(oneOf: [UInt8(ascii: "e"), UInt8(ascii: "E")]) {
            _ = skip(oneOf: isSign)
            guard skip(while: isDigit) > 0 else { return false }
        }
        _ = skip(while: isSpace)
        return index == bytes.count
    }
}
