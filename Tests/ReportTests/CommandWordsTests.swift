import DaemonFixtures
import Foundation
import ParkSyncCore
import ParkSyncReports
import Testing

/// Commands that the status tells people to run.
@Suite struct CommandWordsTests {
    private static let values: [Value] = [
        .string("plain"), .string("a b"), .string("1.50"), .string("\"q\""), .string("$HOME"), .string(""),
        .string("-x"), .string("it's"),
        .string("null"),
        .string("true"), .string("`id`"), .string("a\nb"), .string("成都"), .string("*"), .string("{\"blob\":\"AAH/\"}"),
        .integer(500), .integer(-1),
        .real((1.5).bitPattern), .real((2.0).bitPattern), .blob([0, 39, 255]),
    ]

    /// Pasted into a shell they are the row's key again, as `syncctl` reads its arguments.
    @Test func aShellGivesTheValuesBack() async throws {
        let command = Self.values.map { CommandWords.word(JSONValue($0)) }.joined(separator: " ")
        // A sign that stands in none of the values ends each argument.
        let said = try await TestProcess.run(
            "/bin/sh", ["-c", "for word in \(command); do printf '%s\\037' \"$word\"; done"])
        #expect(said.status == 0)
        let words = said.output.split(separator: "\u{1F}", omittingEmptySubsequences: false).dropLast().map(String.init)
        let values = words.map { word in
            (try? JSONCoding.decode(JSONValue.self, from: word.utf8)) ?? JSONValue(.string(word))
        }
        #expect(values.map(\.value) == Self.values)
    }

    @Test func theStatusNamesARepairThatIsAllQuoted() throws {
        let row = RowDifference(
            table: "t", key: [JSONValue(.string("1.50")), JSONValue(.string("-x"))], kind: .extra, columns: [],
            foundAt: 1)
        let rows = RowsStatus(verifiedAt: nil, verifiedRows: 0, differing: 1, differences: [row], suspected: [])
        let text = RowsVerdict.reasons(rows).map(\.text).joined()
        #expect(text.contains("`syncctl repair --from-log -- t '\"1.50\"' -x`"), "\(text)")
    }
}
