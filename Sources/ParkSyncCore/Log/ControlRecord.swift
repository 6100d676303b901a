/// What an entry says about the logs themselves, beside the rows that it changes.
///
/// Control records travel as the changes of a reserved table (`tableName`, one column of text), so
/// that they are ordered, hashed, signed and relayed like any change: every node acts on them at
/// the same place in the causal order, and so all nodes act alike.
package enum ControlRecord: Hashable, Sendable {
    /// In the first entry of a later incarnation of a park: it goes on where the log `of` had entry
    /// `after` with this hash (0 and the genesis hash if it goes on after nothing).
    case incarnation(of: OriginID, after: UInt64, hash: [UInt8])
    /// The author's park wants another one out of the zone, or wants it back. `members` are the
    /// zone's parks as the author knows them, sorted.
    case vote(park: String, Side, members: [String])
    /// The park takes part no longer. Of its origins only the entries up to `after` count. Counts
    /// if enough parks have voted for it.
    case fence(park: String, after: VersionVector)
    /// The entries that took the park out, one for each origin, do so no longer: it may come back
    /// with a new log. Counts if enough parks have voted for it.
    case lift(park: String, fences: VersionVector)
    /// The Ed25519 key of a park that is taken out, beside its fence: whoever does not have the
    /// park in the configuration any more checks its old entries with it.
    case memberKey(park: String, key: [UInt8])
    /// In the first entry of a later incarnation of a park: these entries of its log `of` count
    /// nowhere. Their stamps lay in the future, and their author writes them anew.
    case withdrawal(of: OriginID, first: UInt64, last: UInt64)
    /// Traces of deleted rows are dropped where this vector covers the deletion.
    case compaction(frontier: VersionVector)

    package enum Side: String, Hashable, Sendable, CaseIterable { case out, back }

    /// No shared table can have this name: the prefix is reserved.
    package static let tableName = "_parksync_control"
    package static let columnCount = 1
    /// Longest text of a record: a vector of `vectorOriginsMax` origins with the longest names and
    /// numbers.
    package static let textBytesMax = CoreLimits.vectorOriginsMax * (CoreLimits.originNameBytesMax + 22)

    private static let incarnationKey = "incarnation"
    private static let compactionKey = "compaction"
    private static let fencePrefix = "fence:"
    private static let liftPrefix = "lift:"
    private static let votePrefix = "vote:"
    private static let memberKeyPrefix = "key:"
    private static let withdrawalPrefix = "withdrawal:"

    /// The record's key: an entry has at most one record of each.
    package var key: String {
        switch self {
        case .incarnation: Self.incarnationKey
        case .vote(let park, _, _): Self.votePrefix + park
        case .fence(let park, _): Self.fencePrefix + park
        case .lift(let park, _): Self.liftPrefix + park
        case .memberKey(let park, _): Self.memberKeyPrefix + park
        case .withdrawal(let origin, _, _): Self.withdrawalPrefix + origin.name
        case .compaction: Self.compactionKey
        }
    }

    /// The record's value: a vector as `VersionVector.description` writes it; for an incarnation
    /// `south:17`, a space, and the hash in hexadecimal; for a withdrawal `17-19`; a key in
    /// hexadecimal; for a vote `out` or `back` and the parks, with spaces between.
    package var text: String {
        switch self {
        case .incarnation(let origin, let seq, let hash):
            "\(origin):\(seq) " + Self.hexadecimal(hash)
        case .memberKey(_, let key): Self.hexadecimal(key)
        case .withdrawal(_, let first, let last): "\(first)-\(last)"
        case .vote(_, let side, let members): ([side.rawValue] + members).joined(separator: " ")
        case .fence(_, let vector), .lift(_, let vector), .compaction(let vector): vector.description
        }
    }

    /// Reads what `key` and `text` give. Nil for anything else, also for another way of writing the
    /// same.
    package init?(key: String, text: String) {
        guard let record = Self.parse(key: key, text: text), record.key == key, record.text == text else { return nil }
        self = record
    }

    private static func parse(key: String, text: String) -> ControlRecord? {
        if key == compactionKey { return VersionVector(parsing: text).map { .compaction(frontier: $0) } }
        if key.hasPrefix(fencePrefix) {
            let park = String(key.dropFirst(fencePrefix.count))
            guard let vector = VersionVector(parsing: text), OriginID(park)?.park == park else { return nil }
            return vector.elements.allSatisfy { $0.origin.park == park } ? .fence(park: park, after: vector) : nil
        }
        if key.hasPrefix(liftPrefix) {
            let park = String(key.dropFirst(liftPrefix.count))
            guard OriginID(park)?.park == park, let fences = VersionVector(parsing: text), !fences.elements.isEmpty
            else { return nil }
            return .lift(park: park, fences: fences)
        }
        if key.hasPrefix(votePrefix) { return vote(String(key.dropFirst(votePrefix.count)), text) }
        if key.hasPrefix(memberKeyPrefix) {
            let park = String(key.dropFirst(memberKeyPrefix.count))
            guard OriginID(park)?.park == park, let bytes = bytes(text[...]) else { return nil }
            return .memberKey(park: park, key: bytes)
        }
        if key.hasPrefix(withdrawalPrefix) { return withdrawal(of: key.dropFirst(withdrawalPrefix.count), text) }
        guard key == incarnationKey else { return nil }
        let words = text.split(separator: " ")
        let parts = words.first?.split(separator: ":") ?? []
        guard words.count == 2, parts.count == 2, let origin = OriginID(parts[0]), let seq = UInt64(parts[1]),
            seq <= CoreLimits.entryNumberMax,
            let hash = bytes(words[1])
        else {
            return nil
        }
        return .incarnation(of: origin, after: seq, hash: hash)
    }

    private static func vote(_ park: String, _ text: String) -> ControlRecord? {
        let words = text.split(separator: " ").map(String.init)
        guard OriginID(park)?.park == park, let side = words.first.flatMap({ Side(rawValue: $0) }) else { return nil }
        let members = Array(words.dropFirst())
        guard !members.isEmpty, members.count <= CoreLimits.vectorOriginsMax,
            members.allSatisfy({ OriginID($0)?.park == $0 }),
            zip(members, members.dropFirst()).allSatisfy({ $0.utf8.lexicographicallyPrecedes($1.utf8) })
        else { return nil }
        return .vote(park: park, side, members: members)
    }

    private static func withdrawal(of name: Substring, _ text: String) -> ControlRecord? {
        let bounds = text.split(separator: "-")
        guard bounds.count == 2, let origin = OriginID(name), let first = UInt64(bounds[0]),
            let last = UInt64(bounds[1]),
            first > 0, first <= last, last <= CoreLimits.entryNumberMax
        else { return nil }
        return .withdrawal(of: origin, first: first, last: last)
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func bytes(_ text: Substring) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count == 2 * EntryChain.hashBytes else { return nil }
        var result: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let byte = UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16) else {
                return nil
            }
            result.append(byte)
        }
        return result
    }
}

