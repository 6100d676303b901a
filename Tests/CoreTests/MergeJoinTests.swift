import Testing

@testable import ParkSyncCore

/// A park's row is the merge of a set of entries; joining two such sets must be commutative,
/// associative and idempotent.
@Suite struct MergeJoinTests {
    private struct Replica: Equatable {
        var row = MergeWorld.Row()
        var vector = VersionVector()

        /// Takes over what `entries` has beyond this replica, each entry once.
        func joined(_ entries: [MergeWorld.Entry]) -> Replica {
            var result = self
            for entry in entries where result.vector[entry.change.write.origin] < entry.change.write.seq {
                result.row.apply(entry)
                result.vector[entry.change.write.origin] = entry.change.write.seq
                result.vector._checkInvariants()
            }
            return result
        }
    }

    /// Three parks after some writes and some exchanges, so that what they have differs and
    /// overlaps.
    private static func randomWorld(_ random: inout TestRandom) -> MergeWorld {
        var world = MergeWorld(parks: 3)
        for _ in 0..<(4 + random.below(14)) {
            if random.below(4) == 0 {
                _ = world.exchange(from: random.below(3), to: random.below(3))
            } else {
                _ = world.write(
                    random.below(3), MergeWorld.Operation.allCases[random.below(6)], stamp: UInt64(random.below(30)))
            }
        }
        return world
    }

    @Test(arguments: 0..<4) func joiningReplicasIsALattice(block: UInt64) {
        for number in 0..<250 {
            let seed = block * 1_000 + UInt64(number)
            var random = TestRandom(seed)
            let world = Self.randomWorld(&random)
            let parts = (0..<3).map { world.entries(at: $0) }
            let replicas = parts.map { Replica().joined($0) }
            for park in 0..<3 {
                #expect(
                    replicas[park].row == world.rowsAtParks[park], "seed \(seed): a park's own order gives another row")
                #expect(replicas[park].joined(parts[park]) == replicas[park], "seed \(seed): not idempotent")
            }
            let (a, b) = (replicas[0], replicas[1])
            #expect(a.joined(parts[1]) == b.joined(parts[0]), "seed \(seed): not commutative")
            // What b and c have together, as one list: first all of b, then what c adds.
            let together =
                parts[1]
                + parts[2].filter { !b.vector.covers(VersionVector([($0.change.write.origin, $0.change.write.seq)])) }
            #expect(a.joined(parts[1]).joined(parts[2]) == a.joined(together), "seed \(seed): not associative")
            #expect(
                replicas[2].joined(parts[1]).joined(parts[0]) == a.joined(together), "seed \(seed): not associative")
            let whole = a.joined(parts[1]).joined(parts[2])
            let expected = world.oracle()
            #expect(
                whole.row.values == expected.values && whole.row.count == expected.count,
                "seed \(seed): not what the oracle says")
            #expect(whole.row.inbox == world.inboxOracle(), "seed \(seed): other conflicts")
        }
    }

    /// Clock and plain columns do not even need exactly-once delivery; only counters do.
    @Test func anEntryThatComesAgainChangesNoPlainColumn() {
        for seed in 0..<400 as Range<UInt64> {
            var random = TestRandom(seed)
            let world = Self.randomWorld(&random)
            var row = MergeWorld.Row()
            for entry in world.entries { row.apply(entry) }
            for entry in world.entries {
                var again = row
                again.apply(entry)
                #expect(again.clock == row.clock && again.values == row.values, "seed \(seed): \(entry.change)")
            }
        }
    }

    /// The column groups, held against one writer for each column.
    @Test(arguments: 0..<4) func groupsSayWhatAListOfColumnsSays(block: UInt64) {
        for number in 0..<100 {
            let seed = block * 1_000 + UInt64(number)
            var random = TestRandom(seed)
            let base = WriteID(stamp: Stamp(rawValue: 1), origin: .known("a"), seq: 1)
            var clock = RowClock(causalLength: .first, base: base)
            let count = 1 + random.below(CoreLimits.columnsPerTableMax)
            var winners = Array(repeating: base, count: count)
            for seq in 2..<20 as Range<UInt64> {
                let mask = ColumnMask(rawValue: random.next() & random.next()).intersection(.first(count))
                let write = WriteID(
                    stamp: Stamp(rawValue: 2 + UInt64(random.below(30))), origin: MergeWorld.names[random.below(3)],
                    seq: seq)
                let columns = MergeColumns(all: .first(count), counters: .none)
                let change = IncomingChange(write: write, causalLength: .first, kind: .update(mask))
                let outcome = RowMerge.merge(change, into: clock, columns: columns) { _ in .max }
                outcome.clock._checkInvariants()
                var taken = ColumnMask.none
                for column in mask.columns where winners[column] < write {
                    winners[column] = write
                    taken.insert(column)
                }
                #expect(outcome.taken == taken && outcome.incomingLost == mask.subtracting(taken), "seed \(seed)")
                #expect(
                    outcome.effect == (taken.isEmpty ? .none : .update) && outcome.currentLost.isEmpty, "seed \(seed)")
                clock = outcome.clock
                #expect((0..<count).map { clock.winner(of: $0) } == winners, "seed \(seed)")
            }
        }
    }

    @Test func masksAreSetsOfColumns() {
        #expect(
            ColumnMask.first(0).isEmpty && ColumnMask.first(63).rawValue == UInt64(Int64.max)
                && ColumnMask.first(64).count == 64)
        var random = TestRandom(11)
        for _ in 0..<500 {
            let (a, b) = (ColumnMask(rawValue: random.next()), ColumnMask(rawValue: random.next() & random.next()))
            let (left, right) = (Set(a.columns), Set(b.columns))
            #expect(Array(a.columns) == left.sorted() && a.count == left.count)
            #expect((0..<64).allSatisfy { a.contains($0) == left.contains($0) })
            #expect(
                Set(a.union(b).columns) == left.union(right)
                    && Set(a.intersection(b).columns) == left.intersection(right))
            #expect(Set(a.subtracting(b).columns) == left.subtracting(right))
            var grown = ColumnMask.none
            for column in left { grown.insert(column) }
            #expect(grown == a)
        }
    }
}
