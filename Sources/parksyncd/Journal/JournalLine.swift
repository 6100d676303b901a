import Foundation
import ParkSyncReports

/// An event as one line of text.
enum JournalLine {
    /// Texts come from other parks and programs, too: nobody fills the journal with one of them.
    static let textBytesMax = 2_000
    static let valueBytesMax = 500

    /// For the journal of systemd: the priority that it keeps (sd-daemon(3)), and no time, which it
    /// has itself.
    static func journal(_ event: Event, repeated: Int = 0) -> String {
        "<\(event.priority.rawValue)>" + body(event, repeated) + "\n"
    }

    /// For a file or a terminal.
    static func plain(_ event: Event, at wallMilliseconds: UInt64, repeated: Int = 0) -> String {
        let name = event.priority.name
        return time(wallMilliseconds) + " " + name + String(repeating: " ", count: max(1, 9 - name.count))
            + body(event, repeated) + "\n"
    }

    /// The sentence, then `event=` and the fields.
    private static func body(_ event: Event, _ repeated: Int) -> String {
        var fields = [Event.Field("event", event.code.rawValue)] + event.fields
        if repeated > 0 { fields.append(Event.Field("repeated", "\(repeated)")) }
        return SafeText.of(cut(event.text, textBytesMax)) + "  "
            + fields.map { $0.name + "=" + value($0.value) }.joined(separator: " ")
    }

    /// In quotes where a reader could not tell where it ends.
    private static func value(_ text: String) -> String {
        let text = SafeText.of(cut(text, valueBytesMax))
        guard text.isEmpty || text.contains(where: { $0 == " " || $0 == "\"" || $0 == "=" || $0 == "\\" }) else {
            return text
        }
        return "\"" + text.map { $0 == "\"" ? "\\\"" : $0 == "\\" ? "\\\\" : String($0) }.joined() + "\""
    }

    private static func cut(_ text: String, _ bytesMax: Int) -> String {
        guard text.utf8.count > bytesMax else { return text }
        return String(decoding: text.utf8.prefix(bytesMax), as: UTF8.self) + "…"
    }

    /// `2026-12-01T08:00:00.250Z`
    private static func time(_ wallMilliseconds: UInt64) -> String {
        Date(timeIntervalSince1970: Double(min(wallMilliseconds, timeMillisecondsMax)) / 1_000)
            .formatted(
                .iso8601.year().month().day().time(includingFractionalSeconds: true).timeZone(separator: .omitted))
    }

    /// The end of the year 9999.
    private static let timeMillisecondsMax: UInt64 = 253_402_300_799_999
}
