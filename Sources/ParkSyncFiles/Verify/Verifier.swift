import Crypto
import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import ParkSyncStore

/// What a verification read and found.
struct Verification {
    /// As it is reported, but for the vector.
    var report = VerifyReport(origins: [], tables: [], vector: "", findings: [])
    var vector = VersionVector()
    var stateHash: [UInt8] = []
    var findings: [String] {
        get { report.findings }
        set { report.findings = newValue }
    }
}

/// Checks a database against itself: every hash and signature of the log, and every row against the
/// digests.
package struct Verifier {
    let reader: SQLReader
    let schema: SharedSchema
    let members: [String: [UInt8]]
    /// Whether archived entries lie elsewhere: a copy of the database has no segments beside it.
    /// Its log is checked from where they end; the signatures behind them vouch for the hash that
    /// the database has of the last one.
    var leavesOutSegments = false

    func run() throws -> VerifyReport {
        let found = try proof()
        let references = try ReferenceCheck(connection: reader.connection, schema: schema).run()
        var report = found.report
        report.vector = found.vector.description
        (report.dangling, report.danglingCount) = (references.rows, references.count)
        return report
    }

    /// All that has to hold in any copy of the database. Rows that refer to nothing are no part of
    /// it: merges may make them.
    func proof() throws -> Verification {
        var result = Verification()
        let keys = try MemberTable.trusted(reader.connection, members)
        var controls = try ControlHistory(reader.connection, try reader.originState())
        for (ordinal, origin, folded) in try reader.origins() {
            try checkChain(ordinal, origin, folded: folded, keys[origin.park], &controls, &result)
            result.vector[origin] = folded
        }
        result.findings += try controls.findings(readsArchive: !leavesOutSegments)
        for table in schema.tables { try checkTable(table, &result) }
        result.stateHash = StateHash.of(result.report.tables.map { ($0.name, $0.rows, $0.digest) })
        return result
    }

    /// Only the tables' rows, counted and hashed.
    func tablesOnly() throws -> [TableFigures] {
        var result = Verification()
        for table in schema.tables { try checkTable(table, &result) }
        return result.report.tables
    }

    private func checkChain(
        _ ordinal: Int64, _ origin: OriginID, folded: UInt64, _ raw: [UInt8]?, _ controls: inout ControlHistory,
        _ result: inout Verification
    ) throws {
        let key = raw.flatMap { try? Curve25519.Signing.PublicKey(rawRepresentation: $0) }
        if key == nil {
            result.findings.append(
                """
                \(origin): its park is not a member, so its signatures cannot be checked; if it has left the \
                zone, name it in `former_parks`
                """
            )
        }
        var summary = VerifyReport.Origin(origin: origin.name, entries: 0, signedHeads: 0, headSeq: 0, headHash: "")
        var headHash = EntryChain.genesis
        var lastSigned: UInt64 = 0
        var faults: [String] = []
        let skip = { (fault: ArchiveFault) in
            faults.append(fault.description)
            controls.skip(origin)
            (summary.headSeq, headHash, lastSigned) = (fault.last, fault.hash, fault.last)
        }
        if leavesOutSegments, let last = try SegmentTable.all(reader.connection, ordinal: ordinal).last {
            (summary.headSeq, headHash, lastSigned) = (last.last, last.hash, last.last)
        }
        let start = summary.headSeq
        if start > 0 { controls.skip(origin) }
        try LogScan.ascend(
            reader.connection, origin: origin, ordinal: ordinal, after: start, through: LogTable.seqMax, onFault: skip
        ) { entry in
            let seq = entry.seq
            if seq != summary.headSeq + 1 {
                result.findings.append("\(origin): entry \(summary.headSeq + 1) is missing, \(seq) follows")
            }
            let hash = EntryHash.of(payload: entry.payload, previous: headHash)
            if !entry.hash.elementsEqual(hash) {
                result.findings.append("\(origin):\(seq) does not have the hash that the log says")
            }
            checkHeader(entry, origin, &result)
            if seq <= folded { controls.add(entry.payload, origin, seq) }
            if let signature = entry.signature {
                let message = EntryChain.headMessage(origin: origin, seq: seq, hash: hash)
                if let key, !key.isValidSignature(Array(signature), for: message) {
                    result.findings.append("\(origin):\(seq) has a signature that is not its park's")
                }
                summary.signedHeads += 1
                lastSigned = seq
            }
            headHash = hash
            summary.headSeq = seq
            summary.entries += 1
            return .more
        }
        result.findings += faults
        if lastSigned != summary.headSeq {
            result.findings.append("\(origin): entries after \(lastSigned) are not signed")
        }
        if folded > summary.headSeq {
            result.findings.append("\(origin): the cursor stands at \(folded), the log ends at \(summary.headSeq)")
        }
        summary.headHash = Hex.encode(headHash)
        if summary.entries > 0 || folded > 0 { result.report.origins.append(summary) }
    }

    private func checkHeader(_ entry: LogEntryView, _ origin: OriginID, _ result: inout Verification) {
        let seq = entry.seq
        do {
            let header = try EntryHeader(of: entry.payload)
            if header.origin != origin || header.seq != seq
                || header.stamp.rawValue != entry.storedStamp ?? header.stamp.rawValue
            {
                result.findings.append(
                    "\(origin):\(seq) says that it is \(header.origin):\(header.seq) of \(header.stamp)")
            }
        } catch { result.findings.append("\(origin):\(seq) cannot be read: \(ErrorWords.of(error))") }
    }

    private static func fits(
        _ clock: UnsafeRawBufferPointer, _ digest: RowDigest, _ counters: CounterValues?, _ state: StoreState
    ) -> Bool {
        guard let counters else {
            return RowDigest(UnsafeRawBufferPointer(rebasing: clock.prefix(RowDigest.bytes))) == digest
        }
        guard let stored = try? ClockCoding.decode(clock, state: state) else { return false }
        return stored.digest == digest && (stored.counters == nil || stored.counters == counters)
    }

    /// Reads every row, and compares its hash with its clock's and the sum with the table's digest.
    private func checkTable(_ table: SharedTable, _ result: inout Verification) throws {
        let keys = table.keyColumns.map { quoted($0.name) }
        let columns = table.columns.map { quoted($0.name) }
        let rows = try RawStatement(
            reader.connection.handle, "SELECT \((columns + keys).joined(separator: ", ")) FROM \(quoted(table.name))")
        let clocks = try reader.connection.statement(
            "SELECT clock FROM \(quoted(StoreFile.clockTable(table.name))) WHERE key = ?1")
        let counters = table.mergeColumns.counters
        let state = counters.isEmpty ? StoreState() : try reader.originState()
        var found = TableFigures(name: table.name, rows: 0, digest: RowDigest())
        var cells = RowCells()
        var wrong: [[Value]] = []
        var wrongCount = 0
        while try rows.step() {
            cells.begin(columns: columns.count)
            cells.load(row: rows)
            let values = keys.indices.map { rows.view(Int32(columns.count + $0)).copied }
            guard let key = KeyCoding.encode(values) else {
                result.findings.append("\(table.name): a row has no key")
                continue
            }
            let digest = key.withUnsafeBytes { cells.digest(key: $0) }
            clocks.bindBlob(1, copying: key)
            let sums = CounterValues(counters.columns.map { rows.int64(Int32($0)) })
            let matches = try clocks.step() && Self.fits(clocks.bytes(0), digest, counters.isEmpty ? nil : sums, state)
            clocks.reset()
            if !matches {
                wrongCount += 1
                if wrong.count < RowNames.countMax { wrong.append(values) }
            }
            found.rows += 1
            found.digest.add(digest)
        }
        if wrongCount > 0 {
            let rest = wrongCount > wrong.count ? " and \(wrongCount - wrong.count) more" : ""
            result.findings.append(
                """
                \(table.name): \(wrongCount) rows are not what their clocks say: \
                \(wrong.map(RowNames.text).joined(separator: ", "))\(rest)
                """
            )
        }
        let stored = try reader.connection.statement("SELECT rows, digest FROM _parksync_table WHERE name = ?1")
        defer { stored.reset() }
        stored.bindText(1, copying: table.name)
        if try stored.step() {
            if stored.int64(0) != found.rows {
                result.findings.append("\(table.name): \(found.rows) rows were read, \(stored.int64(0)) are counted")
            }
            if RowDigest(stored.bytes(1)) != found.digest {
                result.findings.append("\(table.name): the rows' digest is not the one that was kept")
            }
        } else {
            result.findings.append("\(table.name): no digest is kept")
        }
        result.report.tables.append(found)
    }
}

extension ParkStore {
    /// Verifies the whole database in one snapshot. Own writes are sealed and folded first, so that
    /// digests are current.
    package func verify() async throws -> VerifyReport {
        try await sealForeign()
        try await housekeep()
        return try await readers.read(.clients) { [schema, options] reader in
            try reader.snapshot { try Verifier(reader: reader, schema: schema, members: options.keysByPark).run() }
        }
    }
}
