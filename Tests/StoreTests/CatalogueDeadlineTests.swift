import ParkSyncCore
import ParkSyncNode
import Testing

@testable import ParkSyncStore

/// Deadlines at the desk, over crashes and over clocks that are set: each fires once, and none too
/// early.
@Suite(.timeLimit(.minutes(15))) struct CatalogueDeadlineTests {
    /// Of Bio City itself: it sees its own steps when they are written.
    private static let own = "bio-city:booking:a"
    private static let souths = "south:booking:a"

    private func zone(_ request: String) async throws -> CatalogueZone {
        let zone = try await CatalogueZone()
        try await zone.write(
            "bio-city", "UPDATE item SET no_show_share = 5000, late_share = 2500 WHERE id = 'bio-city:instrument:1'")
        try await zone.book(request, "01:00", "03:00")
        try await zone.comeToRest()
        #expect(try await zone.chain(request) == ["asked", "confirmed"])
        return zone
    }

    private func price(_ request: String, at zone: CatalogueZone) async throws -> [String] {
        try await zone.texts(
            "bio-city",
            "SELECT json_extract(detail, '$.price') FROM step WHERE request_id = '\(request)' ORDER BY n DESC"
        ).first ?? []
    }

    @Test func aCrashBetweenTheDecisionAndItsWriteLosesNothingAndRepeatsNothing() async throws {
        let zone = try await zone(Self.own)
        try zone.set("2026-09-23T01:30:00Z")
        for _ in 0..<3 {
            try await zone.cut("bio-city")
            try zone.restart("bio-city")
            #expect(try await zone.chain(Self.own) == ["asked", "confirmed"])
        }
        try await zone.comeToRest()
        #expect(try await zone.chain(Self.own, at: "west") == ["asked", "confirmed", "no_show"])
        #expect(try await zone.reasons(Self.own) == #"["not_arrived"]"#)
        #expect(try await price(Self.own, at: zone) == ["6000"], "half of two hours")
        // And behind the write.
        for _ in 0..<3 {
            try zone.restart("bio-city")
            try await zone.comeToRest()
        }
        #expect(try await zone.chain(Self.own, at: "south") == ["asked", "confirmed", "no_show"])
        // Silence confirms, a week later, and once as well.
        try zone.set("2026-09-30T01:29:59Z")
        try zone.restart("bio-city")
        try await zone.comeToRest()
        #expect(try await zone.chain(Self.own).last == "no_show")
        try zone.set("2026-09-30T01:30:00Z")
        try await zone.cut("bio-city")
        try zone.restart("bio-city")
        try await zone.comeToRest()
        try zone.restart("bio-city")
        try await zone.comeToRest()
        #expect(try await zone.chain(Self.own) == ["asked", "confirmed", "no_show", "settled"])
        #expect(try await zone.texts("west", "SELECT * FROM due").isEmpty, "whoever uses his own owes himself nothing")
        try await zone.expectSound()
    }

    /// What other parks had seen is known since the start of the node: later, and never too early.
    @Test func aRestartMakesADeadlineThatWaitsForAnotherParkLater() async throws {
        let zone = try await zone(Self.souths)
        try await zone.write("south", "INSERT INTO tag(subject_id, tag) VALUES('bio-city:instrument:1', '质谱')")
        try await zone.comeToRest()
        var times: [UInt64] = []
        try zone.set("2026-09-23T01:30:00Z")
        for _ in 0..<2 {
            try zone.restart("bio-city")
            try await zone.comeToRest()
            guard case .done(.at(let next)) = try await zone.decide("bio-city") else {
                Issue.record("it is not said when to look again")
                return
            }
            times.append(next)
            zone.federation.clock.set(next - 1_000)
            try await zone.comeToRest()
            #expect(try await zone.chain(Self.souths).last == "confirmed")
            zone.federation.clock.set(next)
            try await zone.cut("bio-city")
        }
        let half = UInt64(30 * 60_000)
        let start = try CatalogueZone.milliseconds("2026-09-23T01:30:00Z")
        #expect(times == [start + half, start + 2 * half])
        try zone.restart("bio-city")
        try await zone.comeToRest()
        zone.federation.clock.advance(half)
        try await zone.comeToRest()
        try zone.restart("bio-city")
        try await zone.comeToRest()
        #expect(try await zone.chain(Self.souths, at: "south") == ["asked", "confirmed", "no_show"])
        try await zone.expectSound()
    }

    @Test func aWallClockThatIsSetBackAndForwardFiresADeadlineOnce() async throws {
        let zone = try await zone(Self.own)
        func comeToRest(_ wall: String) async throws -> [String] {
            try zone.setWall(wall)
            try await zone.comeToRest()
            return try await zone.chain(Self.own)
        }
        for wall in ["2026-09-23T01:29:59Z", "2026-09-20T00:00:00Z", "2026-09-23T01:29:59Z"] {
            #expect(try await comeToRest(wall) == ["asked", "confirmed"], "\(wall)")
        }
        for wall in ["2026-09-23T01:30:00Z", "2026-09-22T00:00:00Z", "2026-09-23T01:30:00Z", "2026-09-23T02:00:00Z"] {
            #expect(try await comeToRest(wall) == ["asked", "confirmed", "no_show"], "\(wall)")
        }
        // The next one is a week away: the clock may be set meanwhile, so it is looked at each day.
        let now = zone.federation.clock.monotonicMilliseconds()
        #expect(try await zone.decide("bio-city") == .done(.at(now + 86_400_000)))
        try zone.setWall("2026-09-30T01:29:00Z")
        #expect(try await zone.decide("bio-city") == .done(.at(now + 60_000)))
        // Far ahead, and back again, with a node that starts in between.
        #expect(try await comeToRest("2036-01-01T00:00:00Z").last == "settled")
        try zone.restart("bio-city")
        for wall in ["2026-09-23T01:00:00Z", "2036-01-01T00:00:00Z"] {
            #expect(try await comeToRest(wall) == ["asked", "confirmed", "no_show", "settled"], "\(wall)")
        }
        try await zone.expectSound()
    }

    /// The act was there before the deadline, and the node was down until both had passed.
    @Test func whatHadArrivedIsAnsweredBeforeTheClock() async throws {
        let zone = try await zone(Self.own)
        try zone.set("2026-09-23T00:50:00Z")
        try await zone.act("bio-city:act:1", "withdraw", on: Self.own, onN: 2)
        try zone.set("2026-09-23T02:00:00Z")
        try zone.restart("bio-city")
        try await zone.comeToRest()
        #expect(try await zone.chain(Self.own) == ["asked", "confirmed", "late_cancelled"])
        #expect(try await price(Self.own, at: zone) == ["3000"], "a quarter of two hours")
        try await zone.expectSound()
    }

    /// Neither does a start between the note and the deadline make it later.
    @Test func aNoteMakesNoDeadlineLater() async throws {
        let zone = try await CatalogueZone()
        try await zone.write(
            "bio-city", "UPDATE item SET approval = 'person', hold_minutes = 60 WHERE id = 'bio-city:instrument:1'")
        try zone.set("2026-09-22T01:00:00Z")
        try await zone.book(Self.own, "01:00", "03:00")
        try await zone.comeToRest()
        try zone.set("2026-09-22T01:30:00Z")
        try await zone.act("bio-city:act:1", "note", on: Self.own, onN: 2)
        try await zone.comeToRest()
        #expect(try await zone.chain(Self.own) == ["asked", "held", "held"])
        try zone.restart("bio-city")
        try zone.set("2026-09-22T01:59:59Z")
        try await zone.comeToRest()
        #expect(try await zone.chain(Self.own).count == 3)
        try zone.set("2026-09-22T02:00:00Z")
        try await zone.comeToRest()
        #expect(try await zone.chain(Self.own) == ["asked", "held", "held", "expired"])
        try await zone.expectSound()
    }

    /// The share of the price is what the other park pays, whose node was started meanwhile, too.
    @Test func aShareOfThePriceIsOwedAndPaidOnce() async throws {
        let zone = try await zone(Self.souths)
        try zone.set("2026-09-23T00:59:59Z")
        try await zone.act("south:act:1", "withdraw", on: Self.souths, onN: 2)
        try zone.set("2026-09-23T01:00:01Z")
        try await zone.comeToRest()
        #expect(try await zone.chain(Self.souths).last == "late_cancelled", "when it arrives counts")
        try await zone.act("south:act:2", "confirm", on: Self.souths, onN: 3)
        try await zone.federation.converge()
        try await zone.decide("bio-city")
        try await zone.federation.converge()
        #expect(try await zone.texts("west", "SELECT payer_id, amount FROM due") == [["south:account:1", "3000"]])
        try zone.restart("south")
        try await zone.comeToRest()
        try zone.restart("south")
        try await zone.comeToRest()
        for park in zone.parks {
            let paid = try await zone.texts(park, "SELECT from_id, amount FROM transfer WHERE because_id IS NOT NULL")
            #expect(paid == [["south:account:1", "3000"]], "\(park)")
        }
        try await zone.expectSound()
    }
}
