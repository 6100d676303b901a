/// How often a row has been born and deleted: odd is alive, even is dead, 0 never existed.
///
/// Source: Yu & Rostad, *A Low-Cost Set CRDT Based on Causal Lengths*, PaPoC 2020.
package struct CausalLength: RawRepresentable, Hashable, Comparable, Sendable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    package static let never = CausalLength(rawValue: 0)
    /// A row that was inserted once and never deleted: the length of almost every row.
    package static let first = CausalLength(rawValue: 1)

    package var isAlive: Bool { rawValue & 1 == 1 }

    /// The length after an insert: unchanged for a row that is alive (the insert replaced it).
    package var afterInsert: CausalLength { isAlive ? self : CausalLength(rawValue: rawValue &+ 1) }
    /// The length after a delete: unchanged for a row that is dead.
    package var afterDelete: CausalLength { isAlive ? CausalLength(rawValue: rawValue &+ 1) : self }

    package static func < (a: CausalLength, b: CausalLength) -> Bool { a.rawValue < b.rawValue }
}
