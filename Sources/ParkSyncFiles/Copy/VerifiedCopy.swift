import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import ParkSyncStore

/// A copy of a database of which every byte that matters is checked.
package enum VerifiedCopy {
    package struct Head: Hashable, Sendable {
        package var origin: OriginID
        package var seq: UInt64
        package var hash: [UInt8]
        /// The origin's signature of this entry.
        package var signature: [UInt8]

        package init(origin: OriginID, seq: UInt64, hash: [UInt8], signature: [UInt8]) {
            (self.origin, self.seq, self.hash, self.signature) = (origin, seq, hash, signature)
        }
    }
}

extension VerifiedCopy {
    /// Checks a copy: format, SQLite's own integrity check, every hash and signature of the log,
    /// every row against its clock, and each table's digest, made anew from all rows, against the
    /// digest that was kept at the copy's vector.
    ///
    /// - Parameters:
    ///   - path: a file that nobody writes.
    ///   - park: whose it must be; nil for anybody's.
    ///   - members: raw public keys by park.
    /// - Throws: `StoreError` that says what is wrong with it, and the remedy.
    package static func verify(_ path: String, park: String?, members: [String: [UInt8]]) throws -> BackupReport {
        guard FileSystem.exists(path) else {
            throw StoreError(
                .invalidInput, "\(path) does not exist", remedy: "Name a file that syncctl backup has made.")
        }
        let reader = SQLReader(connection: try open(path))
        return try reader.snapshot {
            let owner = try CopyChecks.owner(reader.connection, path)
            if let park, owner != park {
                throw StoreError(
                    .invalidInput, "\(path) is a copy of the database of \(owner), not of \(park)",
                    remedy: "Use a backup of \(park); each park has a file of its own.")
            }
            try CopyChecks.integrity(reader.connection, path)
            let compiled = try Replay.schema(of: reader)
            try CopyChecks.nothingWaits(reader.connection, compiled.schema, park: owner, path: path)
            let proof = try Verifier(reader: reader, schema: compiled.schema, members: members, leavesOutSegments: true)
                .proof()
            guard proof.findings.isEmpty else {
                throw StoreError(
                    .damaged,
                    """
                    \(path) is not sound: \
                    \(proof.findings.prefix(CopyChecks.findingsShownMax).joined(separator: "; "))
                    """,
                    remedy: CopyChecks.remedy)
            }
            return BackupReport(
                id: nil, park: owner, bytes: FileSystem.bytes(path), sha256: Hex.encode(try FileSystem.hash(path)),
                vector: proof.vector.description,
                stateHash: Hex.encode(proof.stateHash), schemaNumber: compiled.schema.number,
                heads: try CopyChecks.heads(reader).map {
                    BackupReport.Head(origin: $0.origin.name, seq: $0.seq, hash: Hex.encode($0.hash))
                },
                tables: proof.report.tables)
        }
    }

    private static func open(_ path: String) throws -> Connection {
        do { return try Connection(path: path, role: .reader) } catch {
            throw StoreError(.damaged, "\(path) is no SQLite database, or cut off", remedy: CopyChecks.remedy)
        }
    }
}

/// What has to hold in a copy before its log and tables are worth looking at.
package enum CopyChecks {
    static let findingsShownMax = 5
    package static let remedy = ForeignHeader.remedy

    /// The park whose file it is.
    static func owner(_ connection: Connection, _ path: String) throws -> String {
        let isOurs: Bool
        do {
            isOurs = try connection.int64("SELECT count(*) FROM sqlite_master WHERE name = '_parksync_meta'") == 1
        } catch {
            throw StoreError(
                .damaged, "\(path) is no SQLite database, or damaged: \(ErrorWords.of(error))", remedy: remedy)
        }
        guard isOurs else {
            throw StoreError(
                .invalidInput, "\(path) is not a ParkSync database", remedy: "Name a file that syncctl backup has made."
            )
        }
        try StoreFile.checkFormat(connection, path: path)
        guard case .text(let name)? = try StoreFile.meta(connection, "park"),
            let park = String(validating: name, as: UTF8.self)
        else {
            throw StoreError(.damaged, "\(path) does not say whose it is", remedy: remedy)
        }
        return park
    }

    /// Everything that SQLite itself can find.
    static func integrity(_ connection: Connection, _ path: String) throws {
        let found: [String]
        do { found = try IntegrityCheck.findings(connection, max: findingsShownMax) } catch let error as StoreError {
            throw error.told(as: .damaged, "\(path): \(error.reason)", remedy: remedy)
        }
        guard found.isEmpty else {
            throw StoreError(.damaged, "\(path) is damaged: \(found.joined(separator: "; "))", remedy: remedy)
        }
    }

    /// No write waits in it: copies that this program makes have none, and what is not in the log
    /// could not be compared with it.
    static func nothingWaits(_ connection: Connection, _ schema: SharedSchema, park: String, path: String) throws {
        // After a fork the park writes as a later incarnation.
        let record = try OwnLogRecord.load(connection, park: park)
        let name = record.origin?.name ?? park
        let own = try connection.int64(
            """
            SELECT EXISTS(SELECT 1 FROM _parksync_origin o WHERE o.name = \(literal(name)) AND EXISTS(
              SELECT 1 FROM _parksync_log WHERE id > (o.ordinal << \(LogTable.seqBits)) + o.folded AND id < \
              ((o.ordinal + 1) << \(LogTable.seqBits))))
            """)
        guard record.fetch != nil || own == 0,
            try Sealer(connection: connection, schema: schema).pendingTables().isEmpty
        else {
            throw StoreError(
                .invalidInput, "\(path) holds writes that are not in its log or not in its digests yet",
                remedy: "It was copied by hand while somebody wrote. Use a copy that syncctl backup has made.")
        }
    }

    static func heads(_ reader: SQLReader) throws -> [VerifiedCopy.Head] {
        try reader.origins().compactMap { ordinal, origin, _ in
            guard let newest = try LogTable.newestEntry(reader.connection, ordinal: ordinal) else { return nil }
            return VerifiedCopy.Head(origin: origin, seq: newest.seq, hash: newest.hash, signature: newest.signature)
        }.sorted { $0.origin < $1.origin }
    }
}

extension ParkStore {
    /// Makes a copy of the whole file while the node works, and verifies it.
    ///
    /// - Parameter path: the file to make; one that is there is replaced.
    /// - Throws: `StoreError`; no file is left then.
    package func backup(to path: String) async throws -> BackupReport {
        let snapshot = try await quietSnapshot()
        return try await options.blockingWork.run { [options] in
            try FileCopy.copy(snapshot.reader, to: path)
            do { return try VerifiedCopy.verify(path, park: options.origin.park, members: options.keysByPark) } catch {
                FileSystem.removeDatabase(path)
                throw error
            }
        }
    }
}
