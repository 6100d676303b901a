import ParkSyncCore
import ParkSyncNode
import Testing

@testable import ParkSyncStore

@Suite struct VerificationScheduleTests {
    /// Carries a schedule through virtual time over tables of so many rows.
    private struct Run {
        var schedule: VerificationSchedule
        var sizes: [String: Int]
        var now: UInt64
        var busy: UInt64 = 0
        /// What a row takes, in microseconds.
        var rowMicroseconds = 60
        var looked: [String] = []
        var finished: [Int64] = []
        var cleared: [String] = []
        var remembered: VerificationPosition?

        init(_ sizes: [String: Int], position: VerificationPosition? = nil, now: UInt64 = 1_000) {
            (self.sizes, self.now) = (sizes, now)
            schedule = VerificationSchedule(
                tables: sizes.keys.sorted(), position: position, compared: VersionVector(), now: now)
        }

        private var moment: VerificationSchedule.Moment { .init(now: now, wall: now, applied: VersionVector()) }

        mutating func tell(_ event: VerificationSchedule.Event) {
            for action in schedule.handle(event, at: moment) {
                switch action {
                case .wake: break
                case .look(let request): look(request)
                case .remember(let position): remembered = position
                case .clear(let table, _): cleared.append(table)
                case .finish(let rows, _): finished.append(rows)
                }
            }
        }

        private mutating func look(_ request: RowSliceRequest) {
            if looked.last != request.table { looked.append(request.table) }
            let start = request.after.isEmpty ? 0 : request.after.reduce(0) { $0 << 8 | Int($1) }
            let end = min(start + request.rowsMax, sizes[request.table] ?? 0)
            let spent = UInt64((end - start) * rowMicroseconds / 1_000 + 1)
            now += spent
            busy += spent
            let next =
                end < (sizes[request.table] ?? 0) ? [UInt8(end >> 16), UInt8(end >> 8 & 255), UInt8(end & 255)] : nil
            tell(.looked(rows: end - start, milliseconds: spent, next: next))
        }

        mutating func pass(_ milliseconds: UInt64) {
            let end = now + milliseconds
            while schedule.nextWake <= end {
                now = max(now, schedule.nextWake)
                tell(.due)
            }
            now = max(now, end)
        }
    }

    @Test func aMillionRowsTakeLessThanAnHourAndTwoPercent() {
        var run = Run(["a": 999_990, "b": 10])
        run.pass(3_600_000)
        #expect(run.finished.first == 1_000_000)
        #expect(Double(run.busy) <= 0.021 * 3_600_000, "\(run.busy) ms of an hour")
    }

    @Test func smallTablesAreLookedAtOnceAnHour() {
        var run = Run(["a": 10, "b": 0, "c": 300])
        run.pass(10 * 3_600_000 - 60_000)
        #expect(run.finished.count == 10 && run.finished.allSatisfy { $0 == 310 })
    }

    @Test func aRestartGoesOnWhereItWas() throws {
        var run = Run(["a": 100_000, "b": 100_000])
        run.pass(400_000)
        let position = try #require(run.remembered)
        #expect(run.finished == [] && position.rows > 0)
        let text = position.text
        #expect(VerificationPosition(parsing: text) == position)
        for end in text.indices { _ = VerificationPosition(parsing: String(text[..<end])) }
        var next = Run(["a": 100_000, "b": 100_000], position: VerificationPosition(parsing: text), now: 5_000_000)
        // A start is a reason to verify all rows once more, from the beginning, when this is done.
        next.tell(.disturbed)
        next.pass(1_200_000)
        #expect(next.finished.first == 200_000)
        #expect(next.looked.first == position.table)
        #expect(next.looked.filter { $0 == "a" }.count >= 1 && next.looked.count > 2)
        // A table that is not shared any more is no place to go on.
        var other = Run(["c": 5], position: position)
        other.pass(10_000)
        #expect(other.finished == [5])
    }

    @Test func suspectedTablesComeFirstAndFaster() {
        var run = Run(["a": 200_000, "b": 50_000])
        run.pass(5_000)
        run.tell(.suspected(["b"]))
        let before = run.now
        while run.cleared.isEmpty { run.pass(1) }
        #expect(run.looked == ["a", "b"])
        #expect(run.now - before < 40_000, "50,000 rows of 60 µs with a tenth of the time")
        run.pass(3_600_000)
        #expect(run.finished == [250_000])
    }

    @Test func aTableThatIsSuspectedAgainIsLookedAtFromTheBeginning() {
        var run = Run(["a": 1_000])
        run.tell(.suspected(["a"]))
        run.pass(40)
        #expect(run.cleared == [])
        run.tell(.suspected(["a"]))
        while run.cleared.isEmpty { run.pass(1) }
        #expect(run.cleared == ["a"])
    }

    @Test func aSchemaThatSomebodyChangedIsAReasonToLookAtOnce() {
        var run = Run(["a": 10])
        run.pass(60_000)
        #expect(run.finished == [10])
        run.tell(.disturbed)
        run.pass(5_000)
        #expect(run.finished == [10, 10])
    }

    @Test func whatFailsIsTriedAgain() {
        var schedule = VerificationSchedule(tables: ["a"], position: nil, compared: VersionVector(), now: 0)
        func at(_ now: UInt64) -> VerificationSchedule.Moment { .init(now: now, wall: now, applied: VersionVector()) }
        #expect(schedule.handle(.due, at: at(1_000)) == [.look(RowSliceRequest(table: "a"))])
        #expect(schedule.handle(.failed, at: at(1_100)) == [.wake(at: 6_100)])
        #expect(schedule.handle(.due, at: at(6_000)) == [.wake(at: 6_100)])
        #expect(schedule.handle(.due, at: at(6_100)) == [.look(RowSliceRequest(table: "a"))])
    }
}
