import Foundation
import ParkSyncCore
import Testing

@testable import ParkSyncStore

/// Which entries were taken back, found without a look at each withdrawal.
@Suite("Taken back") struct TakenBackTests {
    private func origin(_ park: String, _ incarnation: Int) throws -> OriginID {
        try #require(OriginID(incarnation == 1 ? park : "\(park)~\(incarnation)"))
    }

    @Test(arguments: 1...20) func asSaid(seed: UInt64) throws {
        var random = SplitMix64(state: seed)
        var all: [Withdrawal] = []
        for _ in 0..<Int.random(in: 0...30, using: &random) {
            let by = Int.random(in: 2...6, using: &random)
            let first = UInt64.random(in: 1...40, using: &random)
            all.append(
                Withdrawal(
                    origin: try origin("west", Int.random(in: 1..<by, using: &random)), first: first,
                    last: first + UInt64.random(in: 0...8, using: &random), by: try origin("west", by)))
        }
        let (taken, valid) = (TakenBack(all), Withdrawal.valid(all))
        var state = StoreState()
        state.withdrawals = all
        for incarnation in 1...6 {
            let origin = try origin("west", incarnation)
            #expect(Set(taken.withdrawals(of: origin)) == Set(all.filter { $0.origin == origin }))
            for seq in UInt64(1)...50 {
                let isTaken = all.contains { $0.origin == origin && ($0.first...$0.last).contains(seq) }
                #expect((taken.range(of: origin, around: seq) != nil) == isTaken, "\(origin):\(seq)")
                #expect(state.isWithdrawn(origin, seq) == isTaken)
                let end = (0...seq).last { end in
                    end == 0 || !all.contains { $0.origin == origin && ($0.first...$0.last).contains(end) }
                }
                #expect(state.countingEnd(origin, from: seq) == end, "\(origin):\(seq)")
            }
        }
        // Each is good unless a good one takes back the entry that says it.
        for withdrawal in all {
            #expect(
                valid.contains(withdrawal) == !valid.contains { $0.origin == withdrawal.by && $0.first == 1 },
                "\(withdrawal)")
        }
    }

    @Test("A million entries are asked about where thousands of withdrawals are known") func many() throws {
        var all: [Withdrawal] = []
        for by in 2...99 {
            for earlier in 1..<by {
                let first = UInt64(by) * 100
                all.append(
                    Withdrawal(
                        origin: try origin("west", earlier), first: first, last: first + 50, by: try origin("west", by))
                )
            }
        }
        var state = StoreState()
        state.withdrawals = all
        #expect(all.count == 4_851 && Withdrawal.valid(all).count == all.count)
        let (west, other) = (try origin("west", 1), try origin("south", 1))
        var found = 0
        let begin = Self.processorSeconds()
        for seq in UInt64(1)...500_000 {
            if state.isWithdrawn(west, seq % 10_000) { found += 1 }
            if state.isWithdrawn(other, seq) { found += 1 }
        }
        let spent = Self.processorSeconds() - begin
        #expect(found == 50 * 98 * 51)
        // A look at each takes minutes.
        #expect(spent < 60, "\(spent) s")
    }

    /// Of this thread: what others do meanwhile does not count.
    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
