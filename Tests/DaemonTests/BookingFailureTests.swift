import DaemonFixtures
import Foundation
import ParkSyncCore
import ParkSyncReports
import Testing

/// The arbiter of a real daemon with ids and triggers that nobody thought of.
@Suite(.serialized, .endsInTime) struct BookingFailureTests {
    /// The slot that all want, in a month.
    private static let start = PeopleZone.row(30, "09:00") ?? ""
    private static let end = PeopleZone.row(30, "11:00") ?? ""
    /// Open at any time, to one at a time.
    private static let laboratory = """
        INSERT INTO item (id, kind, name_zh, owner_id) VALUES (?1, 'laboratory', '实验室', 'south:organisation:1')
        """

    /// Bookings of laboratories, in one transaction: the arbiter looks at all of them at once.
    ///
    /// - Parameter source: gives their ids, their subjects and whether they may wait.
    private static func book(_ zone: TestZone, _ source: String, _ parameters: [String] = []) async throws {
        try await zone.transact(
            "south",
            """
            INSERT INTO request (id, kind, machine, subject_id, party_id, starts_at, ends_at, at, detail)
            SELECT column1, 'booking', 'booking', column2, 'south:organisation:1', '\(start)', '\(end)',
                '2026-12-01T00:00:00Z', json_object('may_wait', json(column3)) FROM (\(source))
            """, parameters.map { JSONValue(.string($0)) })
    }

    private static func ask(_ zone: TestZone, _ laboratories: [String]) async throws {
        for id in laboratories { try await zone.transact("south", laboratory, [JSONValue(.string(id))]) }
        try await book(
            zone, "SELECT 'south:booking:' || id AS column1, id AS column2, 'false' AS column3 FROM item ORDER BY rowid"
        )
    }

    private static func zone() async throws -> TestZone {
        let zone = try await TestZone(["south", "west"], schema: .catalogue)
        try await zone.start("south")
        try await zone.transact(
            "south", "INSERT INTO organisation (id, kind, name_zh) VALUES ('south:organisation:1', 'enterprise', '成都')")
        return zone
    }

    private static func places(_ zone: TestZone, _ count: Int64, _ state: String = "confirmed") async throws {
        _ = try await zone.wait("\(count) bookings that are \(state)") {
            try await zone.rows("south", "SELECT count(*) FROM place WHERE state = '\(state)'")
        } until: {
            $0 == [[JSONValue(.integer(count))]]
        }
    }

    private static func answeredAll(_ zone: TestZone) async throws {
        _ = try await zone.wait("the end of it") {
            try await zone.status("south")
        } until: {
            $0.arbiter == nil
        }
    }

    @Test func laboratoriesWhoseIdsLookTheSameAreTwo() async throws {
        let zone = try await Self.zone()
        try await Self.ask(
            zone,
            [
                "south:laboratory:caf\u{E9}", "south:laboratory:cafe\u{301}", "south:laboratory:\u{301}1",
                "south:laboratory:\u{212A}", "south:laboratory:K",
            ])
        try await Self.places(zone, 5)
        #expect(await zone.stopAll() == [0])
    }

    /// As many programs do: a full-text index that triggers keep.
    @Test func aTriggerIntoAFullTextIndexStopsNothing() async throws {
        let zone = try await Self.zone()
        try await zone.foreign(
            "south",
            """
            CREATE VIRTUAL TABLE answers USING fts5(words); CREATE VIRTUAL TABLE spans USING rtree(id, a, b);
            CREATE TRIGGER find AFTER INSERT ON step WHEN NEW.n = 2 BEGIN INSERT INTO answers VALUES(NEW.to_state); \
            INSERT INTO spans VALUES(NULL, 1, 2); END;
            """)
        try await Self.ask(zone, ["south:laboratory:1"])
        try await Self.places(zone, 1)
        let found = try await zone.rows("south", "SELECT count(*) FROM answers('confirmed'), spans")
        #expect(found == [[JSONValue(.integer(1))]])
        #expect(await zone.stopAll() == [0])
    }

