import Foundation
import ParkSyncCore

/// Words of a command that somebody copies into a shell.
package enum CommandWords {
    /// A value as `syncctl` takes it: JSON, or a text that no JSON is, as it stands; in single
    /// quotes where a shell would read something else.
    package static func word(_ value: JSONValue) -> String {
        if case .text(let bytes) = value.value {
            let text = String(decoding: bytes, as: UTF8.self)
            if (try? JSONCoding.decode(JSONValue.self, from: text.utf8)) == nil { return quoted(text) }
        }
        guard let json = try? JSONEncoder().encode(value) else { return quoted("") }
        return quoted(String(decoding: json, as: UTF8.self))
    }

    /// A word of a POSIX shell (IEEE Std 1003.1, Shell Command Language, 2.2.2).
    package static func quoted(_ text: String) -> String {
        let isPlain = !text.isEmpty && text.utf8.allSatisfy { plain.contains($0) }
        return isPlain
            ? text : "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }

    private static let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@%+,".utf8)
}
