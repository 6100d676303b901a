/// What a node says of its copy of one origin's log, by which two copies are compared. Whoever has
/// another entry of the number of a signed one has a proof that the origin has forked, whoever told
/// it. Entries without a signature of their own show where, and prove nothing.
package struct LogBranch: Hashable, Sendable {
    package struct Head: Hashable, Sendable {
        package var seq: UInt64
        /// 32 bytes.
        package var hash: [UInt8]
        /// The origin's Ed25519 signature of the entry's `EntryChain.headMessage`; 64 bytes, or
        /// empty for an entry that only a later head vouches for.
        package var signature: [UInt8]
        package init(seq: UInt64, hash: [UInt8], signature: [UInt8]) {
            self.seq = seq
            self.hash = hash
            self.signature = signature
        }
    }

    package var origin: OriginID
    /// The newest first; each number once.
    package var heads: [Head]

    package init(origin: OriginID, heads: [Head]) {
        self.origin = origin
        self.heads = heads
    }

    /// Most heads that a branch names.
    package static let headsMax = 128
    /// So many of the newest entries are named one by one; before them each step is twice as long
    /// as the one after it. So the last entry that two logs share is found exactly where they
    /// parted lately, and within a factor of two where they did not.
    static let denseHeads: UInt64 = 32

    /// The numbers around which a whole branch names signed heads of a log that ends at `last`, the
    /// newest first; at most `headsMax`.
    package static func ladder(from last: UInt64) -> [UInt64] {
        var numbers: [UInt64] = []
        var (seq, step) = (last, 1 as UInt64)
        while seq > 0 {
            numbers.append(seq)
            if numbers.count >= denseHeads { step = step > UInt64.max / 2 ? step : step * 2 }
            seq = seq > step ? seq - step : 0
        }
        return numbers
    }
}

/// How a peer's copy of a log compares with the one here.
package enum BranchFit: Hashable, Sendable {
    /// Everything that the peer named is here.
    case same
    /// The peer has entries that this node lacks; what could be compared is the same.
    case more
    /// Two different entries have the number `from`, and perhaps earlier ones do; `common` is the
    /// last number that both were found to share, nil if the peer named too little to tell.
    case differs(common: UInt64?, from: UInt64)
    /// The peer holds another branch, of which this node has kept the entries as evidence.
    case accounted
}

/// What came out when a peer's copy of a log was compared.
package struct BranchFinding: Hashable, Sendable {
    package var fit: BranchFit
    /// The newest entry of the log that its author is known to have signed, of those that the peer
    /// named; 0 if there is none.
    package var proven: UInt64
    /// What the peer named and the log's author never signed; nil if there is nothing.
    package var fault: String?

    package init(_ fit: BranchFit, proven: UInt64, fault: String? = nil) {
        self.fit = fit
        self.proven = proven
        self.fault = fault
    }
}
