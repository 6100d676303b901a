import ParkSyncCore

/// How many bookings of a resource hold at each instant.
///
/// A segment tree over the spans between neighbouring instants (Bentley, *Solutions to Klee's
/// rectangle problems*, 1977): a booking is added, and the most that hold in an interval are found,
/// in a time that grows with the logarithm of their number. A resource may have tens of thousands
/// of requests, and somebody who is not its owner decides how many.
struct BookingLoad {
    /// The place of each instant among all, in their order.
    private let places: [ExactText: Int]
    /// A power of two; at least the number of spans.
    private let width: Int
    /// Of each node of the tree, the root first: the most in one of its spans, what was added above
    /// it left out.
    private var most: [Int64]
    /// What was added to all spans of a node.
    private var added: [Int64]

    /// - Parameter instants: all that intervals begin or end at.
    init(instants: some Sequence<String>) {
        let sorted = Set(instants.map(ExactText.init)).sorted()
        places = Dictionary(uniqueKeysWithValues: sorted.enumerated().map { ($1, $0) })
        var width = 1
        while width < sorted.count { width *= 2 }
        self.width = width
        most = Array(repeating: 0, count: 2 * width)
        added = most
    }

    /// Spans from an instant to another one. Nil if there are none, or if one of the instants is
    /// unknown.
    private func spans(_ start: String, _ end: String) -> Range<Int>? {
        guard let first = places[ExactText(start)], let last = places[ExactText(end)], first < last else { return nil }
        return first..<last
    }

    /// - Parameter count: -1 for one that does not hold any more. What ends before it begins holds
    ///   never.
    mutating func add(_ count: Int64, _ start: String, _ end: String) {
        if let spans = spans(start, end) { add(count, spans, node: 1, of: 0..<width) }
    }

    /// The most that hold at one instant of the interval, which includes its start and not its end.
    func most(_ start: String, _ end: String) -> Int64 {
        spans(start, end).map { most($0, node: 1, of: 0..<width) } ?? 0
    }

    private mutating func add(_ count: Int64, _ spans: Range<Int>, node: Int, of range: Range<Int>) {
        if spans.lowerBound <= range.lowerBound, range.upperBound <= spans.upperBound {
            added[node] += count
            most[node] += count
            return
        }
        let middle = range.lowerBound + range.count / 2
        if spans.lowerBound < middle { add(count, spans, node: 2 * node, of: range.lowerBound..<middle) }
        if spans.upperBound > middle { add(count, spans, node: 2 * node + 1, of: middle..<range.upperBound) }
        most[node] = max(most[2 * node], most[2 * node + 1]) + added[node]
    }

    private func most(_ spans: Range<Int>, node: Int, of range: Range<Int>) -> Int64 {
        if spans.lowerBound <= range.lowerBound, range.upperBound <= spans.upperBound { return most[node] }
        let middle = range.lowerBound + range.count / 2
        var result = Int64.min
        if spans.lowerBound < middle { result = most(spans, node: 2 * node, of: range.lowerBound..<middle) }
        if spans.upperBound > middle {
            result = max(result, most(spans, node: 2 * node + 1, of: middle..<range.upperBound))
        }
        return result + added[node]
    }
}
