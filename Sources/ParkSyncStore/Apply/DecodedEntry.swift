import ParkSyncCore

/// One change of a decoded entry: the table's index in the schema, and where key and values lie.
/// Many are kept at a time, so positions take four bytes each; a payload is shorter than 4 GiB.
struct DecodedChange {
    var table: Int32
    /// How many non-key columns the author's table had.
    var columnCount: Int32
    private var keyStart: UInt32
    private var keyEnd: UInt32
    private var valuesStart: UInt32
    private var valuesEnd: UInt32
    var causalLength: CausalLength
    var kind: IncomingChange.Kind
    /// The digest of the row that the change describes whole; nil for other changes, and where the
    /// row also depends on what the table has already (counters, columns that the author's table
    /// lacked).
    var digest: RowDigest?

    init(
        table: Int, columnCount: Int, key: Range<Int>, values: Range<Int>, causalLength: CausalLength,
        kind: IncomingChange.Kind, digest: RowDigest?
    ) {
        self.table = Int32(truncatingIfNeeded: table)
        self.columnCount = Int32(truncatingIfNeeded: columnCount)
        (keyStart, keyEnd) = (UInt32(truncatingIfNeeded: key.lowerBound), UInt32(truncatingIfNeeded: key.upperBound))
        (valuesStart, valuesEnd) = (
            UInt32(truncatingIfNeeded: values.lowerBound), UInt32(truncatingIfNeeded: values.upperBound)
        )
        self.causalLength = causalLength
        self.kind = kind
        self.digest = digest
    }

    /// In the entry's `keys`.
    var key: Range<Int> { Int(keyStart)..<Int(keyEnd) }
    /// In the entry's payload.
    var values: Range<Int> { Int(valuesStart)..<Int(valuesEnd) }
}

