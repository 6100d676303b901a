/// What lets a program in over the loopback listener, as a file holds it: a line with a name, a
/// space, and the secret.
package struct LocalToken: Hashable, Sendable {
    /// Letters, digits, `.`, `_` and `-`; who writes, as the log says it.
    package var name: String
    /// As it follows `Authorization: Bearer ` (RFC 6750, section 2.1).
    package var secret: String

    package init(name: String, secret: String) { (self.name, self.secret) = (name, secret) }

    /// The line of a file.
    package var line: String { "\(name) \(secret)\n" }

    /// Reads a file's text. Empty lines, and those that begin with `#`, are passed over.
    ///
    /// - Throws: `LocalTokenFault` for the first line that is none, or if there is no token at all.
    package static func parse(_ text: String) throws -> [LocalToken] {
        guard text.utf8.count <= LocalLimits.tokenFileBytesMax else {
            throw LocalTokenFault(line: nil, reason: "more than \(LocalLimits.tokenFileBytesMax) bytes")
        }
        var tokens: [LocalToken] = []
        for (index, bytes) in text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            let line = bytes.last == 0x0D ? bytes.dropLast() : bytes
            guard let first = line.first, first != UInt8(ascii: "#") else { continue }
            let token = try token(line, number: index + 1)
            guard !tokens.contains(where: { $0.name == token.name || $0.secret == token.secret }) else {
                throw LocalTokenFault(line: index + 1, reason: "its name, or its token, stands there twice")
            }
            tokens.append(token)
        }
        guard (1...LocalLimits.tokensMax).contains(tokens.count) else {
            throw LocalTokenFault(line: nil, reason: "\(tokens.count) tokens, 1 to \(LocalLimits.tokensMax) are needed")
        }
        return tokens
    }

    private static func token(_ line: Substring.UTF8View, number: Int) throws -> LocalToken {
        let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard words.count == 2, let name = words.first, let secret = words.last else {
            throw LocalTokenFault(line: number, reason: "not a name, one space and a token")
        }
        guard (1...LocalLimits.tokenNameBytesMax).contains(name.count),
            name.allSatisfy({ isWord($0) || $0 == UInt8(ascii: ".") })
        else {
            throw LocalTokenFault(
                line: number,
                reason:
                    """
                    the name is not 1 to \(LocalLimits.tokenNameBytesMax) letters, digits, dots, hyphens and \
                    underscores
                    """
            )
        }
        guard (LocalLimits.tokenBytesMin...LocalLimits.tokenBytesMax).contains(secret.count),
            secret.allSatisfy(isSecret)
        else {
            throw LocalTokenFault(
                line: number,
                reason:
                    """
                    the token is not \(LocalLimits.tokenBytesMin) to \(LocalLimits.tokenBytesMax) characters of \
                    base64, which 32 random bytes have
                    """
            )
        }
        return LocalToken(name: String(Substring(name)), secret: String(Substring(secret)))
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
        }
    }

    private static func isSecret(_ byte: UInt8) -> Bool { isWord(byte) || [UInt8]("+/=.~".utf8).contains(byte) }
}

/// A file that holds no tokens.
package struct LocalTokenFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// Nil for the file as a whole.
    package var line: Int?
    package var reason: String

    package var description: String { line.map { "line \($0): \(reason)" } ?? reason }
}
