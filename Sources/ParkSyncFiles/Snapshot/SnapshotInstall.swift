import ParkSyncCore
import ParkSyncReplication
import ParkSyncStore

/// Takes a finished candidate as the node's database, if nothing is lost by it.
package enum SnapshotInstall {
    package enum Outcome: Sendable {
        /// The old database is kept aside.
        case installed(vector: VersionVector, keptAside: String?)
        /// The old database is in force. The candidate is gone, unless only a program that has the
        /// old one open was in its way.
        case refused(StoreError)
    }

    /// Called with the lock on the state folder, before the database is opened.
    ///
    /// - Returns: nil if there is no candidate.
    /// - Throws: what opening the old database throws.
    package static func consider(_ options: StoreOptions) throws -> Outcome? {
        let candidate = SnapshotCandidate.path(options.path)
        guard FileSystem.exists(candidate) else { return nil }
        let trial = Trial(path: candidate + ".trial")
        do {
            try trial.begin()
            var isRecovering = options.recoversWhenNew
            var outgoing: OutgoingDatabase?
            if FileSystem.exists(options.path) {
                // Seals what programs wrote, so that it counts. The connections are closed again
                // before the files are exchanged.
                let old = try StoreOpening.open(options).state
                isRecovering = old.ownLog.isFetching
                try check(old, covers: candidate)
                outgoing = try OutgoingDatabase(options.path, schema: options.schema.schema)
            }
            let old = try ownHead(options)
            let new = try onCandidate {
                let vector = try prepare(candidate, options, isRecovering: isRecovering, old: old)
                try open(candidate, options)
                return vector
            }
            let aside = try FileSwap.exchange(
                options.path, for: candidate, outgoing: outgoing,
                label: FileSwap.label(options.clock.wallMilliseconds()))
            trial.end()
            return .installed(vector: new, keptAside: aside)
        } catch let error as StoreError {
            trial.end()
            // A program that has the old database open may be gone the next time.
            if error.code != .busy { FileSystem.removeDatabase(candidate) }
            return .refused(error)
        }
    }

    /// Whatever is wrong with the candidate, the old database can be opened.
    private static func onCandidate<T>(_ body: () throws -> T) throws -> T {
        do { return try body() } catch let error as StoreError { throw error } catch {
            throw StoreError(
                .damaged, "the database that was made of the snapshot cannot be opened: \(ErrorWords.of(error))",
                remedy: "Nothing was replaced. Take the snapshot from another park.")
        }
    }

    /// Opens the candidate as the node will open it, before anything is decided.
    private static func open(_ candidate: String, _ options: StoreOptions) throws {
        do {
            var options = options
            options.path = candidate
            let opened = try StoreOpening.open(options)
            try LogSoundness(connection: opened.applier).check(opened.state)
        }
        // One file again, without a write-ahead log.
        _ = try Connection(path: candidate, role: .builder).int64("SELECT count(*) FROM sqlite_master")
    }

    /// The origin that the node writes as, which may be a later incarnation of its park, and that
    /// one's newest entry.
    private static func ownHead(_ options: StoreOptions) throws -> (origin: OriginID, seq: UInt64) {
        guard FileSystem.exists(options.path) else { return (options.origin, 0) }
        let reader = SQLReader(connection: try Connection(path: options.path, role: .reader))
        let origin = try OwnLogRecord.load(reader.connection, park: options.origin.park).origin ?? options.origin
        return (origin, try CopyChecks.heads(reader).first { $0.origin == origin }?.seq ?? 0)
    }

    /// Every entry of the old log must be in the candidate's: own entries that no other park has
    /// would be lost, and so might be entries of others that only this node still has.
    private static func check(_ old: StoreState, covers candidate: String) throws {
        let reader = SQLReader(connection: try Connection(path: candidate, role: .reader))
        let origins = try reader.origins()
        let heads = try CopyChecks.heads(reader)
        for state in old.origins where state.logged > 0 {
            let there = heads.first { $0.origin == state.origin }?.seq ?? 0
            guard there >= state.logged else {
                throw StoreError(
                    .invalidInput,
                    "the snapshot has entries of \(state.origin) up to \(there), this node has \(state.logged)",
                    remedy:
                        """
                        Nothing was replaced. Let the other park catch up with this node, or take the snapshot \
                        from another park.
                        """
                )
            }
            guard let ordinal = origins.first(where: { $0.origin == state.origin })?.ordinal else { continue }
            let hash = try LogTable.hash(reader.connection, ordinal: ordinal, seq: state.logged)
            // What the other park keeps no more is what a node that is behind lacks. Of its own log
            // it has all.
            if hash == nil, state.origin.park != old.origins[old.own].origin.park,
                try SegmentTable.find(reader.connection, ordinal: ordinal, seq: state.logged) != nil
            {
                continue
            }
            guard hash == state.headHash else {
                throw StoreError(
                    .invalidInput, "entry \(state.logged) of \(state.origin) is another one in the snapshot than here",
                    remedy:
                        """
                        Nothing was replaced. The log of \(state.origin) has forked, or the other park does not \
                        keep this entry any more.
                        """
                )
            }
        }
    }

    private static func prepare(
        _ candidate: String, _ options: StoreOptions, isRecovering: Bool, old: (origin: OriginID, seq: UInt64)
    ) throws -> VersionVector {
        let connection = try Connection(path: candidate, role: .builder)
        let reader = SQLReader(connection: connection)
        try FutureStamp.check(reader, wallMilliseconds: options.clock.wallMilliseconds())
        if FileSystem.exists(options.path) {
            // Schema files that came after the snapshot's make the tables whose rows are then
            // carried over.
            try connection.transaction {
                try StoreFile.install(options.schema, on: connection, park: options.origin.park)
            }
            try LocalObjects(connection: connection, shared: options.schema.schema).carry(from: options.path)
            try OwnRecords(connection: connection).carry(from: options.path)
        }
        let own = try reader.origins().first { $0.origin == old.origin }
        let head = try CopyChecks.heads(reader).first { $0.origin == old.origin }?.seq ?? 0
        // It goes on with the log that it has, not with one that it has left.
        if old.origin != options.origin {
            try OwnLogRecord.change(connection, park: options.origin.park) { $0.origin = old.origin }
        }
        // Other parks have entries of this node that it has not: it has lost them, and there may be
        // more.
        let hasLost = head > old.seq || (own?.folded ?? 0) < head
        if isRecovering || hasLost {
            try connection.transaction {
                try Recovering.mark(connection, park: options.origin.park, schema: try Replay.schema(of: reader).schema)
            }
        }
        return VersionVector(try reader.origins().map { ($0.origin, $0.folded) })
    }

    /// Says in a file that the candidate is being opened: what ends the process there must not end
    /// every later start.
    private struct Trial {
        let path: String

        /// - Throws: `StoreError.damaged` if the one before did not come to its end.
        func begin() throws {
            guard !FileSystem.exists(path) else {
                throw StoreError(
                    .damaged, "the node ended while it opened the database that was made of the snapshot",
                    remedy: "Nothing was replaced. Take the snapshot from another park, or once more.")
            }
            try FileSystem.touch(path)
        }

        func end() { FileSystem.remove(path) }
    }
}
