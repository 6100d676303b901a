import ParkSyncCore

/// The name of an entry: `south:12`.
package struct EntryName: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var origin: OriginID
    package var seq: UInt64
    package init(_ origin: OriginID, _ seq: UInt64) {
        self.origin = origin
        self.seq = seq
    }
    package var description: String { "\(origin):\(seq)" }
    package static func < (a: EntryName, b: EntryName) -> Bool {
        a.origin == b.origin ? a.seq < b.seq : a.origin < b.origin
    }
}

/// One change as its author wrote it.
package struct ModelChange: Sendable {
    package enum Kind: Sendable { case insert, update, delete }
    package var table: String
    package var key: [Value]
    package var kind: Kind
    package var causalLength: UInt64
    /// By the position of the column outside the key; only those that the change carries. A counter
    /// has its delta in an update.
    package var values: [Int: Value]
}

/// One entry as the model keeps it, for ever.
package final class ModelEntry: Sendable {
    package enum Fate: Hashable, Sendable {
        case good
        /// No node may apply it; the cause in the model's own words.
        case defective(String)
        /// Of a schema that is nowhere: it waits everywhere.
        case unknownSchema
    }

    package let write: WriteID
    package let schemaNumber: UInt64
    package let payload: [UInt8]
    package let hash: [UInt8]
    /// What the author had applied when it sealed the entry, itself not counted.
    package let seen: VersionVector
    /// What the entry says of the hashes of these; nil if it says nothing.
    package let seenHash: [UInt8]?
    /// The least vector that a node must have before it may apply this entry: what it and all
    /// before it had seen.
    package let needs: VersionVector
    package let fate: Fate
    /// None unless the verdict is good.
    package let changes: [ModelChange]
    /// What the entry says about the logs themselves. None unless the verdict is good.
    package let controls: [ControlRecord]
    /// Whether it says something about who is in the zone, also where that is set aside.
    let hasWords: Bool
    /// Whether it is judged by its past though its author has taken it back.
    let isJudgedThoughTakenBack: Bool

    init(
        write: WriteID, schemaNumber: UInt64, payload: [UInt8], hash: [UInt8], seen: VersionVector, seenHash: [UInt8]?,
        needs: VersionVector,
        judged: ModelReader.Judged
    ) {
        self.seenHash = seenHash
        self.write = write
        self.schemaNumber = schemaNumber
        self.payload = payload
        self.hash = hash
        self.seen = seen
        self.needs = needs
        fate = judged.fate
        changes = judged.changes
        controls = judged.controls
        hasWords = judged.controls.contains(where: Self.isWord)
        isJudgedThoughTakenBack = hasWords && (write.seq == 1 || judged.controls.contains(where: Self.needsPast))
    }

    /// The same entry, which no node may apply.
    init(_ entry: ModelEntry, setAside cause: String) {
        write = entry.write
        (hasWords, isJudgedThoughTakenBack) = (entry.hasWords, entry.isJudgedThoughTakenBack)
        schemaNumber = entry.schemaNumber
        payload = entry.payload
        hash = entry.hash
        seen = entry.seen
        seenHash = entry.seenHash
        needs = entry.needs
        fate = .defective(cause)
        changes = []
        controls = []
    }

    package var name: EntryName { EntryName(write.origin, write.seq) }

    /// Whether the author knew another entry when it wrote this one.
    package func hasSeen(_ other: WriteID) -> Bool {
        other.origin == write.origin ? other.seq < write.seq : other.seq <= seen[other.origin]
    }
}

/// Reads and judges one payload by the rules of docs/reference/log-format.md and of the schema that
/// its author had.
enum ModelReader {
    struct Judged {
        var fate: ModelEntry.Fate
        var changes: [ModelChange] = []
        var controls: [ControlRecord] = []
    }

