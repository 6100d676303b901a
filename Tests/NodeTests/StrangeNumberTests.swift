import Foundation
import ParkSyncWire
import Testing

@testable import syncctl

/// A node's answer may have any number anywhere: syncctl shows it, and does not crash.
@Suite struct StrangeNumberTests {
    private static let extremes: [NSNumber] = [
        NSNumber(value: Int64.min), NSNumber(value: Int64.min + 1), -1, 0, NSNumber(value: Int64.max), NSNumber(value: UInt64.max),
        NSNumber(value: Int32.max), NSNumber(value: UInt32.max),
    ]

    /// All answers that differ from `object` in one number.
    private static func variants(_ object: Any) -> [Any] {
        if let members = object as? [String: Any] {
            var found: [Any] = []
            for (name, value) in members.sorted(by: { $0.key < $1.key }) {
                for variant in variants(value) { found.append(members.merging([name: variant]) { $1 }) }
            }
            return found
        }
        if let elements = object as? [Any] {
            var found: [Any] = []
            for index in elements.indices {
                for variant in variants(elements[index]) {
                    var changed = elements
                    changed[index] = variant
                    found.append(changed)
                }
            }
            return found
        }
        return object is NSNumber ? extremes : []
    }

    private static func answers<Answer: Codable>(like answer: Answer) throws -> [Answer] {
        let object = try JSONSerialization.jsonObject(with: JSONEncoder().encode(answer))
        // What its member cannot hold is refused as it is read.
        return variants(object).compactMap { try? JSONDecoder().decode(Answer.self, from: JSONSerialization.data(withJSONObject: $0)) }
    }

    private static var status: NodeStatus {
        var status = HTTPDocumentTests.fullStatus()
        status.tables.append(.init(name: "second", rows: .max, digest: ""))
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
        let difference = RowDifferenceReport(table: "t", key: [], kind: .extra, columns: [], foundAt: 1)
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
