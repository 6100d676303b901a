import DaemonFixtures
import Foundation
import ParkSyncCore
import ParkSyncReports
import Testing

/// The arbiter of a real daemon with ids and triggers that nobody thought of.
@Suite(.serialized, .endsInTime) struct BookingFailureTests {
    private static func ask(_ zone: TestZone, _ resources: [String]) async throws {
        for (index, resource) in resources.enumerated() {
            try await zone.transact(
                "south",
                """
                INSERT INTO resource (id, kind, name_zh, owner_id) VALUES (?1, 'instrument', '显微镜 \(index)', \
                'south:organisation:1')
                """,
                [JSONValue(.string(resource))])
        }
        // In one transaction: the arbiter looks at all of them at once.
        try await zone.transact(
            "south",
            """
            INSERT INTO booking_request (id, resource_id, organisation_id, starts_at, ends_at, requested_at)
            SELECT 'south:booking:' || id, id, 'south:organisation:1', '2027-03-01T01:00:00Z', \
            '2027-03-01T03:00:00Z', '2026-12-01T00:00:00Z' FROM resource
            """)
    }

    private static func zone() async throws -> TestZone {
        let zone = try await TestZone(["south", "west"])
        try await zone.start("south")
        try await zone.transact(
            "south", "INSERT INTO organisation (id, kind, name_zh) VALUES ('south:organisation:1', 'enterprise', '成都')")
        return zone
    }

    private static func decided(_ zone: TestZone, _ count: Int64) async throws {
        _ = try await zone.wait("\(count) decisions") {
            try await zone.rows("south", "SELECT count(*) FROM booking_decision WHERE outcome = 'confirmed'")
        } until: {
            $0 == [[JSONValue(.integer(count))]]
        }
    }

    @Test func resourcesWhoseIdsLookTheSameAreTwo() async throws {
        let zone = try await Self.zone()
        try await Self.ask(
            zone,
            [
                "south:instrument:caf\u{E9}", "south:instrument:cafe\u{301}", "south:\u{301}instrument:1",
                "south:lab:\u{212A}", "south:lab:K",
            ])
        try await Self.decided(zone, 5)
        #expect(await zone.stopAll() == [0])
    }

    /// As many programs do: a full-text index that triggers keep.
    @Test func aTriggerIntoAFullTextIndexStopsNothing() async throws {
        let zone = try await Self.zone()
        try await zone.foreign(
            "south",
            """
            CREATE VIRTUAL TABLE decisions USING fts5(words); CREATE VIRTUAL TABLE spans USING rtree(id, a, b);
            CREATE TRIGGER find AFTER INSERT ON booking_decision BEGIN INSERT INTO decisions VALUES(NEW.outcome); \
            INSERT INTO spans VALUES(NULL, 1, 2); END;
            """)
        try await Self.ask(zone, ["south:instrument:1"])
        try await Self.decided(zone, 1)
        let found = try await zone.rows("south", "SELECT count(*) FROM decisions('confirmed'), spans")
        #expect(found == [[JSONValue(.integer(1))]])
        #expect(await zone.stopAll() == [0])
    }