extension ChangeWriter {
    /// Writes the block of these records. Its name sorts among the tables like any other.
    package mutating func controls(_ records: [ControlRecord]) {
        let sorted = records.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        beginTable(
            TableBlock(name: ControlRecord.tableName, columnCount: ControlRecord.columnCount, changeCount: sorted.count)
        )
        for record in sorted {
            guard let key = KeyCoding.encode([.string(record.key)]) else { continue }
            var value = ByteWriter()
            ValueCoding.write(.string(record.text), to: &value)
            key.withUnsafeBytes { key in
                value.bytes.withUnsafeBytes { change(key: key, causalLength: .first, kind: .insert, values: $0) }
            }
        }
    }
}

extension ControlRecord {
    /// Reads a change of the reserved table.
    ///
    /// - Throws: `DecodingFailure` unless it is exactly what `ChangeWriter.controls` writes.
    package init(_ change: ChangeView, block: TableBlock, key: [UInt8], payload: UnsafeRawBufferPointer) throws {
        let failure = DecodingFailure(
            "the reserved table \(Self.tableName) has something else than a control record",
            at: change.values.lowerBound)
        guard block.columnCount == Self.columnCount, change.kind == .insert, change.causalLength == .first else {
            throw failure
        }
        let components = try key.withUnsafeBytes { try KeyCoding.decode($0, count: 1) }
        var reader = ByteReader(UnsafeRawBufferPointer(rebasing: payload[change.values]))
        let value = try ValueCoding.read(from: &reader).copied
        guard case .text(let name)? = components.first, case .text(let text) = value, text.count <= Self.textBytesMax,
            let name = String(validating: name, as: UTF8.self), let text = String(validating: text, as: UTF8.self),
            let record = ControlRecord(key: name, text: text)
        else { throw failure }
        self = record
    }
}
