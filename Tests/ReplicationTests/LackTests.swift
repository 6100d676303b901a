import ParkSyncCore
import ParkSyncWire
import Testing

@testable import ParkSyncReplication

/// Since when a node knows that it lacks something.
@Suite struct LackTests {
    private typealias Engine = EngineUnderTest
    private static let west = Engine.west

    private static func vector(_ seq: UInt64) -> VersionVector { VersionVector([(west, seq)]) }

    @Test func theOldestLackCounts() {
        var lack = Lack()
        func look(applied: UInt64, theirs: UInt64, at wall: UInt64) -> UInt64? {
            lack.update(applied: Self.vector(applied), theirs: Self.vector(theirs), wall: wall)
            return lack.since
        }
        #expect(look(applied: 0, theirs: 0, at: 10) == nil)
        #expect(look(applied: 0, theirs: 5, at: 20) == 20)
        #expect(look(applied: 3, theirs: 5, at: 30) == 20)
        #expect(look(applied: 3, theirs: 8, at: 40) == 20)
        #expect(look(applied: 3, theirs: 9, at: 50) == 20)
        // Entry 6 was heard of at 40, 9 at 50.
        #expect(look(applied: 5, theirs: 9, at: 60) == 40)
        #expect(look(applied: 8, theirs: 9, at: 70) == 50)
        #expect(look(applied: 9, theirs: 9, at: 80) == nil)
        #expect(look(applied: 9, theirs: 10, at: 90) == 90)
        // The peer has lost its file: what nobody has is not lacking.
        #expect(look(applied: 9, theirs: 2, at: 95) == nil)
    }

    /// However long entries keep coming, the answer is never too late, and too early by a tenth of
    /// the backlog at most.
    @Test func aStreamWithoutEndKeepsTheAnswerHonest() {
        var lack = Lack()
        for step in 1...5_000 as ClosedRange<UInt64> {
            // Entry n is heard of at n, and applied a hundred later.
            let applied = step > 100 ? step - 100 : 0
            lack.update(applied: Self.vector(applied), theirs: Self.vector(step), wall: step)
            let truth = applied + 1
            #expect(lack.since.map { $0 <= truth && truth - $0 <= 10 } == true)
        }
    }

    @Test func theReportTellsIt() {
        var south = Engine()
        south.greet()
        #expect(south.report()?.lackingSince == nil)
        south.hear(.state(Engine.state(of: Self.west, logged: [(Self.west, 2)]), wallMilliseconds: 1))
        #expect(south.report()?.lackingSince == south.wall)
        let heard = south.wall
        south.wall += 500
        south.close(Engine.failure(.unreachable))
        // A lost link changes nothing of what is known.
        #expect(south.report()?.lackingSince == heard)
        let caughtUp = Engine.state(of: Engine.south, logged: [(Self.west, 2)])
        _ = south.engine.ownStateChanged(caughtUp, now: south.now, wall: south.wall)
        #expect(south.report()?.lackingSince == nil)
    }
}
