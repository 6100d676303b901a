import ParkSyncCore
import Testing

@testable import ParkSyncCatalog

/// Requests whose steps could not be written.
@Suite struct ArbiterFrozenTests {
    @Test func whatIsFrozenKeepsItsRoomAndIsNotDecidedOn() {
        var desk = ArbiterDesk()
        let a = desk.ask("a", ArbiterDesk.hours(9, 11))
        desk.comeToRest()
        desk.act("withdraw", a)
        let b = desk.ask("b", ArbiterDesk.hours(9, 11))
        let c = desk.ask("c", ArbiterDesk.hours(12, 13))
        func decide(_ frozen: Set<ExactText>, now: Instant) -> Arbiter.Decision {
            desk.arbiter.decide(
                subject: desk.subject, requests: desk.requests, acts: desk.acts, steps: desk.steps, now: now,
                frozen: frozen, id: ArbiterDesk.id)
        }
        let made = decide([a, c], now: desk.now)
        #expect(made.steps.map(\.request) == [b, b] && made.steps.map(\.to) == ["asked", "refused"])
        #expect(made.steps.last?.reasons == ["no_room"])
        // Its deadline does not fire either, and is not told.
        let later = decide([a, b, c], now: ArbiterDesk.hour(20))
        #expect(later.steps.isEmpty && later.nextAt == nil && later.unanswerable.isEmpty)
        let thawed = decide([], now: desk.now)
        #expect(Set(thawed.steps.map(\.request)) == [a, b, c])
        #expect(thawed.steps.first { $0.request == b && $0.n == 2 }?.to == "confirmed")
    }
}
