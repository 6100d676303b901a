import ParkSyncCore
import ParkSyncReplication
import Synchronization

/// Hashes of entries that were verified and are not stored yet, by number. Several streams may
/// bring one origin's entries, in pieces that end at different heads, so each entry can be what the
/// next piece continues.
typealias VerifiedEntries = [UInt64: [UInt8]]

extension ParkStore {
    package func receive(_ slice: LogSlice, then finish: @escaping @Sendable (Result<Void, any Error>) -> Void) {
        verifyQueue.async { [self] in
            do {
                let verified = try verify(slice)
                enqueue { inbox in
                    inbox.slices.append(
                        WaitingSlice(slice: verified) { [weak self] result in
                            self?.forget(verified)
                            finish(result)
                        })
                }
            } catch { finish(.failure(error)) }
        }
    }

    private func verify(_ slice: LogSlice) throws -> VerifiedSlice {
        guard slice.first > 0, slice.count > 0 else {
            throw SliceRefused(
                .malformed, origin: slice.origin, first: slice.first, reason: "the slice is empty",
                remedy: "The sender runs other software; compare versions.")
        }
        let ahead = board.inbox.withLock { $0.verifiedAhead[slice.origin]?[slice.first - 1] }
        guard let previous = try ahead ?? hash(before: slice) else {
            throw SliceRefused(
                .gap, origin: slice.origin, first: slice.first, reason: "this node lacks the entry before",
                remedy: "The missing entries are asked for again.")
        }
        let verified: VerifiedSlice
        do {
            verified = try SliceVerifier(schema: schema, members: memberKeys, entryBytesMax: options.entryBytesMax)
                .verify(
                    slice, previousHash: previous)
        } catch let refusal as SliceRefused where refusal.cause == .wrongSignature && mayBeOther(slice.origin) {
            // They do not continue the log that is here. Whoever sends them has the other one,
            // which is as well signed.
            var refusal = SliceRefused(
                .fork, origin: slice.origin, first: slice.first,
                reason: "they do not continue this node's log of \(slice.origin), which has forked",
                remedy: "The park \(slice.origin.park) has signed two logs (`syncctl log forks`); ask its operator.")
            refusal.isKnown = true
            throw refusal
        }
        board.inbox.withLock { inbox in
            for entry in verified.entries {
                inbox.verifiedAhead[slice.origin, default: [:]][entry.header.seq] = entry.hash
            }
        }
        return verified
    }

    /// Whether an honest peer may send what does not continue the log here. Of a branch that is
    /// fetched from where both logs part nobody does.
    private func mayBeOther(_ origin: OriginID) -> Bool {
        let state = publishedState
        if state.branch != nil, origin == state.origins[state.own].origin { return false }
        // What this disk does not tell is nobody's lie.
        return (try? isForked(origin)) ?? true
    }

    /// What was stored is found in the log from now on; what was not stored must not be built upon.
    private func forget(_ slice: VerifiedSlice) {
        board.inbox.withLock { inbox in
            for entry in slice.entries { inbox.verifiedAhead[slice.origin]?[entry.header.seq] = nil }
            if inbox.verifiedAhead[slice.origin]?.isEmpty == true { inbox.verifiedAhead[slice.origin] = nil }
        }
    }
}
