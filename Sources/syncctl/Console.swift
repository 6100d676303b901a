import Foundation
import ParkSyncReports

/// All that a command says on standard output passes here: names and values come from other parks,
/// and no terminal is to act upon them.
func print(_ text: String) { Swift.print(SafeText.lines(text)) }

/// What goes to the terminal.
enum Console {
    static func error(_ text: String) { FileHandle.standardError.write(Data((safe(text) + "\n").utf8)) }

    /// Members in alphabetical order: the output is a contract and does not change from run to run.
    static func json(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        jsonText(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    static func jsonLine(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        jsonText(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    /// JSON, as it was encoded or as the node sent it.
    static func jsonText(_ text: String) { print(SafeText.json(text)) }

    /// A text whose bytes are hashed: exact for a file or a program, safe for a terminal.
    static func document(_ text: String) {
        guard isatty(STDOUT_FILENO) == 1 else { return FileHandle.standardOutput.write(Data(text.utf8)) }
        for line in text.split(separator: "\n") { print(line.replacing("\t", with: "  ")) }
    }

    /// Clears a terminal.
    static func clear() { Swift.print("\u{1B}[H\u{1B}[2J", terminator: "") }

    /// Beyond the year 9999 there is no ISO 8601 time of four digits.
    private static let yearTenThousandMilliseconds: UInt64 = 253_402_300_800_000

    /// `2026-12-01 08:00:00.250Z`
    static func time(_ milliseconds: UInt64) -> String {
        guard milliseconds < yearTenThousandMilliseconds else { return "\(milliseconds) ms" }
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
        return formatter.string(from: Date(timeIntervalSince1970: Double(milliseconds) / 1_000)).replacingOccurrences(
            of: "T", with: " ")
    }

    /// Columns side by side, as wide as they are.
    static func table(_ rows: [[String]]) { for line in TextLayout.aligned(rows.map { $0.map(safe) }) { print(line) } }

    /// The text without what a terminal would act upon: values and messages come from other parks.
    static func safe(_ text: String) -> String { SafeText.of(text) }
}
