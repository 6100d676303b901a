import ArgumentParser
import ParkSyncReports
import Testing

@testable import syncctl

/// What `syncctl wait` waits for.
@Suite struct WaitConditionTests {
    private static func holds(_ lines: String...) throws -> Bool {
        try WaitCondition.holds(Array((lines.joined(separator: "\n") + "\n").utf8))
    }

    @Test func aQueryHoldsWhenItsOneValueIsNeitherZeroNorNull() throws {
        let (head, end) = ("{\"columns\":[\"n\"]}", "{\"end\":true,\"rows\":1}")
        for value in ["0", "null", "false", "{\"real\":\"0.0\"}", "{\"real\":\"-0.0\"}"] {
            #expect(try !Self.holds(head, "[\(value)]", end), "\(value)")
        }
        for value in ["1", "-1", "0.5", "\"\"", "\"0\"", "{\"blob\":\"\"}"] {
            #expect(try Self.holds(head, "[\(value)]", end), "\(value)")
        }
        #expect(try !Self.holds(head, "{\"end\":true,\"rows\":0}"))
        #expect(try Self.holds(head, "[1]", "[0]", end))
        let wide = #expect(throws: ValidationError.self) { try Self.holds("{\"columns\":[\"a\",\"b\"]}", "[1,2]", end) }
        #expect(wide?.message.contains("2 columns (a, b)") == true)
        let late =
            "{\"problem\":{\"code\":\"sql-error\",\"detail\":\"overflow\",\"remedy\":\"r\","
            + "\"status\":400,\"title\":\"t\",\"type\":\"urn:x\"}}"
        #expect(throws: ProblemDetails.self) { try Self.holds(head, "[0]", late) }
    }

    @Test func onlyWhatPassesIsWaitedFor() {
        func isLasting(_ status: Int) -> Bool {
            WaitCondition.isLasting(ProblemDetails(code: "c", title: "t", status: status, detail: "d", remedy: "r"))
        }
        for status in [400, 401, 403, 404, 405, 413, 415] { #expect(isLasting(status), "\(status)") }
        for status in [408, 409, 429, 500, 503, 507] { #expect(!isLasting(status), "\(status)") }
    }
}
