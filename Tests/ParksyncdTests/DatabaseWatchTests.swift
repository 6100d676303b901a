import ParkSyncReports
import Testing

@testable import parksyncd

/// What is said in the journal, without waiting for it.
@Suite struct DatabaseWatchTests {
    private func database(_ change: (inout DatabaseStatus) -> Void) -> DatabaseStatus {
        var database = DatabaseStatus(
            sqliteVersion: "3.40.1", isResetRaceFixed: false,
            log: .init(bytes: 0, frames: 0, writtenBackFrames: 0, isGuarded: true, bytesMax: 4 << 30))
        change(&database)
        return database
    }

    /// A reference, so that expectations may change it.
    private final class Watch {
        private var watch = DatabaseWatch()
        func look(_ database: DatabaseStatus, _ now: UInt64) -> [EventCode] {
            watch.look(at: database, now: now).map(\.code)
        }
    }

    @Test func eachThingIsToldOnceAndItsEndOnce() {
        let watch = Watch()
        let well = database { _ in }
        #expect(watch.look(well, 0).isEmpty)
        let locked = database { $0.writeLock = .init(since: 1_000, holders: []) }
        #expect(watch.look(locked, 5_999).isEmpty, "a program that writes a little longer")
        #expect(watch.look(locked, 6_000) == [.lockTaken])
        #expect(watch.look(locked, 9_000).isEmpty)
        #expect(watch.look(well, 9_001) == [.lockFree])
        #expect(watch.look(well, 9_002).isEmpty)
        let held = database { ($0.log.heldBackSince, $0.log.bytes) = (9_000, 256 << 20) }
        #expect(watch.look(held, 9_003) == [.walHeldBack])
        #expect(watch.look(held, 9_004).isEmpty)
        #expect(watch.look(well, 9_005) == [.walRenewed])
        #expect(watch.look(database { ($0.log.heldBackSince, $0.log.bytes) = (9_000, 1) }, 9_006).isEmpty)
        let unguarded = database { $0.log.isGuarded = false }
        #expect(watch.look(unguarded, 9_007) == [.walUnguarded])
        #expect(watch.look(unguarded, 9_008).isEmpty)
        #expect(watch.look(well, 9_009) == [.walGuarded])
        #expect(watch.look(database { $0.log.repairs = 2 }, 9_010) == [.walIndexRepaired])
        #expect(watch.look(database { $0.log.repairs = 2 }, 9_011).isEmpty)
    }
}
