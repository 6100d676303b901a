/// Why a text is not the identifier that it should be.
package enum IdentifierFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// Both are counted in characters, not in bytes.
    case length(expected: Int, found: Int)
    /// The position counts from 1.
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

/// The ASCII codes of a text of so many characters. All identifiers here are ASCII, so that one
/// byte is one place.
func asciiPlaces(_ text: String, _ expected: Int) throws(IdentifierFault) -> [UInt8] {
    let characters = Array(text)
    guard characters.count == expected else {
        throw IdentifierFault.length(expected: expected, found: characters.count)
    }
    var places: [UInt8] = []
    for character in characters {
        guard let code = character.asciiValue else {
            throw IdentifierFault.character(String(character), position: places.count + 1)
        }
        places.append(code)
    }
    return places
}

func checkEqual(_ expected: String, _ found: ArraySlice<UInt8>) throws(IdentifierFault) {
    let found = String(decoding: found, as: UTF8.self)
    guard expected == found else { throw IdentifierFault.check(expected: expected, found: found) }
}
