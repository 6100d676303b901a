import ParkSyncCore
import ParkSyncWire

/// What replication needs of the store. Implementations are safe to call from any task.
package protocol ChangeLog: Sendable {
    /// The newest durable state. Cheap: kept in memory.
    func state() -> NodeState

    /// The hash of one entry in the log (32 bytes), or nil if it is not kept. Entry 0 has
    /// `EntryChain.genesis`.
    func hash(of origin: OriginID, seq: UInt64) throws -> [UInt8]?

    /// The newest entry of `origin` up to `seq` that is kept with a signature of its own; nil if
    /// there is none.
    func head(of origin: OriginID, upTo seq: UInt64) throws -> LogBranch.Head?

    /// Whether the head is signed by the origin's park.
    func isSigned(_ head: LogBranch.Head, of origin: OriginID) -> Bool

    /// Whether this node holds proof that the origin has signed two entries of one number.
    func isForked(_ origin: OriginID) throws -> Bool

    /// Durable entries of `origin` after `seq`, ending at a signed head.
    ///
    /// - Parameter last: what lies behind it may be left out, and is as long as it is not archived.
    /// - Returns: at most about `bytesMax` bytes (more only if the next signed head lies further
    ///   on), or nil if there is nothing after `seq`.
    /// - Throws: `LogGone` if the entry after `seq` is no longer kept.
    func read(origin: OriginID, after seq: UInt64, through last: UInt64, bytesMax: Int) throws -> LogSlice?

    /// The same for who sends the entries on: the payload of a long entry is left to be read in
    /// parts.
    func next(origin: OriginID, after seq: UInt64, through last: UInt64, bytesMax: Int) throws -> LogPiece?

    /// A part of one entry's payload.
    ///
    /// - Throws: if the entry is not there any more, or is shorter.
    func payload(of origin: OriginID, seq: UInt64, from offset: Int, count: Int) throws -> [UInt8]

    /// Up to which entry of a log others may have it from here. It ends short of `state().logged`
    /// for the log of this node's own park while an old copy may have numbers that mean other
    /// entries elsewhere.
    func served(_ origin: OriginID) -> UInt64

    /// Verifies the slice's chain and signature, stores its entries durably and applies what can be
    /// applied.
    ///
    /// Entries that are known already are skipped. Does not wait, so that the next slice can be
    /// verified while this one is stored: neither `finish` nor an observer is called before this
    /// returns. Calls are taken in the order in which they are made.
    /// - Parameter finish: called once, on an unspecified thread, when the entries are durable.
    ///   `SliceRefused`: the slice is damaged or forged, nothing of it was kept. Other errors (disk
    ///   full): nothing was kept, the same slice may be tried again.
    func receive(_ slice: LogSlice, then finish: @escaping @Sendable (Result<Void, any Error>) -> Void)

    /// Whether this node may write, and what it still has to find out before.
    func standing() -> LogStanding

    /// The branch of the own log that is fetched beside it; nil if none is.
    func branchFetch() -> BranchFetch?

    /// From where on entries of an origin are asked for.
    func want(_ origin: OriginID) -> LogPosition

    /// Who is taken out of the zone, and whose old entries can be checked nevertheless.
    func membership() -> Membership

    /// Compares a peer's copy of a log with the one here, and keeps what proves a fork. Heads that
    /// are neither here nor signed count for nothing.
    func compare(_ branch: LogBranch) -> BranchFinding

    /// Does what the head guard wants of the log (all but comparing).
    /// - Parameter finish: called once, on an unspecified thread. An error says why it could not be
    ///   done; it may be tried again.
    func carryOut(_ demand: LogDemand, then finish: @escaping @Sendable (Result<Void, any Error>) -> Void)

    /// Calls `body` after each change of `state()`, on an unspecified thread, until the returned
    /// token is released.
    func observe(_ body: @escaping @Sendable () -> Void) -> ObservationToken
}

extension ChangeLog {
    package func read(origin: OriginID, after seq: UInt64, bytesMax: Int) throws -> LogSlice? {
        try read(origin: origin, after: seq, through: .max, bytesMax: bytesMax)
    }

    package func next(origin: OriginID, after seq: UInt64, through last: UInt64, bytesMax: Int) throws -> LogPiece? {
        try read(origin: origin, after: seq, through: last, bytesMax: bytesMax).map { .slice($0) }
    }

    package func payload(of origin: OriginID, seq: UInt64, from offset: Int, count: Int) throws -> [UInt8] {
        throw LogGone(origin: origin, oldestKept: seq &+ 1)
    }

    package func served(_ origin: OriginID) -> UInt64 { .max }

    package func isForked(_ origin: OriginID) throws -> Bool { false }

    package func standing() -> LogStanding { .ready }

    package func branchFetch() -> BranchFetch? { nil }

    package func want(_ origin: OriginID) -> LogPosition { endOfLog(origin) }

    /// What a peer is asked for that is to send entries of these origins.
    package func request(_ origins: [OriginID], wall: UInt64) -> LogRequest {
        let own = state()
        let wants = origins.prefix(CoreLimits.vectorOriginsMax).map { origin in
            let position = want(origin)
            return LogWant(origin: origin, after: position.after, hash: position.hash)
        }
        return LogRequest(state: own, wallMilliseconds: wall, wants: wants)
    }

