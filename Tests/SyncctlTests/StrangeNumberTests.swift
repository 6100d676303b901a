import DaemonFixtures
import Foundation
import ParkSyncCore
import ParkSyncReports
import Testing

@testable import syncctl

/// A node's answer may have any number anywhere: syncctl shows it, and does not crash.
@Suite struct StrangeNumberTests {
    private static let extremes = [
        "-9223372036854775808", "-9223372036854775807", "-1", "0", "9223372036854775807", "18446744073709551615",
        "2147483647", "4294967295",
    ]

    /// All answers that differ from `answer` in one number. What a member cannot hold is refused as
    /// it is read, and left out.
    private static func answers<Answer: Codable>(like answer: Answer) throws -> [Answer] {
        let text = String(decoding: try JSONEncoder().encode(answer), as: UTF8.self)
        // No text of these answers has a number between such marks.
        return text.matches(of: #/[:\[,](-?[0-9]+)(?=[,\]}])/#).flatMap { number in
            extremes.compactMap { extreme in
                let changed = text[..<number.1.startIndex] + extreme + text[number.1.endIndex...]
                return try? JSONDecoder().decode(Answer.self, from: Data(changed.utf8))
            }
        }
    }

    private static var status: NodeStatus {
        var status = NodeStatus.full()
        status.tables.append(.init(name: "second", rows: .max, digest: RowDigest()))
        status.rows?.differing = 3
        return status
    }

    @Test func statuses() throws {
        let answers = try Self.answers(like: Self.status)
        #expect(answers.count > 200)
        for status in answers {
            let verdict = Verdict.judge(status)
            #expect(!StatusText.lines(status, verdict, withTables: true).isEmpty)
            _ = Wait.difference([status, status])
        }
    }

    @Test func verifications() throws {
        let difference = RowDifference(table: "t", key: [], kind: .extra, columns: [], foundAt: 1)
        let report = RowVerifyReport(
            tables: [.init(name: "a", rows: 1), .init(name: "b", rows: .max)], vector: "south:1",
            rows: RowsStatus(verifiedAt: 1, verifiedRows: 1, differing: 1, differences: [difference], suspected: []))
        let answers = try Self.answers(like: report)
        #expect(answers.count > 20)
        for report in answers { #expect(Verify.lines(report).count >= 1) }
        var least = report
        least.rows.differing = .min
        #expect(!Verify.lines(least).contains { $0.contains("more") })
        #expect(Count.sum([.max, 5]) == .max && Count.sum([2, -7, 3]) == 5)
    }
}
