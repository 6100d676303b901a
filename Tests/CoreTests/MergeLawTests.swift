import Testing

@testable import ParkSyncCore

@Suite struct MergeLawTests {
    private enum Step: Equatable {
        case write(Int, MergeWorld.Operation)
        case exchange(Int, Int)
    }

    private static var steps: [Step] {
        let writes = (0..<2).flatMap { park in MergeWorld.Operation.allCases.map { Step.write(park, $0) } }
        return writes + [.exchange(0, 1), .exchange(1, 0)]
    }

    /// All histories of two parks with up to five steps, applied in all orders that causality
    /// allows.
    @Test func everySmallHistoryConvergesInEveryOrder() {
        var histories = 0
        var orders = 0
        func extend(_ world: MergeWorld, depth: Int) {
            if depth == 0 {
                histories += 1
                let expected = world.oracle()
                let lost = world.inboxOracle()
                var first: MergeWorld.Row?
                world.orders { order in
                    orders += 1
                    var row = MergeWorld.Row()
                    for entry in order { row.apply(entry) }
                    if let first { #expect(row == first, "two orders give different rows: \(order)") }
                    first = row
                    #expect(
                        row.values == expected.values && row.count == expected.count,
                        "not what the oracle says: \(order)")
                    #expect(row.inbox == lost, "not the conflicts that the oracle says: \(order)")
                }
                return
            }
            for step in Self.steps {
                var next = world
                let isPossible =
                    switch step {
                    case .write(let park, let operation): next.write(park, operation)
                    case .exchange(let from, let to): next.exchange(from: from, to: to)
                    }
                if isPossible { extend(next, depth: depth - 1) }
            }
        }
        for depth in 1...5 { extend(MergeWorld(parks: 2), depth: depth) }
        #expect(histories > 1_000 && orders > histories)
    }

    /// Longer histories of three parks, with clocks that contradict the order of events.
    @Test(arguments: 0..<8) func longHistoriesConverge(block: UInt64) {
        for number in 0..<60 {
            let seed = block * 1_000 + UInt64(number)
            var random = TestRandom(seed)
            var world = MergeWorld(parks: 3)
            for _ in 0..<14 {
                if random.below(3) == 0 {
                    _ = world.exchange(from: random.below(3), to: random.below(3))
                } else {
                    _ = world.write(
                        random.below(3), MergeWorld.Operation.allCases[random.below(6)], stamp: UInt64(random.below(20))
                    )
                }
            }
            let expected = world.oracle()
            var first: MergeWorld.Row?
            for _ in 0..<8 {
                var row = MergeWorld.Row()
                for entry in world.randomOrder(&random) { row.apply(entry) }
                if let first { #expect(row == first, "seed \(seed)") }
                first = row
            }
            #expect(
                first?.values ?? [nil, nil] == expected.values && first?.count ?? 0 == expected.count, "seed \(seed)")
            #expect(first?.inbox ?? [] == world.inboxOracle(), "seed \(seed): other conflicts")
        }
    }

    @Test func whatLosesIsReportedOnce() throws {
        let (south, west) = (OriginID.known("south"), OriginID.known("west"))
        func write(_ origin: OriginID, _ seq: UInt64, _ stamp: UInt64) -> WriteID {
            WriteID(stamp: Stamp(rawValue: stamp), origin: origin, seq: seq)
        }
        let born = RowClock(causalLength: .first, base: write(south, 1, 1))
        let update = IncomingChange(
            write: write(west, 1, 5), causalLength: .first, kind: .update(ColumnMask(rawValue: 1)))
        // West had seen the insert: nothing is lost.
        let informed = RowMerge.merge(update, into: born, columns: MergeWorld.columns) { $0 == south ? 1 : 0 }
        #expect(informed.currentLost.isEmpty && informed.taken == ColumnMask(rawValue: 1))
        // South wrote the column meanwhile, later: the incoming value loses.
        var later = born
        later.assign(ColumnMask(rawValue: 1), to: write(south, 2, 9))
        let loser = RowMerge.merge(update, into: later, columns: MergeWorld.columns) { $0 == south ? 1 : 0 }
        #expect(loser.incomingLost == ColumnMask(rawValue: 1) && loser.taken.isEmpty)
        // South wrote it earlier, but unseen: the value that is overwritten is reported.
        var earlier = born
        earlier.assign(ColumnMask(rawValue: 1), to: write(south, 2, 3))
        let winner = RowMerge.merge(update, into: earlier, columns: MergeWorld.columns) { $0 == south ? 1 : 0 }
        #expect(winner.currentLost == [RowClock.Group(columns: ColumnMask(rawValue: 1), write: write(south, 2, 3))])
    }

    @Test func causalLengthsDecideBeforeStamps() {
        let (south, west) = (OriginID.known("south"), OriginID.known("west"))
        let deleted = RowClock(
            causalLength: CausalLength(rawValue: 2), base: WriteID(stamp: Stamp(rawValue: 1), origin: south, seq: 2))
        let update = IncomingChange(
            write: WriteID(stamp: Stamp(rawValue: 99), origin: west, seq: 1), causalLength: .first,
            kind: .update(ColumnMask(rawValue: 1)))
        let outcome = RowMerge.merge(update, into: deleted, columns: MergeWorld.columns) { _ in 1 }
        #expect(outcome.effect == .none && outcome.clock == deleted && outcome.incomingLost == ColumnMask(rawValue: 1))
        #expect(
            CausalLength.never.afterDelete == .never && CausalLength.never.afterInsert == .first
                && CausalLength.first.afterInsert == .first)
    }
}
