/// What is taken of a subject, and whether something fits in beside it.
struct Room {
    private let capacity: Int64?
    private let buffer: Int64
    private var load: WeightedLoad
    /// Each place longer by the buffer, so that two of them overlap if there is not as much between
    /// them.
    private var buffered: WeightedLoad?

    init(capacity: Int64?, bufferMinutes: Int64, intervals: [Interval]) {
        self.capacity = capacity.map { min(max(0, $0), Self.weightMax) }
        buffer = max(0, bufferMinutes)
        load = WeightedLoad(instants: capacity == nil ? [] : intervals.flatMap { [$0.start, $0.end] })
        if capacity != nil, buffer > 0 {
            let buffer = buffer
            buffered = WeightedLoad(
                instants: intervals.flatMap { [$0.start, $0.end.adding(minutes: buffer)] })
        }
    }

    mutating func take(_ terms: Arbiter.Terms) { add(terms, 1) }
    mutating func giveBack(_ terms: Arbiter.Terms) { add(terms, -1) }

    private mutating func add(_ terms: Arbiter.Terms, _ sign: Int64) {
        guard let capacity else { return }
        // More than everything is as much as that: sums stay small whatever a forged step says.
        let weight = sign * min(max(0, terms.weight), capacity + 1)
        load.add(weight, terms.interval)
        let longer = longer(terms.interval)
        buffered?.add(weight, longer)
    }

    private func longer(_ interval: Interval) -> Interval {
        Interval(interval.start, interval.end.adding(minutes: buffer))
    }

    /// Whether it could fit in if nothing else were there.
    func couldHold(_ weight: Int64) -> Bool { capacity.map { weight <= $0 } ?? true }

    func room(for weight: Int64, _ interval: Interval) -> Case.Room {
        guard let capacity else { return .there }
        guard weight <= capacity, load.most(interval) <= capacity - weight else { return .none }
        guard let buffered else { return .there }
        return buffered.most(longer(interval)) <= capacity - weight ? .there : .onlyWithoutBuffer
    }

    /// A thousand billion yuan in fen: what the zone counts in is less, and nine thousand of it
    /// still fit a number.
    private static var weightMax: Int64 { 1 << 50 }
}
