import Crypto
import ParkSyncCore

/// Binds what an entry says that its author had seen to the very entries.
///
/// Numbers alone do not tell two branches of one log apart: a park that took a branch which was
/// given up later has seen other entries with the same numbers. What it acknowledges counts where
/// its hash is that of the entries here, and nowhere else.
enum SeenHash {
    /// - Parameter seen: what an entry stands for, its own origin not named.
    /// - Returns: nil if the log no longer has one of the entries.
    static func of(_ seen: VersionVector, _ connection: Connection, _ state: StoreState) throws -> [UInt8]? {
        var heads: [(origin: OriginID, seq: UInt64, hash: [UInt8])] = []
        heads.reserveCapacity(seen.elements.count)
        for element in seen.elements {
            guard let index = state.index(of: element.origin),
                let hash = try hash(state.origins[index], element.seq, connection)
            else { return nil }
            heads.append((element.origin, element.seq, hash))
        }
        return Array(SHA256.hash(data: EntryChain.seenMessage(heads)))
    }

    private static func hash(_ origin: OriginState, _ seq: UInt64, _ connection: Connection) throws -> [UInt8]? {
        if seq == origin.folded, !origin.foldedHash.isEmpty { return origin.foldedHash }
        if seq == origin.logged { return origin.headHash }
        return seq < origin.logged ? try LogTable.hash(connection, ordinal: origin.ordinal, seq: seq) : nil
    }
}

/// How what an origin's newest applied entry acknowledges compares with the entries here.
enum ReceiptFit: Hashable {
    case fits
    /// It is of other entries, of a branch that was given up.
    case otherBranch
    /// It says nothing of them (log format 1), or an entry that it names is missing here: that is
    /// this log's damage and nobody else's.
    case unknown
}

extension StoreState {
    /// Compares what an origin's newest applied entry acknowledges with the entries that this node
    /// has.
    ///
    /// - Parameter seenHash: of that entry.
    mutating func noteReceipt(_ index: Int, _ seenHash: [UInt8]?, _ connection: Connection) throws {
        guard let seenHash else {
            origins[index].receipt = .unknown
            return
        }
        guard let here = try SeenHash.of(origins[index].dependencies, connection, self) else {
            origins[index].receipt = .unknown
            return
        }
        origins[index].receipt = here == seenHash ? .fits : .otherBranch
    }
}