/// An entry that was read and checked against the schema, ready to be merged.
package final class DecodedEntry: @unchecked Sendable {
    // Immutable after the initialiser, except for what only the store's own queue sets.
    package enum Fitness {
        case ready
        /// The author has a newer schema; the entry waits until this node has it too.
        case newerSchema
        /// Set aside for good, on every node alike: the bytes themselves are wrong or not allowed.
        case defective(cause: String, remedy: String)
        /// Its author has taken it back: it is passed over.
        case withdrawn
    }

    package let header: EntryHeader
    package let hash: [UInt8]
    let payload: UnsafeRawBufferPointer
    private let owner: PayloadBuffer
    let keys: [UInt8]
    private(set) var changes: [DecodedChange]
    /// What the entry says about the logs themselves.
    private(set) var controls: [ControlRecord]
    /// Its author has taken it back.
    private(set) var isTakenBack = false
    /// The highest causal length among the changes.
    let longestLife: CausalLength
    package private(set) var fitness: Fitness
    /// What the author had seen; set when the entry's turn has come.
    package var seen = VersionVector()
    /// What the author knew of traces that were dropped, and whether it may be less than what is
    /// dropped here; set with `seen`.
    var known = DropKnowledge.Known()
    var isUnaware = false

    /// - Parameters:
    ///   - payload: lies in `owner`.
    ///   - hash: the entry's hash.
    /// - Throws: `DecodingFailure` if not even the header can be read; `EntryRoom.Excess` if it
    ///   does not fit.
    package init(
        payload: UnsafeRawBufferPointer, owner: PayloadBuffer, hash: [UInt8], schema: SharedSchema,
        room: EntryRoom = .ofFormat
    ) throws {
        header = try EntryHeader(of: payload)
        self.payload = payload
        self.owner = owner
        self.hash = hash
        if header.schemaNumber > schema.number {
            (keys, changes, controls, longestLife, fitness) = ([], [], [], .never, .newerSchema)
            return
        }
        var decoder = Decoder(schema: schema, park: header.origin.park, room: room)
        fitness = try decoder.run(payload)
        keys = decoder.keys
        changes = decoder.changes
        controls = decoder.controls
        longestLife = decoder.longestLife
    }

    /// What every park will find wrong with an entry that this node is about to sign; nil if
    /// nothing.
    ///
    /// - Parameter seen: what its author has applied of the others.
    /// - Throws: `DecodingFailure` if not even the header can be read.
    static func defect(of payload: UnsafeRawBufferPointer, seen: VersionVector, schema: SharedSchema, room: EntryRoom)
        throws -> String?
    {
        let header = try EntryHeader(of: payload)
        var decoder = Decoder(schema: schema, park: header.origin.park, hashesRows: false, room: room)
        if case .defective(let cause, _) = try decoder.run(payload) { return cause }
        return isImpossible(decoder.longestLife, header, seen: seen) ? impossible(decoder.longestLife) : nil
    }

    /// Whether rows have lived and died more often than all entries that the author had, this one
    /// included, can have brought about.
    /// - Parameter seen: what the author had seen, its own entries before this one not counted.
    private static func isImpossible(_ life: CausalLength, _ header: EntryHeader, seen: VersionVector) -> Bool {
        var entries = header.seq
        for element in seen.elements where element.origin != header.origin {
            let (sum, isBeyond) = entries.addingReportingOverflow(element.seq)
            entries = isBeyond ? .max : sum
        }
        let (bound, isBeyond) = entries.multipliedReportingOverflow(by: UInt64(CoreLimits.causalLengthPerEntryMax))
        return !isBeyond && life.rawValue > bound
    }

    private static func impossible(_ life: CausalLength) -> String {
        "it has a row that lived and died \(life.rawValue) times, which its author's entries cannot have brought about"
    }

    /// Sets the entry aside if it has a row that lived too often; `seen` is set.
    package func judgeLives() {
        guard case .ready = fitness, Self.isImpossible(longestLife, header, seen: seen) else { return }
        refuse(
            cause: Self.impossible(longestLife),
            remedy: "Its author runs damaged or foreign software; tell the park's operator.")
    }

    /// Sets the entry aside for what its bytes alone do not show.
    package func refuse(cause: String, remedy: String) { fitness = .defective(cause: cause, remedy: remedy) }

    /// Takes the entry back, after it was judged if it has words on other parks. Of a good one they
    /// are left: others may have relied on them.
    func takeBack() {
        isTakenBack = true
        guard case .ready = fitness, hasWords else { return fitness = .withdrawn }
        changes = []
        controls = controls.filter(\.isWord)
    }

    /// Whether it has to be judged by its past before it can be passed over, since others may have
    /// relied on what it decides; or it waits for a schema by which its words can be read.
    var isJudgedThoughTakenBack: Bool {
        switch fitness {
        case .ready: hasWords && (header.seq == 1 || controls.contains(where: \.needsPast))
        case .newerSchema: ControlRecord.all(in: payload).contains(where: \.isWord)
        case .defective, .withdrawn: false
        }
    }

    func key(of change: DecodedChange, in keys: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: keys[change.key])
    }

    private struct Decoder {
        let schema: SharedSchema
        let park: String
        /// Whether the digests of rows are wanted that the changes describe whole.
        let hashesRows: Bool
        let room: EntryRoom
        var keys: [UInt8] = []
        var changes: [DecodedChange] = []
        var controls: [ControlRecord] = []
        var longestLife = CausalLength.never
        private var digester = RowDigester()
        /// The shortest change: a key prefix, the length of a key's rest and one byte of it, a
        /// kind.
        private static let changeBytesMin = 4

        init(schema: SharedSchema, park: String, hashesRows: Bool = true, room: EntryRoom) {
            (self.schema, self.park, self.hashesRows, self.room) = (schema, park, hashesRows, room)
        }

        mutating func run(_ payload: UnsafeRawBufferPointer) throws -> Fitness {
            do {
                var reader = try ChangeReader(payload, schema: schema)
                var name: String?
                while let change = try reader.next() {
                    guard let block = reader.block else { break }
                    if reader.table == nil, block.name == ControlRecord.tableName {
                        guard controls.count < CoreLimits.controlRecordsPerEntryMax else { return tooManyControls() }
                        controls.append(try ControlRecord(change, block: block, key: reader.key, payload: payload))
                        continue
                    }
                    let table = reader.table
                    if name?.utf8.elementsEqual(block.name.utf8) != true {
                        name = block.name
                        if let defect = check(block, schemaNumber: reader.header.schemaNumber) { return defect }
                        // A count is believed as far as the payload can hold so many changes.
                        let count = min(block.changeCount, payload.count / Self.changeBytesMin)
                        keys.reserveCapacity(keys.count + count * 24)
                        changes.reserveCapacity(changes.count + count)
                    }
                    guard let table else { break }
                    let number = reader.header.schemaNumber
                    if let defect = check(change, block: block, table: schema.tables[table], key: reader.key) {
                        return defect
                    }
                    if let defect = try disallowed(
                        change, block: block, table: table, key: reader.key, at: number, payload)
                    {
                        return defect
                    }
                    guard keys.count + reader.key.count <= CoreLimits.keyBytesPerEntryMax else {
                        (changes, controls) = ([], [])
                        return .defective(
                            cause: "its keys have more than \(CoreLimits.keyBytesPerEntryMax) bytes",
                            remedy: "Its author runs damaged or foreign software; tell the park's operator.")
                    }
                    try room.check(
                        changes: changes.count + 1, keyBytes: keys.count + reader.key.count, reader.header.seq)
                    longestLife = max(longestLife, change.causalLength)
                    let start = keys.count
                    keys.append(contentsOf: reader.key)
                    changes.append(
                        DecodedChange(
                            table: table, columnCount: block.columnCount, key: start..<keys.count,
                            values: change.values,
                            causalLength: change.causalLength, kind: change.kind,
                            digest: digest(
                                of: change, block: block, table: table, key: start..<keys.count, payload: payload)))
                }
                return .ready
            } catch let excess as EntryRoom.Excess {
                throw excess
            } catch {
                (changes, controls) = ([], [])
                return .defective(
                    cause: "the entry is not canonical: \(error)",
                    remedy: "Its author runs damaged or foreign software; tell the park's operator.")
            }
        }

        private mutating func tooManyControls() -> Fitness {
            (changes, controls) = ([], [])
            return .defective(
                cause: "it says more than \(CoreLimits.controlRecordsPerEntryMax) things about the logs",
                remedy: "Its author runs damaged or foreign software; tell the park's operator.")
        }

        /// Computed here because decoding runs beside the queue that writes.
        private mutating func digest(
            of change: ChangeView, block: TableBlock, table: Int, key: Range<Int>, payload: UnsafeRawBufferPointer
        )
            -> RowDigest?
        {
            guard hashesRows, case .insert = change.kind, schema.tables[table].columns.count == block.columnCount,
                schema.tables[table].mergeColumns.counters.isEmpty
            else { return nil }
            return keys.withUnsafeBytes { keys in
                digester.digest(
                    key: UnsafeRawBufferPointer(rebasing: keys[key]),
                    values: UnsafeRawBufferPointer(rebasing: payload[change.values]),
                    columns: block.columnCount)
            }
        }

        private func check(_ block: TableBlock, schemaNumber: UInt64) -> Fitness? {
            guard let columns = schema.columnCount(ofTable: block.name, at: schemaNumber) else {
                return .defective(
                    cause: "no shared table is named \(block.name) in schema \(schemaNumber)",
                    remedy: "The author's schema differs; compare the schema files of both parks.")
            }
            guard block.columnCount == columns else {
                return .defective(
                    cause:
                        """
                        \(block.name) has \(block.columnCount) columns for its author, \(columns) in schema \
                        \(schemaNumber)
                        """,
                    remedy: "Compare the schema files of both parks.")
            }
            return nil
        }

        private func check(_ change: ChangeView, block: TableBlock, table: SharedTable, key: [UInt8]) -> Fitness? {
            if let column = change.misfit {
                return .defective(
                    cause:
                        "\(block.name).\(table.columns[column].name) cannot hold the value that the entry has for it",
                    remedy:
                        """
                        Its author runs damaged or foreign software, or its table was altered; tell the park's \
                        operator.
                        """
                )
            }
            if isPlainlyHome(key, table), !table.isAppendOnly || change.kind == .insert { return nil }
            guard let values = try? KeyCoding.decode(key, count: table.keyColumns.count), table.canHold(key: values)
            else {
                return .defective(
                    cause: "\(block.name) cannot have a key that the entry names",
                    remedy: "Its author runs damaged or foreign software; tell the park's operator.")
            }
            if let refusal = table.refusal(of: change.kind, key: values, by: park) {
                return .defective(
                    cause: refusal,
                    remedy: "Nothing to do here: the change is not applied anywhere; tell the author's operator.")
            }
            return nil
        }

        /// What the change says that no constant row of its author's schema allows.
        private func disallowed(
            _ change: ChangeView, block: TableBlock, table index: Int, key bytes: [UInt8], at schemaNumber: UInt64,
            _ payload: UnsafeRawBufferPointer
        ) throws -> Fitness? {
            // Most tables have nothing to ask for.
            guard !schema.tables[index].allowed.isEmpty else { return nil }
            let table = schema.tables[index]
            func key() -> [Value] { (try? KeyCoding.decode(bytes, count: table.keyColumns.count)) ?? [] }
            let found = try table.disallowed(
                change.kind, key: key(), at: schemaNumber,
                encoded: UnsafeRawBufferPointer(rebasing: payload[change.values]), columnCount: block.columnCount)
            guard let found else { return nil }
            return .defective(
                cause: DisallowedWords.cause(found, key(), table, at: schemaNumber),
                remedy: DisallowedWords.remedy(found, key(), table))
        }

        /// The common cases without an allocation: a key of one text that begins with the author's
        /// park if it must, or of one integer.
        private func isPlainlyHome(_ key: [UInt8], _ table: SharedTable) -> Bool {
            guard table.keyColumns.count == 1, let tag = key.first else { return false }
            let column = table.keyColumns[0]
            let takesAll = column.affinity == .blob && !column.isStrict
            if tag == KeyCoding.integerTag {
                return key.count == 9 && (takesAll || column.affinity == .integer) && table.writeRule == .anyPark
            }
            guard tag == KeyCoding.textTag, takesAll || column.affinity == .text else { return false }
            if table.writeRule == .anyPark { return true }
            let rest = key.dropFirst()
            return rest.count > park.utf8.count && rest.starts(with: park.utf8)
                && rest[rest.startIndex + park.utf8.count] == UInt8(ascii: ":")
        }
    }
}