    /// - Parameter schemas: the shared tables after each schema file, in the order of their
    ///   numbers.
    static func judge(_ payload: [UInt8], header: EntryHeader, schemas: [SharedSchema]) -> Judged {
        if let newest = schemas.last, header.schemaNumber > newest.number { return Judged(fate: .unknownSchema) }
        // A schema that never was has no tables, so that only an entry that names none can be good.
        let schema =
            schemas.first { $0.number == header.schemaNumber } ?? SharedSchema(number: header.schemaNumber, tables: [])
        do {
            return try payload.withUnsafeBytes { try read($0, park: header.origin.park, schema: schema) }
        } catch let defect as Defect {
            return Judged(fate: .defective(defect.cause))
        } catch {
            return Judged(fate: .defective("the entry is not canonical: \(error)"))
        }
    }

    private struct Defect: Error { var cause: String }

    private static func read(_ payload: UnsafeRawBufferPointer, park: String, schema: SharedSchema) throws -> Judged {
        var reader = try ChangeReader(payload, schema: schema)
        var result = Judged(fate: .good)
        while let change = try reader.next() {
            guard let block = reader.block else { break }
            if block.name == ControlRecord.tableName {
                guard result.controls.count < 256 else { throw Defect(cause: "it has more than 256 control records") }
                result.controls.append(try ControlRecord(change, block: block, key: reader.key, payload: payload))
                continue
            }
            guard let table = schema.tables.first(where: { $0.name == block.name }) else {
                throw Defect(cause: "no table \(block.name)")
            }
            guard table.columns.count == block.columnCount else {
                throw Defect(cause: "\(block.name) has \(table.columns.count) columns")
            }
            if let column = change.misfit {
                throw Defect(cause: "\(table.name).\(table.columns[column].name) cannot hold its value")
            }
            guard let key = try? KeyCoding.decode(reader.key, count: table.keyColumns.count), table.canHold(key: key)
            else {
                throw Defect(cause: "\(table.name) cannot have the key")
            }
            var values: [Int: Value] = [:]
            var cells = ByteReader(payload, offset: change.values.lowerBound)
            let (kind, columns) = carried(change, of: block)
            for column in columns { values[column] = try ValueCoding.read(from: &cells).copied }
            if table.isAppendOnly, kind != .insert { throw Defect(cause: "\(table.name) is append-only") }
            if case .homePark(let position) = table.writeRule, home(key[position]) != park {
                throw Defect(cause: "\(table.name) \(show(key)) is not \(park)'s")
            }
            for allowed in table.allowed {
                let said = ModelConstants.said(allowed, kind, key, values)
                if let said, !ModelConstants.has(said, allowed, schema) {
                    throw Defect(cause: "\(table.name) \(show(key)): \(show(said)) is no row of \(allowed.constant)")
                }
            }
            result.changes.append(
                ModelChange(
                    table: table.name, key: key, kind: kind, causalLength: change.causalLength.rawValue, values: values)
            )
        }
        return result
    }

    private static func carried(_ change: ChangeView, of block: TableBlock) -> (ModelChange.Kind, [Int]) {
        switch change.kind {
        case .insert: (.insert, Array(0..<block.columnCount))
        case .update(let mask): (.update, (0..<64).filter { mask.rawValue & (1 << UInt64($0)) != 0 })
        case .delete: (.delete, [])
        }
    }

    /// The park in front of the first `:` of a key; nil if the key names none.
    static func home(_ value: Value) -> String? {
        guard case .text(let bytes) = value, let colon = bytes.firstIndex(of: 0x3A) else { return nil }
        return String(decoding: bytes[..<colon], as: UTF8.self)
    }

    /// A row's key or values for people.
    static func show(_ values: [Value]) -> String { "(" + values.map(show).joined(separator: ", ") + ")" }

    static func show(_ value: Value) -> String {
        switch value {
        case .null: return "NULL"
        case .integer(let number): return "\(number)"
        case .real(let bits): return "\(Double(bitPattern: bits))"
        case .text(let bytes):
            let shown = String(decoding: bytes.prefix(60), as: UTF8.self)
            return bytes.count > 60 ? "'\(shown)…' (\(bytes.count) bytes)" : "'\(shown)'"
        case .blob(let bytes):
            return "x'\(Hex.encode(bytes.prefix(30)))'" + (bytes.count > 30 ? " (\(bytes.count) bytes)" : "")
        }
    }
}
