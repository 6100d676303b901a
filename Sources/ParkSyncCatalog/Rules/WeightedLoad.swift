/// The sum of the weights that hold at each instant.
///
/// A segment tree over the spans between neighbouring instants (Bentley, *Solutions to Klee's
/// rectangle problems*, 1977): a weight is added, and the most that holds in an interval is found,
/// in a time that grows with the logarithm of their number. A subject may have tens of thousands of
/// requests, and somebody who is not its owner decides how many.
struct WeightedLoad: Sendable {
    /// All instants that intervals begin or end at, in their order.
    private let instants: [Instant]
    /// A power of two; at least the number of spans.
    private let width: Int
    /// Of each node of the tree, the root first: the most in one of its spans, what was added above
    /// it left out.
    private var most: [Int64]
    /// What was added to all spans of a node.
    private var added: [Int64]

    init(instants: some Sequence<Instant>) {
        let sorted = Set(instants).sorted()
        self.instants = sorted
        var width = 1
        while width < sorted.count { width *= 2 }
        self.width = width
        most = Array(repeating: 0, count: 2 * width)
        added = most
    }

    /// - Parameter weight: negative for one that does not hold any more.
    mutating func add(_ weight: Int64, _ interval: Interval) {
        guard let spans = spans(interval) else { return }
        add(weight, spans, node: 1, of: 0..<width)
    }

    /// The most that holds at one instant of the interval.
    func most(_ interval: Interval) -> Int64 { spans(interval).map { most($0, node: 1, of: 0..<width) } ?? 0 }

    /// Nil if the interval's ends are not among the instants, or are none.
    private func spans(_ interval: Interval) -> Range<Int>? {
        guard let first = place(interval.start), let last = place(interval.end), first < last else { return nil }
        return first..<last
    }

    private func place(_ instant: Instant) -> Int? {
        var (low, high) = (0, instants.count)
        while low < high {
            let middle = (low + high) / 2
            if instants[middle] < instant { low = middle + 1 } else { high = middle }
        }
        return low < instants.count && instants[low] == instant ? low : nil
    }

    private mutating func add(_ weight: Int64, _ spans: Range<Int>, node: Int, of range: Range<Int>) {
        if spans.lowerBound <= range.lowerBound, range.upperBound <= spans.upperBound {
            added[node] &+= weight
            most[node] &+= weight
            return
        }
        let middle = range.lowerBound + range.count / 2
        if spans.lowerBound < middle { add(weight, spans, node: 2 * node, of: range.lowerBound..<middle) }
        if spans.upperBound > middle { add(weight, spans, node: 2 * node + 1, of: middle..<range.upperBound) }
        most[node] = max(most[2 * node], most[2 * node + 1]) &+ added[node]
    }

    private func most(_ spans: Range<Int>, node: Int, of range: Range<Int>) -> Int64 {
        if spans.lowerBound <= range.lowerBound, range.upperBound <= spans.upperBound { return most[node] }
        let middle = range.lowerBound + range.count / 2
        var result = Int64.min
        if spans.lowerBound < middle { result = most(spans, node: 2 * node, of: range.lowerBound..<middle) }
        if spans.upperBound > middle {
            result = max(result, most(spans, node: 2 * node + 1, of: middle..<range.upperBound))
        }
        return result &+ added[node]
    }
}
