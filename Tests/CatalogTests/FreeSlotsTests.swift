import ParkSyncCore
import Testing

@testable import ParkSyncCatalog

/// When an item can still be had: what `syncctl free` lists, its arbiter confirms.
@Suite struct FreeSlotsTests {
    typealias Desk = ArbiterDesk

    private static let weekdays: UInt8 = 0b001_1111

    private func slots(
        _ windows: [Window] = [], _ loads: [(Interval, Int64)] = [], capacity: Int64? = 1, buffer: Int64 = 0
    ) -> FreeSlots {
        FreeSlots(
            hours: OpeningHours(windows), loads: loads.map { FreeSlots.Load($0.0, $0.1) }, capacity: capacity,
            bufferMinutes: buffer)
    }

    private func next(
        _ slots: FreeSlots, _ from: Int64, _ to: Int64, minutes: Int64 = 60, weight: Int64 = 1, count: Int = 3
    ) -> [Interval] {
        slots.next(within: Desk.hours(from, to), minutes: minutes, weight: weight, count: count)
    }

    @Test func oneBehindTheOtherFromTheStart() {
        #expect(next(slots(), 9, 12) == [Desk.hours(9, 10), Desk.hours(10, 11), Desk.hours(11, 12)])
        #expect(next(slots(), 9, 11) == [Desk.hours(9, 10), Desk.hours(10, 11)], "none ends behind the end")
        #expect(next(slots(), 9, 12, minutes: 0).isEmpty)
        #expect(slots().next(within: .always, minutes: 60, count: 3).isEmpty, "without an end nobody comes to one")
    }

    @Test func withinOpeningHoursAndBesideMaintenance() {
        let windows = [
            Window(.open, weekdays: Self.weekdays, from: 540, to: 1_020), Window(.maintenance, from: 600, to: 720),
        ]
        #expect(next(slots(windows), 0, 24) == [Desk.hours(9, 10), Desk.hours(12, 13), Desk.hours(13, 14)])
        #expect(next(slots(windows), 16, 48, minutes: 120, count: 1) == [Desk.hours(24 + 12, 24 + 14)])
        #expect(next(slots(windows), 0, 72, minutes: 600).isEmpty, "longer than a day is open")
        #expect(next(slots(windows), 5 * 24, 7 * 24).isEmpty, "Saturday and Sunday")
    }

    @Test func besideWhatHolds() {
        let taken = slots([], [(Desk.hours(9, 10), 1), (Desk.hours(11, 12), 1)])
        #expect(next(taken, 8, 24, count: 4) == [8, 10, 12, 13].map { Desk.hours($0, $0 + 1) })
        #expect(next(taken, 8, 24, minutes: 120, count: 1) == [Desk.hours(12, 14)])
    }

    @Test func withTimeInBetween() {
        let taken = slots([], [(Desk.hours(9, 10), 1)], buffer: 60)
        #expect(next(taken, 7, 24, count: 2) == [Desk.hours(7, 8), Desk.hours(11, 12)])
    }

    @Test func untilTheCapacityIsTaken() {
        let taken = slots([], [(Desk.hours(8, 12), 3), (Desk.hours(9, 10), 1)], capacity: 5)
        #expect(next(taken, 8, 24, weight: 1, count: 2) == [Desk.hours(8, 9), Desk.hours(9, 10)])
        #expect(next(taken, 8, 24, weight: 2, count: 2) == [Desk.hours(8, 9), Desk.hours(10, 11)])
        #expect(next(taken, 8, 24, weight: 5, count: 1) == [Desk.hours(12, 13)])
        #expect(next(taken, 8, 24, weight: 6).isEmpty)
        #expect(next(slots([], [(Desk.hours(8, 12), 3)], capacity: nil), 8, 9, weight: 99) == [Desk.hours(8, 9)])
        // Sums stay numbers whatever a forged step says.
        #expect(next(slots([], [(Desk.hours(8, 12), .max), (Desk.hours(8, 12), .max)]), 8, 12).isEmpty)
    }
}