    @Test func aTriggerThatRefusesOneAnswerIsToldAndStopsNoOther() async throws {
        let zone = try await Self.zone()
        try await zone.foreign(
            "south",
            """
            CREATE TRIGGER no BEFORE INSERT ON step WHEN NEW.subject_id = 'south:laboratory:1'
            BEGIN SELECT RAISE(ABORT, 'the program says no'); END;
            """)
        try await Self.ask(zone, ["south:laboratory:1", "south:laboratory:2", "south:laboratory:3"])
        try await Self.places(zone, 2)
        let status = try await zone.wait("the arbiter's failure") {
            try await zone.status("south")
        } until: {
            $0.arbiter != nil
        }
        let arbiter = try #require(status.arbiter)
        #expect(
            arbiter.resource == "south:laboratory:1" && arbiter.resources == 1
                && arbiter.error.contains("the program says no"), "\(arbiter)")
        #expect(
            !arbiter.isPassing
                && Verdict.judge(status).reasons.contains {
                    $0.level == .broken && $0.text.contains("the program says no")
                })
        // No other change comes: the arbiter tries again by itself.
        try await zone.foreign("south", "DROP TRIGGER no")
        try await Self.places(zone, 3)
        try await Self.answeredAll(zone)
        #expect(await zone.stopAll() == [0])
    }

    /// More than are answered in one go, for one laboratory, and one for another.
    @Test func thousandsForOneItemKeepNoOtherWaiting() async throws {
        let zone = try await Self.zone()
        try await Self.ask(zone, ["south:laboratory:1"])
        try await Self.places(zone, 1)
        try await Self.book(
            zone,
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
            SELECT 'south:booking:' || i AS column1, 'south:laboratory:1' AS column2, 'true' AS column3 FROM n
            """)
        try await zone.transact("south", Self.laboratory, [JSONValue(.string("south:laboratory:2"))])
        try await Self.book(zone, "VALUES ('south:booking:other', 'south:laboratory:2', 'false')")
        try await Self.places(zone, 2)
        try await Self.places(zone, 2_500, "waitlisted")
        #expect(await zone.stopAll() == [0])
    }

    /// One laboratory, three requests that want the same slot. The first one's id leaves no room
    /// for the key of a step.
    @Test func aRequestThatCannotBeAnsweredTakesNoPlaceAndStopsNoOther() async throws {
        let zone = try await Self.zone()
        try await zone.transact("south", Self.laboratory, [JSONValue(.string("south:laboratory:1"))])
        let long = "south:booking:" + String(repeating: "x", count: 4_070)
        try await Self.book(
            zone,
            """
            VALUES (?1, 'south:laboratory:1', 'false'), ('south:booking:next', 'south:laboratory:1', 'false'),
                ('south:booking:last', 'south:laboratory:1', 'false')
            """, [long])
        try await Self.places(zone, 1)
        try await Self.places(zone, 1, "refused")
        let status = try await zone.wait("the request to be named") {
            try await zone.status("south")
        } until: {
            $0.arbiter != nil
        }
        let arbiter = try #require(status.arbiter)
        #expect(arbiter.request?.hasPrefix("south:booking:xxx") == true && arbiter.unanswered == 1, "\(arbiter)")
        #expect(
            arbiter.resource == "south:laboratory:1" && arbiter.isOfRequest == true && !arbiter.isPassing,
            "\(arbiter)")
        let reason = Verdict.judge(status).reasons.first { $0.cause == .bookings }
        #expect(reason?.level == .degraded && reason?.text.contains("4096") == true, "\(String(describing: reason))")
        let answers = try await zone.rows("south", "SELECT request_id, state FROM place ORDER BY state")
        #expect(answers == Self.pairs(["south:booking:next", "confirmed"], ["south:booking:last", "refused"]))
        #expect(await zone.stopAll() == [0])
    }

    @Test func aTriggerThatRefusesOneRequestStopsNoOtherOfItsItem() async throws {
        let zone = try await Self.zone()
        try await zone.foreign(
            "south",
            """
            CREATE TRIGGER no BEFORE INSERT ON step WHEN NEW.request_id = 'south:booking:b'
            BEGIN SELECT RAISE(ABORT, 'the program says no'); END;
            """)
        try await zone.transact("south", Self.laboratory, [JSONValue(.string("south:laboratory:1"))])
        // All want the same slot; what cannot be answered takes it from nobody.
        try await Self.book(
            zone,
            """
            VALUES ('south:booking:b', 'south:laboratory:1', 'false'),
                ('south:booking:c', 'south:laboratory:1', 'false')
            """)
        try await Self.places(zone, 1)
        let status = try await zone.wait("the request to be named") {
            try await zone.status("south")
        } until: {
            $0.arbiter?.request != nil
        }
        #expect(
            status.arbiter?.request == "south:booking:b" && status.arbiter?.isOfRequest == false,
            "\(String(describing: status.arbiter))")
        #expect(
            Verdict.judge(status).reasons.contains {
                $0.level == .broken && $0.cause == .bookings && $0.text.contains("south:booking:b for south:lab")
            })
        // No other change comes: it is tried again by itself.
        try await zone.foreign("south", "DROP TRIGGER no")
        try await Self.answeredAll(zone)
        let answers = try await zone.rows("south", "SELECT request_id, state FROM place ORDER BY 1")
        #expect(answers == Self.pairs(["south:booking:b", "refused"], ["south:booking:c", "confirmed"]))
        #expect(await zone.stopAll() == [0])
    }

    private static func pairs(_ rows: [String]...) -> [[JSONValue]] {
        rows.map { row in row.map { JSONValue(.string($0)) } }
    }
}
