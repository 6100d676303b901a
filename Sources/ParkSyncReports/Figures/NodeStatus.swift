import ParkSyncCore

/// Answer of `GET /v1/status`, and of `syncctl status --json` inside `StatusReport`. Times are Unix
/// milliseconds.
package struct NodeStatus: Codable, Hashable, Sendable {
    package enum Phase: String, Codable, Hashable, Sendable {
        /// Fetching the node's own entries back from its peers; no writes are accepted.
        case recovering
        /// Comparing the log with what the peers have of it, after a start; no writes are accepted.
        case checking
        case ready
        case stopping
        /// The park was taken out of the zone, or is coming back into it; no writes are accepted.
        case fenced
        /// The database is damaged: nothing is written, sealed or applied.
        case damaged
    }
    /// An entry that waits or was set aside.
    package struct Stuck: Codable, Hashable, Sendable {
        package var origin: String
        package var seq: UInt64
        package enum State: String, Codable, Hashable, CaseIterable, Sendable {
            /// Applied when the cause is gone.
            case held
            /// Never applied.
            case quarantined
            /// Of a park that was taken out of the zone, and nobody else is known to have had it:
            /// it waits for nothing any more.
            case leftOut = "left out"
        }
        package var state: State
        /// What it waits for, or why it was set aside, by a name that does not change with the
        /// text.
        package var code: String
        /// The origin or the table that `code` is about; empty if there is none.
        package var subject: String
        package var cause: String
        package var remedy: String
        /// Of how many quarantined entries of the origin this is the newest; nil if it stands for
        /// itself alone.
        package var count: UInt64?
        package init(
            origin: String, seq: UInt64, state: State, code: String, subject: String = "", cause: String, remedy: String
        ) {
            self.origin = origin
            self.seq = seq
            self.state = state
            self.code = code
            self.subject = subject
            self.cause = cause
            self.remedy = remedy
        }

        /// `west:6 is held`, `30000 entries of west are quarantined, west:30000 the newest`.
        package var standing: String {
            guard let count else { return "\(origin):\(seq) is \(state.rawValue)" }
            return "\(count) entries of \(origin) are \(state.rawValue), \(origin):\(seq) the newest"
        }
    }
    /// Why the node accepts no writes, and what it waits for.
    package struct Check: Codable, Hashable, Sendable {
        package var since: UInt64
        /// Parks that were heard and compared, that are being called, and that are out of reach.
        package var heard: [String]
        package var waitingFor: [String]
        package var unreachable: [String]
        package var cause: String
        package var remedy: String
        package init(
            since: UInt64, heard: [String], waitingFor: [String], unreachable: [String], cause: String, remedy: String
        ) {
            self.since = since
            self.heard = heard
            self.waitingFor = waitingFor
            self.unreachable = unreachable
            self.cause = cause
            self.remedy = remedy
        }
        enum CodingKeys: String, CodingKey { case since, heard, waitingFor = "waiting_for", unreachable, cause, remedy }
    }
    /// Two different entries with one number: the first one of each origin.
    package struct Fork: Codable, Hashable, Sendable {
        package var origin: String
        package var seq: UInt64
        package var firstSeen: UInt64
        package var remedy: String
        /// Parks that have yet to acknowledge the branch that is here. Absent while nothing says
        /// that the fork ends; empty when it is healed.
        package var waitsFor: [String]?
        /// When the park wrote in this log last although it had gone on in a later one; absent if
        /// it did not.
        package var alsoWrittenAt: UInt64?
        package init(
            origin: String, seq: UInt64, firstSeen: UInt64, remedy: String, waitsFor: [String]? = nil,
            alsoWrittenAt: UInt64? = nil
        ) {
            (self.origin, self.seq, self.firstSeen, self.remedy) = (origin, seq, firstSeen, remedy)
            (self.waitsFor, self.alsoWrittenAt) = (waitsFor, alsoWrittenAt)
        }
        /// All parks have one branch and say so: the fork is history.
        package var isHealed: Bool { waitsFor == [] }
        enum CodingKeys: String, CodingKey {
            case origin, seq, firstSeen = "first_seen", remedy, waitsFor = "waits_for", alsoWrittenAt =
                "also_written_at"
        }
    }
    package struct Peer: Codable, Hashable, Sendable {
        package enum Link: String, Codable, Hashable, Sendable {
            case connecting, catchingUp = "catching-up", following, waiting, paused
        }
        /// Whether both nodes hold the same tables: compared only at equal vectors.
        package enum Agreement: String, Codable, Hashable, Sendable { case same, different, unknown }
        package var park: String
        package var url: String
        package var link: Link
        package var lastError: String?
        /// What kind of failure that is, by a name that does not change with the text.
        package var lastErrorCode: FailureCode?
        package var nextTryAt: UInt64?
        package var lastContactAt: UInt64?
        /// Entries that the peer has and we have not; nil before the first contact.
        package var weNeed: UInt64?
        /// Since when this node has known, by its own clock, of the oldest of these; nil if there
        /// are none.
        package var weNeedSince: UInt64?
        /// Our own entries that the peer has not yet reported as applied; nil before the first
        /// contact.
        package var theyNeed: UInt64?
        /// When our oldest entry that the peer lacks was written.
        package var theyNeedSince: UInt64?
        /// The peer's wall clock minus ours, in milliseconds, at the last contact; includes the
        /// one-way delay.
        package var clockOffsetMilliseconds: Int64?
        package var agreement: Agreement
        /// The vector at which `agreement` was found, and when.
        package var agreementVector: String?
        package var agreementAt: UInt64?
        /// What it did last that no honest node does, and how often it did something like that
        /// since this node was started; nil if nothing.
        package var lie: Lie?
        /// The software that its node named last; nil before that, or if it names none.
        package var version: String?
        /// The SQLite library that its node runs with; nil if it has not told.
        package var sqliteVersion: String?
        /// Origins that we ask this peer to relay, because they cannot be reached.
        package var relays: [String]
        package init(park: String, url: String, link: Link, agreement: Agreement = .unknown, relays: [String] = []) {
            self.park = park
            self.url = url
            self.link = link
            self.agreement = agreement
            self.relays = relays
        }
        enum CodingKeys: String, CodingKey {
            case park, url, link, lastError = "last_error", lastErrorCode = "last_error_code", nextTryAt =
                "next_try_at", lastContactAt =
                "last_contact_at"
            case weNeed = "we_need", weNeedSince = "we_need_since", theyNeed = "they_need", theyNeedSince =
                "they_need_since"
            case clockOffsetMilliseconds = "clock_offset_ms", agreement, agreementVector = "agreement_vector"
            case agreementAt = "agreement_at", relays, version, sqliteVersion = "sqlite_version", lie
        }

        /// What kind of failure a link has.
        package struct FailureCode: StableName {
            package let rawValue: String
            package init(rawValue: String) { self.rawValue = rawValue }

            /// A fork was found over it.
            package static let fork: Self = "fork"
            /// The peer no longer keeps what this node needs.
            package static let gone: Self = "gone"
            /// The peer says to have what it does not give.
            package static let withheld: Self = "withheld"
        }

        package struct Lie: Codable, Hashable, Sendable {
            package struct Kind: StableName {
                package let rawValue: String
                package init(rawValue: String) { self.rawValue = rawValue }

                /// The damage of an honest park looks the same.
                package static let falseSnapshot: Self = "false-snapshot"
            }
            package var kind: Kind
            package var reason: String
            package var count: UInt64
            package init(kind: Kind, reason: String, count: UInt64) {
                (self.kind, self.reason, self.count) = (kind, reason, count)
            }
        }
    }

    /// Forks that are not healed.
    package var openForks: [Fork] { forks.filter { !$0.isHealed } }

    /// Open forks of logs of which a vector names the entry in question, or later ones: at such a
    /// vector two nodes may rightly have other tables.
    package func openForks(at vector: String?) -> [Fork] {
        guard let vector = vector.flatMap({ VersionVector(parsing: $0) }) else { return [] }
        return openForks.filter { fork in OriginID(fork.origin).map { vector[$0] >= fork.seq } ?? false }
    }

    package var park: String
    package var origin: String
    package var phase: Phase
    package var version: String
    package var schemaNumber: UInt64
    package var schemaHash: String
    package var applied: String
    package var logged: String
    package var unsealedRows: Int64
    package var conflicts: Int64
    package var tables: [TableFigures]
    /// The vector at which the table digests were computed.
    package var digestVector: String
    package var digest: String
    package var stuck: [Stuck]
    /// Absent when writes are accepted.
    package var check: Check?
    package var forks: [Fork] = []
    package var peers: [Peer]
    package var databaseBytes: Int64
    package var now: UInt64
    /// Why the node is `fenced`, and what to do.
    package var fence: String?
    /// Own entries that the others hold for their stamps, by incarnation; nil if there are none.
    package var futureStamps: [FutureStampsStatus]?
    /// When `reissue` is possible again; nil if it is possible now, or not needed.
    package var reissuePossibleAt: UInt64?
    /// What was found last; nil before the first look.
    package var retention: RetentionStatus?
    package var machine: MachineStatus?
    /// By interface. Empty for a node that works without any, or before they were tried.
    package var listeners: [ListenerStatus] = []
    /// The node's own and the authority's; empty without TLS.
    package var certificates: [CertificateStatus] = []
    /// Shared tables that entries cannot be applied to, because of what other programs made of
    /// them.
    package var tableObstacles: [TableObstacleStatus]?
    /// What keeps requests from being answered; nil if nothing does.
    package var arbiter: ArbiterStatus?
    /// The file, its write-ahead log and its locks.
    package var database: DatabaseStatus?
    package var rows: RowsStatus?
    /// Absent if the database is sound as far as it was looked at.
    package var damage: DamageStatus?
    /// Captured writes that were not signed; absent if there are none.
    package var refusedRows: RefusedRowsStatus?
    package init(
        park: String, origin: String, phase: Phase, version: String, schemaNumber: UInt64, schemaHash: String,
        applied: String,
        logged: String, unsealedRows: Int64, conflicts: Int64, tables: [TableFigures], digestVector: String,
        digest: String, stuck: [Stuck],
        peers: [Peer], databaseBytes: Int64, now: UInt64
    ) {
        self.park = park
        self.origin = origin
        self.phase = phase
        self.version = version
        self.schemaNumber = schemaNumber
        self.schemaHash = schemaHash
        self.applied = applied
        self.logged = logged
        self.unsealedRows = unsealedRows
        self.conflicts = conflicts
        self.tables = tables
        self.digestVector = digestVector
        self.digest = digest
        self.stuck = stuck
        self.peers = peers
        self.databaseBytes = databaseBytes
        self.now = now
    }
    enum CodingKeys: String, CodingKey {
        case park, origin, phase, version, schemaNumber = "schema_number", schemaHash = "schema_hash", applied, logged
        case unsealedRows = "unsealed_rows", conflicts, tables, digestVector = "digest_vector", digest, stuck, check,
            forks, peers
        case databaseBytes = "database_bytes", now, fence, futureStamps = "future_stamps", reissuePossibleAt =
            "reissue_possible_at", retention,
            machine, listeners, certificates, arbiter,
            database, rows
        case tableObstacles = "table_obstacles", refusedRows = "refused_rows", damage
    }
}
