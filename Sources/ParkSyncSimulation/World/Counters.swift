/// How often what happened.
package struct Counters: Hashable, Sendable {
    package private(set) var counts: [String: Int] = [:]
    package init() {}
    package mutating func add(_ name: String, _ count: Int = 1) { if count > 0 { counts[name, default: 0] += count } }
    package mutating func add(_ others: Counters) { counts.merge(others.counts) { $0 + $1 } }
    package subscript(name: String) -> Int { counts[name] ?? 0 }
    /// In the order of the names.
    package var sorted: [(name: String, count: Int)] { counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }
}
