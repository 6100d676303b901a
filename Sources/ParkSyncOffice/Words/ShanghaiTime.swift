import ParkSyncCatalog

/// Times as the people of the zone read and write them: those of Asia/Shanghai. Rows and JSON have
/// UTC.
package enum ShanghaiTime {
    /// What stands behind a label, so that no time is read as another zone's.
    package static let zone = Wording("（北京时间）", " (Asia/Shanghai)")

    private static let offsetSeconds: Int64 = 8 * 3_600

    /// `2026-12-07 14:00`, with seconds only where there are some.
    ///
    /// - Returns: nil if the row has no time: the text is empty, or is the end of all times.
    package static func shown(_ utc: String?) -> String? {
        guard let utc, !utc.isEmpty, utc != "~" else { return nil }
        // What no schema would take is shown as it is.
        guard let instant = Instant(utc) else { return utc }
        let local = instant.adding(seconds: offsetSeconds).text
        let text = local.prefix(10) + " " + local.dropFirst(11).dropLast()
        return text.hasSuffix(":00") ? String(text.dropLast(3)) : String(text)
    }

    /// `2026-12-07 14:00`, the same with a T as browsers send it, a day alone (its beginning), or
    /// an instant in UTC as rows have it.
    package static func instant(_ text: String) -> Instant? {
        if text.hasSuffix("Z") { return Instant(text) }
        let day = text.prefix(10)
        let time = text.dropFirst(10)
        guard time.isEmpty || time.hasPrefix(" ") || time.hasPrefix("T") else { return nil }
        let clock = time.isEmpty ? "00:00:00" : time.utf8.count == 6 ? "\(time.dropFirst()):00" : "\(time.dropFirst())"
        guard let local = Instant("\(day)T\(clock)Z") else { return nil }
        return local.adding(seconds: -offsetSeconds)
    }

    /// - Throws: the fault that names the field.
    package static func parsed(_ text: String, _ field: OfficeField) throws(OfficeFault) -> Instant {
        if let instant = instant(text) { return instant }
        throw OfficeFault(
            .input, "bad_time", field, Wording("“\(text)”不是时间", "\(text) is no time"),
            Wording("请按北京时间填写，如 2026-12-07 14:00", "Give Asia/Shanghai time as in 2026-12-07 14:00"))
    }
}
