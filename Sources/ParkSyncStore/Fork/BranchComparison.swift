import ParkSyncCore
import ParkSyncReplication
import Synchronization

/// What peers hold of logs, compared with what is here (docs/decisions/0019-signed-heads.md).
extension ParkStore {
    package func compare(_ branch: LogBranch) -> BranchFinding {
        guard branch.origin.isOfSamePark(as: options.origin) else { return compareForeign(branch) }
        if let newest = branch.heads.first, (try? isLeft(branch.origin, newest)) ?? false {
            return BranchFinding(.accounted, proven: newest.seq)
        }
        let (finding, common) = plainComparison(branch)
        note(finding.fit, common, of: branch.origin)
        return finding
    }

    /// Whether an entry lies on a branch that this node has left, and kept as evidence. While the
    /// branches are sorted out only what lies at or behind the fork is known to: an old copy may
    /// have set aside, as entries without a signature, what was signed and published later.
    private func isLeft(_ origin: OriginID, _ head: LogBranch.Head) throws -> Bool {
        let forkedAt = ownLog.fetch?.forkedAt
        return try logReader.withLock { logReader in
            guard let ordinal = try logReader.ordinal(of: origin) else { return false }
            guard let waits = try ForkTable.waits(logReader, ordinal: ordinal, seq: head.seq, hash: head.hash) else {
                return false
            }
            return forkedAt.map { head.seq >= $0 } ?? !waits
        }
    }

    /// A signed head of another park's log for which this node has another entry is one half of a
    /// proof; the log has the other. The oldest of them is kept.
    private func compareForeign(_ branch: LogBranch) -> BranchFinding {
        var known = branch
        let logged = state().logged[branch.origin]
        // What is not here cannot be compared, and of a park that is no member not even be checked.
        known.heads = Array(
            branch.heads.filter { $0.seq <= logged && memberKeys[branch.origin.park] != nil }.drop {
                $0.signature.isEmpty
            })
        let (finding, _) = plainComparison(known)
        if case .differs = finding.fit, finding.fault == nil, let head = proof(known) {
            core.async { try? $0.keep(head, of: branch.origin) }
        }
        return finding
    }

    /// The oldest signed head that is another entry here. The comparison has checked the
    /// signatures.
    private func proof(_ branch: LogBranch) -> LogBranch.Head? {
        branch.heads.last { head in
            guard !head.signature.isEmpty, let own = try? hash(of: branch.origin, seq: head.seq) else { return false }
            return own != head.hash
        }
    }
}

extension StoreCore {
    /// Keeps a head as proof. What cannot be kept now, because the disk is full, is told again.
    fileprivate func keep(_ head: LogBranch.Head, of origin: OriginID) throws {
        try endDoubt()
        let connection = applier.connection
        guard let ordinal = try connection.ordinal(of: origin),
            let own = try LogTable.hash(connection, ordinal: ordinal, seq: head.seq), own != head.hash,
            try ForkTable.waits(connection, ordinal: ordinal, seq: head.seq, hash: head.hash) == nil,
            try ForkTable.count(connection, ordinal: ordinal) < Applier.forksPerOriginMax
        else { return }
        try connection.transaction {
            try [UInt8]().withUnsafeBytes {
                try ForkTable.keep(
                    connection, ordinal: ordinal, seq: head.seq, hash: head.hash, signature: head.signature,
                    payload: $0,
                    wallMilliseconds: options.clock.wallMilliseconds())
            }
        }
        publish(current)
    }
}
