import ParkSyncCatalog
import Testing

/// Requests that an arbiter cannot answer.
@Suite struct SetAsideTests {
    @Test func whatFailsAgainIsTriedLaterAndLater() {
        var aside = SetAside<Int>()
        var now: UInt64 = 1_000
        var delays: [UInt64] = []
        for _ in 0..<40 {
            aside.note(7, cause: "no", now: now)
            #expect(aside.waits(7, now: now) && !aside.waits(8, now: now))
            let next = aside.nextTryAt ?? 0
            delays.append(next - now)
            now = next
            #expect(!aside.waits(7, now: now) && aside.due(now: now) == [7])
        }
        #expect(
            delays.prefix(4) == [5_000, 10_000, 20_000, 40_000] && delays.suffix(20).allSatisfy { $0 == 600_000 },
            "\(delays)")
        aside.forget { $0 == 7 }
        #expect(aside.nextTryAt == nil && aside.first == nil)
    }

    @Test func aFloodOfThemTakesNoMoreMemory() {
        var aside = SetAside<Int>()
        let max = SetAside<Int>.namesMax
        for name in 0..<(3 * max) {
            #expect(aside.isFull == (name >= max))
            aside.note(name, cause: "no", now: UInt64(name))
        }
        #expect(aside.found.count == max && aside.first?.name == 2 * max)
    }
}
