/// A person's ORCID, as in `0000-0002-1825-0097`: 15 digits and a check by ISO 7064 MOD 11-2.
package enum ORCID {
    static let places = 19
    private static let hyphens: Set<Int> = [4, 9, 14]
    private static let digits = IdentifierAlphabet("0123456789")

    /// - Throws: what is wrong with the text.
    package static func validate(_ text: String) throws(IdentifierFault) {
        let bytes = try asciiPlaces(text, places)
        for position in hyphens.sorted() where bytes[position] != UInt8(ascii: "-") {
            throw IdentifierFault.character(String(decoding: [bytes[position]], as: UTF8.self), position: position + 1)
        }
        var total = 0
        for position in 0..<(places - 1) where !hyphens.contains(position) {
            total = (total + (try digits.value(bytes[position], at: position))) * 2
        }
        try checkEqual(check(total), bytes[(places - 1)...])
    }

    /// - Parameter number: its low 15 decimal digits are used.
    package static func make(_ number: UInt64) -> String {
        let text = String(number % 1_000_000_000_000_000)
        let digits = Array((String(repeating: "0", count: 15 - text.count) + text).utf8)
        let total = digits.reduce(0) { ($0 + Int($1 - 0x30)) * 2 }
        let whole = String(decoding: digits, as: UTF8.self) + check(total)
        return [0, 4, 8, 12].map { start in String(whole.dropFirst(start).prefix(4)) }.joined(separator: "-")
    }

    private static func check(_ total: Int) -> String {
        let result = (12 - total % 11) % 11
        return result == 10 ? "X" : "\(result)"
    }
}

/// An organisation's ROR, as in `02mhbdp94`: `0`, six characters of Crockford's base 32, and two
/// digits by ISO 7064 MOD 97-10.
package enum ROR {
    static let places = 9
    private static let alphabet = IdentifierAlphabet("0123456789abcdefghjkmnpqrstvwxyz")

    /// - Throws: what is wrong with the text.
    package static func validate(_ text: String) throws(IdentifierFault) {
        let bytes = try asciiPlaces(text, places)
        guard bytes[0] == UInt8(ascii: "0") else {
            throw IdentifierFault.character(String(decoding: [bytes[0]], as: UTF8.self), position: 1)
        }
        var number = 0
        for position in 1...6 { number = number * 32 + (try alphabet.value(bytes[position], at: position)) }
        try checkEqual(check(number), bytes[7...])
    }

    /// - Parameter number: its low 30 bits are the six characters.
    package static func make(_ number: UInt64) -> String {
        let low = Int(number & 0x3FFF_FFFF)
        let characters = (0..<6).map { alphabet[low >> (25 - 5 * $0) & 31] }
        return "0" + characters.joined() + check(low)
    }

    private static func check(_ number: Int) -> String {
        let check = 98 - number * 100 % 97
        return check < 10 ? "0\(check)" : "\(check)"
    }
}

/// A Chinese patent application number: `YYYY k NNNNNNN . c`, or 8 digits and a check before
/// October 2003.
package enum PatentApplication {
    private static let digits = IdentifierAlphabet("0123456789")
    private static let weights = [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]

    /// - Parameter text: with or without the point and spaces, and with or without the leading `CN`
    ///   or `ZL`.
    /// - Throws: what is wrong with the text; a wrong length is held against the 13 places of
    ///   today's form.
    package static func validate(_ text: String) throws(IdentifierFault) {
        var characters = text.filter { $0 != "." && $0 != " " }
        if characters.hasPrefix("CN") || characters.hasPrefix("ZL") { characters.removeFirst(2) }
        let bytes = try asciiPlaces(characters, characters.count == 9 ? 9 : 13)
        try checkEqual(try check(of: bytes.dropLast()), bytes.suffix(1))
    }

    /// Completes 12 digits, or the 8 of the form before October 2003, with the point and the check
    /// character.
    ///
    /// - Throws: what is wrong with the digits.
    package static func complete(_ body: String) throws(IdentifierFault) -> String {
        let bytes = try asciiPlaces(body, body.count == 8 ? 8 : 12)
        return body + "." + (try check(of: bytes[...]))
    }

    private static func check(of bytes: ArraySlice<UInt8>) throws(IdentifierFault) -> String {
        var sum = 0
        for (index, byte) in bytes.enumerated() {
            sum += try digits.value(byte, at: index) * weights[index % weights.count]
        }
        return sum % 11 == 10 ? "X" : "\(sum % 11)"
    }
}
