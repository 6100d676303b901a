import ParkSyncCore

/// Merges entries into clocks, digests and conflict records, and (unless they are local) into the
/// shared tables, within the caller's transaction.
///
/// Changes are taken table by table in the order of their keys, whatever entries they come from:
/// within one SQLite transaction nobody can see the order, and sorted writes touch each page once.
final class MergeRun {
    enum Mode {
        /// The entries come from elsewhere: rows are written.
        case apply
        /// The entries are this node's own and their rows are written already: only clocks and
        /// digests follow.
        case fold
    }

    private struct Reference {
        var entry: Int32
        var change: Int32
    }

    private let connection: Connection
    private let schema: SharedSchema
    private let mode: Mode
    private var row: RowMerger

    init(connection: Connection, schema: SharedSchema, mode: Mode, statements: [TableStatements], rule: MergeRule) {
        self.connection = connection
        self.schema = schema
        self.mode = mode
        row = RowMerger(connection: connection, schema: schema, mode: mode, statements: statements, rule: rule)
    }

    /// - Parameter entries: in causal order, each with `seen` set.
    func merge(_ entries: [DecodedEntry], into state: inout StoreState) throws {
        var tables: [[Reference]] = Array(repeating: [], count: schema.tables.count)
        for (entryIndex, entry) in entries.enumerated() {
            for (changeIndex, change) in entry.changes.enumerated() {
                tables[Int(change.table)].append(Reference(entry: Int32(entryIndex), change: Int32(changeIndex)))
            }
        }
        for (table, references) in tables.enumerated() where !references.isEmpty {
            try merge(table, entries.count == 1 ? references : sorted(references, entries), entries, &state)
        }
    }

    private func sorted(_ references: [Reference], _ entries: [DecodedEntry]) -> [Reference] {
        // Eight bytes behind what all keys begin with decide most comparisons without following a
        // pointer.
        let shared = Self.sharedPrefix(references, entries)
        var keyed = references.map { reference -> (prefix: UInt64, reference: Reference) in
            let entry = entries[Int(reference.entry)]
            let key = entry.changes[Int(reference.change)].key.dropFirst(shared)
            return (entry.keys.withUnsafeBytes { Self.prefix(UnsafeRawBufferPointer(rebasing: $0[key])) }, reference)
        }
        keyed.sort { a, b in
            if a.prefix != b.prefix { return a.prefix < b.prefix }
            let (first, second) = (entries[Int(a.reference.entry)], entries[Int(b.reference.entry)])
            let order = first.keys.withUnsafeBytes { left in
                second.keys.withUnsafeBytes { right in
                    compareKeys(
                        left[first.changes[Int(a.reference.change)].key],
                        right[second.changes[Int(b.reference.change)].key])
                }
            }
            return order == 0 ? a.reference.entry < b.reference.entry : order < 0
        }
        return keyed.map(\.reference)
    }

    /// How many bytes all keys begin with alike: keys of parks name their park and kind first.
    private static func sharedPrefix(_ references: [Reference], _ entries: [DecodedEntry]) -> Int {
        guard let first = references.first else { return 0 }
        let pattern = Array(entries[Int(first.entry)].keys[entries[Int(first.entry)].changes[Int(first.change)].key])
        var shared = pattern.count
        for reference in references where shared > 0 {
            let entry = entries[Int(reference.entry)]
            let key = entry.changes[Int(reference.change)].key
            shared = entry.keys.withUnsafeBytes { bytes in
                var count = 0
                while count < shared, count < key.count, bytes[key.lowerBound + count] == pattern[count] { count += 1 }
                return count
            }
        }
        return shared
    }

    private static func prefix(_ key: UnsafeRawBufferPointer) -> UInt64 {
        if key.count >= 8 { return UInt64(bigEndian: key.loadUnaligned(as: UInt64.self)) }
        var value: UInt64 = 0
        for index in 0..<8 { value = value << 8 | (index < key.count ? UInt64(key[index]) : 0) }
        return value
    }

    private func merge(_ table: Int, _ references: [Reference], _ entries: [DecodedEntry], _ state: inout StoreState)
        throws
    {
        var start = 0
        while start < references.count {
            let first = entries[Int(references[start].entry)]
            let firstChange = first.changes[Int(references[start].change)]
            var end = start + 1
            while end < references.count, same(references[end], first, firstChange, entries) { end += 1 }
            try first.keys.withUnsafeBytes { keys in
                let key = first.key(of: firstChange, in: keys)
                if end == start + 1, try row.mergeFresh(firstChange, of: first, table: table, key: key, state: &state) {
                    return
                }
                try row.begin(table: table, key: key, state: state)
                for index in start..<end {
                    let entry = entries[Int(references[index].entry)]
                    try row.merge(entry.changes[Int(references[index].change)], of: entry, key: key, state: &state)
                }
                try row.finish(key: key, state: &state)
            }
            start = end
        }
    }

    private func same(
        _ reference: Reference, _ first: DecodedEntry, _ firstChange: DecodedChange, _ entries: [DecodedEntry]
    ) -> Bool {
        let entry = entries[Int(reference.entry)]
        let change = entry.changes[Int(reference.change)]
        guard change.key.count == firstChange.key.count else { return false }
        return first.keys.withUnsafeBytes { left in
            entry.keys.withUnsafeBytes { right in compareKeys(left[firstChange.key], right[change.key]) == 0 }
        }
    }
}
