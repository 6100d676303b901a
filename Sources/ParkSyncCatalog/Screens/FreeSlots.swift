import ParkSyncCore

/// When an item can still be had, by the rules that its arbiter goes by. What other parks have
/// asked for and has not arrived yet nobody knows here.
package struct FreeSlots: Sendable {
    package var hours: OpeningHours
    /// What holds, with its weight.
    package var loads: [Load]
    /// nil: unlimited.
    package var capacity: Int64?
    /// Minutes that stay free between two that use the item.
    package var bufferMinutes: Int64

    package struct Load: Hashable, Sendable {
        package var interval: Interval
        package var weight: Int64
        package init(_ interval: Interval, _ weight: Int64) { (self.interval, self.weight) = (interval, weight) }
    }

    package init(hours: OpeningHours, loads: [Load], capacity: Int64?, bufferMinutes: Int64) {
        (self.hours, self.loads, self.capacity) = (hours, loads, capacity)
        self.bufferMinutes = max(0, bufferMinutes)
    }

    /// The next intervals of a length, one behind the other.
    ///
    /// - Parameters:
    ///   - within: none begins before it, or ends behind it. Bounded.
    ///   - count: how many at most.
    package func next(within: Interval, minutes: Int64, weight: Int64 = 1, count: Int) -> [Interval] {
        guard within.isBounded, minutes > 0 else { return [] }
        var found: [Interval] = []
        for start in starts(within) where found.count < count {
            var next = max(start, found.last?.end ?? start)
            // Behind one another as long as it goes on.
            while found.count < count {
                let slot = Interval(next, next.adding(minutes: minutes))
                guard slot.end <= within.end, isFree(slot, weight) else { break }
                found.append(slot)
                next = slot.end
            }
        }
        return found
    }

    package func isFree(_ slot: Interval, _ weight: Int64) -> Bool {
        hours.isOpen(throughout: slot)
            && !([.closed, .maintenance, .holiday] as [Window.Kind]).contains { hours.touches($0, slot) }
            && hasRoom(slot, weight)
    }

    /// Where something becomes free: the earliest start of any slot is one of these.
    private func starts(_ within: Interval) -> [Instant] {
        var starts: Set<Instant> = [within.start]
        for load in loads { starts.formUnion([load.interval.end, load.interval.end.adding(minutes: bufferMinutes)]) }
        let days = Shanghai.day(of: within.start).number - 1...Shanghai.day(of: within.end).number
        for day in days.prefix(Self.daysMax) {
            for window in hours.windows {
                guard let span = window.span(on: CivilDay(number: day)) else { continue }
                starts.insert(window.kind == .open ? span.start : span.end)
            }
        }
        return starts.filter { within.start <= $0 && $0 < within.end }.sorted()
    }

    /// Each longer by the buffer, as the arbiter counts.
    private func hasRoom(_ slot: Interval, _ weight: Int64) -> Bool {
        guard let capacity else { return true }
        func longer(_ interval: Interval) -> Interval {
            Interval(interval.start, interval.end.adding(minutes: bufferMinutes))
        }
        let wanted = longer(slot)
        let others = loads.map { Load(longer($0.interval), $0.weight) }.filter { $0.interval.overlaps(wanted) }
        // A sum only rises where one begins.
        let instants = [wanted.start] + others.map(\.interval.start).filter { $0 > wanted.start }
        return instants.allSatisfy { instant in
            let sum = others.reduce(weight) { sum, load in
                load.interval.start <= instant && instant < load.interval.end ? sum.addedOrMost(load.weight) : sum
            }
            return sum <= capacity
        }
    }

    /// Two years: whoever asks for more would otherwise decide how long it takes.
    private static var daysMax: Int { 732 }
}
