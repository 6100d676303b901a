import Foundation

/// An event as one line of text.
enum JournalLine {
    /// Texts come from other parks and programs, too: nobody fills the journal with one of them.
    static let textBytesMax = 2_000
    static let valueBytesMax = 500

    /// For the journal of systemd: the priority that it keeps (sd-daemon(3)), and no time, which it has itself.
    static func journal(_ event: Event, repeated: Int = 0) -> String { "<\(event.priority.rawValue)>" + body(event, repeated) + "\n" }

    /// For a file or a terminal.
    static func plain(_ event: Event, at wallMilliseconds: UInt64, repeated: Int = 0) -> String {
        let name = event.priority.name
        return time(wallMilliseconds) + " " + name + String(repeating: " ", count: max(1, 9 - name.count)) + body(event, repeated) + "\n"
    }

    /// The sentence, then `event=` and the fields.
    private static func body(_ event: Event, _ repeated: Int) -> String {
        var fields = [Event.Field("event", event.code.rawValue)] + event.fields
        if repeated > 0 { fields.append(Event.Field("repeated", "\(repeated)")) }
        return safe(cut(event.text, textBytesMax)) + "  " + fields.map { $0.name + "=" + value($0.value) }.joined(separator: " ")
    }

    /// In quotes where a reader could not tell where it ends.
    private static func value(_ text: String) -> String {
        let text = safe(cut(text, valueBytesMax))
        guard text.isEmpty || text.contains(where: { $0 == " " || $0 == "\"" || $0 == "=" || $0 == "\\" }) else { return text }
        return "\"" + text.map { $0 == "\"" ? "\\\"" : $0 == "\\" ? "\\\\" : String($0) }.joined() + "\""
    }

    private static func cut(_ text: String, _ bytesMax: Int) -> String {
        guard text.utf8.count > bytesMax else { return text }
        return String(decoding: text.utf8.prefix(bytesMax), as: UTF8.self) + "…"
    }

    /// Without line ends and without what a terminal would act upon.
    static func safe(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isUnsafe) else { return text }
        return text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            case _ where isUnsafe(scalar): result += "\\u{\(String(scalar.value, radix: 16))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
    }

    /// Control characters, line and paragraph separators, and what turns the direction of the text around.
    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || (0x2028...0x202E).contains(scalar.value)
            || (0x2066...0x2069).contains(scalar.value)
    }

    /// `2026-12-01T08:00:00.250Z`
    private static func time(_ wallMilliseconds: UInt64) -> String {
        Date(timeIntervalSince1970: Double(min(wallMilliseconds, timeMillisecondsMax)) / 1_000)
            .formatted(.iso8601.year().month().day().time(includingFractionalSeconds: true).timeZone(separator: .omitted))
    }

    /// The end of the year 9999.
    private static let timeMillisecondsMax: UInt64 = 253_402_300_799_999
}
