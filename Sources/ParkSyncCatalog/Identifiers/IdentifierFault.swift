/// Why a text is not the identifier that it should be.
package enum IdentifierFault: Error, Hashable, Sendable, CustomStringConvertible {
    case length(expected: Int, found: Int)
    case character(String, position: Int)
    case check(expected: String, found: String)

    package var description: String {
        switch self {
        case .length(let expected, let found): "it has \(found) characters instead of \(expected)"
        case .character(let character, let position): "\(character) cannot stand at place \(position)"
        case .check(let expected, let found): "the check character is \(found), it should be \(expected)"
        }
    }
}

/// Looks characters up in an identifier's alphabet.
struct IdentifierAlphabet {
    private let characters: [UInt8]
    init(_ text: String) { characters = Array(text.utf8) }

    func value(_ character: UInt8, at position: Int) throws(IdentifierFault) -> Int {
        guard let value = characters.firstIndex(of: character) else {
            throw IdentifierFault.character(String(decoding: [character], as: UTF8.self), position: position + 1)
        }
        return value
    }

    subscript(value: Int) -> String { String(decoding: [characters[value % characters.count]], as: UTF8.self) }
}

func checkLength(_ bytes: [UInt8], _ expected: Int) throws(IdentifierFault) {
    guard bytes.count == expected else { throw IdentifierFault.length(expected: expected, found: bytes.count) }
}

func checkEqual(_ expected: String, _ found: ArraySlice<UInt8>) throws(IdentifierFault) {
    let found = String(decoding: found, as: UTF8.self)
    guard expected == found else { throw IdentifierFault.check(expected: expected, found: found) }
}