    @Test func aTriggerThatRefusesOneDecisionIsToldAndStopsNoOther() async throws {
        let zone = try await Self.zone()
        try await zone.foreign(
            "south",
            """
            CREATE TRIGGER no BEFORE INSERT ON booking_decision WHEN NEW.resource_id = 'south:instrument:1'
            BEGIN SELECT RAISE(ABORT, 'the program says no'); END;
            """)
        try await Self.ask(zone, ["south:instrument:1", "south:instrument:2", "south:instrument:3"])
        try await Self.decided(zone, 2)
        let status = try await zone.wait("the arbiter's failure") {
            try await zone.status("south")
        } until: {
            $0.arbiter != nil
        }
        let arbiter = try #require(status.arbiter)
        #expect(
            arbiter.resource == "south:instrument:1" && arbiter.resources == 1
                && arbiter.error.contains("the program says no"), "\(arbiter)")
        #expect(
            !arbiter.isPassing
                && Verdict.judge(status).reasons.contains {
                    $0.level == .broken && $0.text.contains("the program says no")
                })
        // No other change comes: the arbiter tries again by itself.
        try await zone.foreign("south", "DROP TRIGGER no")
        try await Self.decided(zone, 3)
        _ = try await zone.wait("the end of the failure") {
            try await zone.status("south")
        } until: {
            $0.arbiter == nil
        }
        #expect(await zone.stopAll() == [0])
    }

    /// More than are answered in one go, for one resource, and one for another.
    @Test func thousandsForOneResourceKeepNoOtherWaiting() async throws {
        let zone = try await Self.zone()
        try await Self.ask(zone, ["south:instrument:1"])
        try await Self.decided(zone, 1)
        try await zone.transact(
            "south",
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
            INSERT INTO booking_request (id, resource_id, organisation_id, starts_at, ends_at, may_wait, requested_at)
            SELECT 'south:booking:' || i, 'south:instrument:1', 'south:organisation:1', '2028-03-01T01:00:00Z', \
            '2028-03-01T03:00:00Z', 1,
                '2026-12-01T00:00:00Z' FROM n
            """)
        try await zone.transact(
            "south",
            """
            INSERT INTO resource (id, kind, name_zh, owner_id) VALUES ('south:instrument:2', 'instrument', \
            '显微镜', 'south:organisation:1')
            """
        )
        try await zone.transact(
            "south",
            """
            INSERT INTO booking_request (id, resource_id, organisation_id, starts_at, ends_at, requested_at)
            VALUES ('south:booking:other', 'south:instrument:2', 'south:organisation:1', '2028-03-01T01:00:00Z', \
            '2028-03-01T03:00:00Z', '2026-12-01T00:00:00Z')
            """)
        try await Self.decided(zone, 3)
        _ = try await zone.wait("all others to wait") {
            try await zone.rows("south", "SELECT count(*) FROM booking_decision WHERE outcome = 'waitlisted'")
        } until: {
            $0 == [[JSONValue(.integer(2_499))]]
        }
        #expect(await zone.stopAll() == [0])
    }

    /// One resource, three requests that want the same slot. The first one's id leaves no room for
    /// a decision's key.
    @Test func aRequestThatCannotBeAnsweredTakesNoPlaceAndStopsNoOther() async throws {
        let zone = try await Self.zone()
        try await Self.ask(zone, ["south:instrument:1"])
        try await Self.decided(zone, 1)
        let insert = """
            INSERT INTO booking_request (id, resource_id, organisation_id, starts_at, ends_at, requested_at)
            VALUES (?1, 'south:instrument:1', 'south:organisation:1', '2028-03-01T01:00:00Z', '2028-03-01T03:00:00Z', \
            ?2)
            """
        let long = "south:booking:" + String(repeating: "x", count: 4_070)
        for (id, time) in [(long, "2026-12-01T00:00:00Z"), ("south:booking:next", "2026-12-02T00:00:00Z")] {
            try await zone.transact("south", insert, [JSONValue(.string(id)), JSONValue(.string(time))])
        }
        try await Self.decided(zone, 2)
        let status = try await zone.wait("the request to be named") {
            try await zone.status("south")
        } until: {
            $0.arbiter != nil
        }
        let arbiter = try #require(status.arbiter)
        #expect(
            arbiter.request?.hasPrefix("south:booking:xxx") == true && arbiter.revision == 1 && arbiter.unanswered == 1,
            "\(arbiter)")
        #expect(
            arbiter.resource == "south:instrument:1" && arbiter.isOfRequest == true && !arbiter.isPassing, "\(arbiter)")
        let reason = Verdict.judge(status).reasons.first { $0.cause == .bookings }
        #expect(reason?.level == .degraded && reason?.text.contains("4096") == true, "\(String(describing: reason))")
        try await zone.transact("south", "UPDATE booking_request SET state = 'cancelled' WHERE length(id) > 4000")
        _ = try await zone.wait("the end of it") {
            try await zone.status("south")
        } until: {
            $0.arbiter == nil
        }
        #expect(await zone.stopAll() == [0])
    }

    @Test func aTriggerThatRefusesOneRequestStopsNoOtherOfItsResource() async throws {
        let zone = try await Self.zone()
        try await zone.foreign(
            "south",
            """
            CREATE TRIGGER no BEFORE INSERT ON booking_decision WHEN NEW.request_id = 'south:booking:b'
            BEGIN SELECT RAISE(ABORT, 'the program says no'); END;
            """)
        try await zone.transact(
            "south",
            """
            INSERT INTO resource (id, kind, name_zh, owner_id) VALUES ('south:lab:1', 'laboratory', '室', \
            'south:organisation:1')
            """
        )
        // All want the same slot; what cannot be answered takes it from nobody.
        try await zone.transact(
            "south",
            """
            INSERT INTO booking_request (id, resource_id, organisation_id, starts_at, ends_at, requested_at)
            SELECT 'south:booking:' || column1, 'south:lab:1', 'south:organisation:1', '2027-03-01T01:00:00Z', \
            '2027-03-01T03:00:00Z', column2
            FROM (VALUES ('b', '2026-12-01T00:00:00Z'), ('c', '2026-12-02T00:00:00Z'))
            """)
        try await Self.decided(zone, 1)
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
                $0.level == .broken && $0.cause == .bookings && $0.text.contains("south:booking:b (revision 1)")
            })
        // No other change comes: it is tried again by itself.
        try await zone.foreign("south", "DROP TRIGGER no")
        _ = try await zone.wait("the end of it") {
            try await zone.status("south")
        } until: {
            $0.arbiter == nil
        }
        let outcomes = try await zone.rows("south", "SELECT request_id, outcome FROM booking_decision ORDER BY 1")
        #expect(
            outcomes == [
                [JSONValue(.string("south:booking:b")), JSONValue(.string("rejected"))],
                [JSONValue(.string("south:booking:c")), JSONValue(.string("confirmed"))],
            ])
        #expect(await zone.stopAll() == [0])
    }
}