    /// What follows the entries in the log.
    package func endOfLog(_ origin: OriginID) -> LogPosition {
        let after = state().logged[origin]
        // Without a hash the peer cannot notice a fork here; the chain still refuses entries that
        // do not continue ours.
        return LogPosition(after: after, hash: (try? hash(of: origin, seq: after)) ?? EntryChain.genesis)
    }

    package func membership() -> Membership { Membership() }

    package func compare(_ branch: LogBranch) -> BranchFinding { plainComparison(branch).finding }

    package func carryOut(_ demand: LogDemand, then finish: @escaping @Sendable (Result<Void, any Error>) -> Void) {
        finish(.success(()))
    }

    /// The entries of a log by which others compare their copy, the newest first, which is signed.
    package func heads(of origin: OriginID, from last: UInt64) throws -> [LogBranch.Head] {
        guard let newest = try head(of: origin, upTo: last) else { return [] }
        var heads = [newest]
        for seq in LogBranch.ladder(from: newest.seq).dropFirst() {
            guard let hash = try hash(of: origin, seq: seq) else { continue }
            let signed = try head(of: origin, upTo: seq)
            heads.append(
                LogBranch.Head(seq: seq, hash: hash, signature: signed?.seq == seq ? signed?.signature ?? [] : []))
        }
        return heads
    }

    /// The comparison by the log alone, without evidence of other branches, with the last entry
    /// that both were found to have. What is here as the peer names it needs no signature; what is
    /// not counts only below one.
    package func plainComparison(_ branch: LogBranch) -> (finding: BranchFinding, common: UInt64?) {
        let logged = state().logged[branch.origin]
        var (common, from): (UInt64?, UInt64?) = (nil, nil)
        var finding = BranchFinding(.same, proven: 0)
        for head in branch.heads {
            // An entry that is not kept, or cannot be read, tells nothing.
            let own = head.seq <= logged ? try? hash(of: branch.origin, seq: head.seq) : nil
            let isProven = own == head.hash || (!head.signature.isEmpty && isSigned(head, of: branch.origin))
            if isProven {
                finding.proven = max(finding.proven, head.seq)
            } else if !head.signature.isEmpty || finding.proven == 0 {
                finding.fault = finding.fault ?? "\(branch.origin):\(head.seq)"
                continue
            }
            guard let own else { continue }
            if own == head.hash {
                common = head.seq
                break
            }
            from = head.seq
        }
        // A branch that names its first entry has named enough: nothing is shared.
        if common == nil, finding.proven > 0, branch.heads.last?.seq == 1 { common = 0 }
        if let from {
            finding.fit = .differs(common: common, from: from)
        } else if finding.proven > logged {
            finding.fit = .more
        }
        return (finding, common)
    }

    /// Waits for what `receive(_:then:)` finds.
    package func receive(_ slice: LogSlice) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            receive(slice) { continuation.resume(with: $0) }
        }
    }
}

/// Ends an observation when it is released.
package final class ObservationToken: Sendable {
    private let cancel: @Sendable () -> Void
    package init(_ cancel: @escaping @Sendable () -> Void) { self.cancel = cancel }
    deinit { cancel() }
}

/// The wanted entries are below the kept log: the asker needs a snapshot.
package struct LogGone: Error, Hashable, Sendable {
    package var origin: OriginID
    /// The oldest entry that is still kept.
    package var oldestKept: UInt64
    package init(origin: OriginID, oldestKept: UInt64) {
        self.origin = origin
        self.oldestKept = oldestKept
    }
}

/// What a log gives to send on.
package enum LogPiece: Hashable, Sendable {
    case slice(LogSlice)
    case long(LongSlice)
}

/// A slice whose last entry is so long that nobody holds it in memory as a whole.
package struct LongSlice: Hashable, Sendable {
    /// Its body ends with the length of the last entry's payload.
    package var head: LogSlice
    /// Of that payload.
    package var bytes: Int

    package init(head: LogSlice, bytes: Int) { (self.head, self.bytes) = (head, bytes) }

    var bodyBytes: Int { head.body.count + bytes }
}

/// A slice that cannot be what its origin signed. Names the cause and the remedy; the sender is not
/// to be believed.
package struct SliceRefused: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Cause: String, Hashable, Sendable {
        case malformed, wrongChain, wrongSignature, unknownOrigin, gap, fork, tooLong
        /// An entry that is sound, and longer than this node takes.
        case entryTooLong
    }
    package var cause: Cause
    package var origin: OriginID
    package var first: UInt64
    package var reason: String
    package var remedy: String
    /// The fork of the log is proven here, and told by itself: whoever sends the other branch is
    /// not to be named for it.
    package var isKnown = false

    package init(_ cause: Cause, origin: OriginID, first: UInt64, reason: String, remedy: String) {
        self.cause = cause
        self.origin = origin
        self.first = first
        self.reason = reason
        self.remedy = remedy
    }

    package var description: String { "entries of \(origin) from \(first): \(reason). \(remedy)" }
}
