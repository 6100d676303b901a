import Foundation
import Synchronization

/// The `Date` field of responses (RFC 9110, section 6.6.1), made anew when a second has passed and
/// somebody asks.
///
/// Not by a timer: an idle node would wake up for it every second.
final class ResponseDate: Sendable {
    private struct Made {
        var second: UInt64 = 0
        var text = ""
    }
    private let made = Mutex(Made())

    /// - Parameter milliseconds: Unix time.
    func text(at milliseconds: UInt64) -> String {
        let second = milliseconds / 1_000
        return made.withLock { made in
            if made.second != second || made.text.isEmpty { made = Made(second: second, text: Self.format(second)) }
            return made.text
        }
    }

    static func format(_ second: UInt64) -> String {
        var time = time_t(clamping: second)
        var parts = tm()
        guard gmtime_r(&time, &parts) != nil else { return "" }
        var buffer = [CChar](repeating: 0, count: 64)
        // The names of days and months are English: a daemon does not call setlocale(3).
        let count = strftime(&buffer, buffer.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
