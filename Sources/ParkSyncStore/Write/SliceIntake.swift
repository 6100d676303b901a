import Dispatch
import Foundation
import ParkSyncCore
import ParkSyncReplication

/// The end of what was verified of an origin's log, ahead of what is stored.
struct VerifiedTip {
    var seq: UInt64
    var hash: [UInt8]
}

extension ParkStore {
    package func receive(_ slice: LogSlice, then finish: @escaping @Sendable (Result<Void, any Error>) -> Void) {
        verifyQueue.async { [self] in
            do {
                let verified = try verify(slice)
                enqueue {
                    waitingSlices.append(
                        WaitingSlice(slice: verified) { [weak self] result in
                            self?.settleTip(verified, result)
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
        let tip = lock.withLock { verifiedTips[slice.origin] }
        let known = tip.flatMap { $0.seq == slice.first - 1 ? $0.hash : nil }
        guard let previous = try known ?? hash(of: slice.origin, seq: slice.first - 1) else {
            throw SliceRefused(
                .gap, origin: slice.origin, first: slice.first, reason: "this node lacks the entry before",
                remedy: "The missing entries are asked for again.")
        }
        let verified = try SliceVerifier(schema: schema, members: options.members).verify(slice, previousHash: previous)
        if let last = verified.entries.last { lock.withLock { verifiedTips[slice.origin] = VerifiedTip(seq: last.header.seq, hash: last.hash) } }
        return verified
    }

    /// What was stored is found in the log from now on; what was not stored must not be built upon.
    private func settleTip(_ slice: VerifiedSlice, _ result: Result<Void, any Error>) {
        lock.withLock {
            guard let tip = verifiedTips[slice.origin] else { return }
            if case .failure = result { verifiedTips[slice.origin] = nil }
            if tip.seq == slice.entries.last?.header.seq { verifiedTips[slice.origin] = nil }
        }
    }
}
