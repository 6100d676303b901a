import Crypto
import ParkSyncCore
import ParkSyncReplication

/// What a lying park does with entries of an honest park's log, which it has really heard and of
/// which it shows the signed heads.
enum BranchLie: CaseIterable {
    /// None of them comes.
    case withheld
    /// All but the last slice come, and then nothing.
    case short
    /// They come with a byte changed, without their last bytes, or with another signature.
    case falsified, cut, signedByOther
}

/// A log of an honest park as it came to the lying one.
struct HeardLog {
    let origin: OriginID
    private(set) var slices: [LogSlice] = []
    /// Of entry 0 and all others.
    private(set) var hashes: [[UInt8]] = [EntryChain.genesis]

    init(_ origin: OriginID) { self.origin = origin }

    var last: UInt64 { UInt64(hashes.count - 1) }

    /// Takes what it lacks of a slice. What does not continue the log, or is not signed, begins it
    /// anew: its author has lost what came before.
    mutating func add(_ slice: LogSlice, key: Curve25519.Signing.PublicKey) {
        guard slice.first <= last + 1, slice.last > last, let payloads = try? Judge.payloads(slice) else { return }
        let fresh = payloads.suffix(Int(slice.last - last))
        var hash = hashes[Int(last)]
        var added: [[UInt8]] = []
        for payload in fresh {
            hash = SpecEncoding.entryHash(payload, after: hash)
            added.append(hash)
        }
        guard key.isValidSignature(slice.signature, for: SpecEncoding.headMessage(origin, slice.last, hash: hash))
        else {
            self = HeardLog(origin)
            return
        }
        slices.append(
            LogSlice(
                origin: origin, first: last + 1, count: fresh.count, body: fresh.flatMap { SpecEncoding.prefixed($0) },
                signature: slice.signature))
        hashes += added
    }
}

/// What the lying park shows an honest one: beside its own log, those of the asker.
final class ShownBranch: ChangeLog, @unchecked Sendable {
    // Confined to one thread.
    private let base: LyingLog
    private let heard: [OriginID: HeardLog]
    private let lie: BranchLie?
    /// Told of each time that it lies.
    private let lied: () -> Void

    init(_ base: LyingLog, _ heard: [OriginID: HeardLog], _ lie: BranchLie?, lied: @escaping () -> Void) {
        (self.base, self.heard, self.lie, self.lied) = (base, heard, lie, lied)
    }

    func state() -> NodeState {
        var state = base.state()
        for (origin, log) in heard where log.last > 0 {
            (state.applied[origin], state.logged[origin]) = (log.last, log.last)
        }
        return state
    }

    func hash(of origin: OriginID, seq: UInt64) throws -> [UInt8]? {
        guard let log = heard[origin] else { return try base.hash(of: origin, seq: seq) }
        return seq <= log.last ? log.hashes[Int(seq)] : nil
    }

    func head(of origin: OriginID, upTo seq: UInt64) throws -> LogBranch.Head? {
        guard let log = heard[origin] else { return try base.head(of: origin, upTo: seq) }
        guard let slice = log.slices.last(where: { $0.last <= seq }) else { return nil }
        return LogBranch.Head(seq: slice.last, hash: log.hashes[Int(slice.last)], signature: slice.signature)
    }

    func isSigned(_ head: LogBranch.Head, of origin: OriginID) -> Bool { true }

    func read(origin: OriginID, after seq: UInt64, through last: UInt64, bytesMax: Int) throws -> LogSlice? {
        guard let log = heard[origin] else {
            return try base.read(origin: origin, after: seq, through: last, bytesMax: bytesMax)
        }
        guard let index = log.slices.firstIndex(where: { $0.last > seq }) else { return nil }
        var slice = log.slices[index]
        guard let lie else { return slice }
        switch lie {
        case .withheld: return told(nil)
        case .short: return index + 1 < log.slices.count ? slice : told(nil)
        case .falsified: slice.body[slice.body.count - 1] ^= 1
        case .cut: slice.body.removeLast()
        case .signedByOther: slice.signature[11] ^= 1
        }
        return told(slice)
    }

    private func told(_ slice: LogSlice?) -> LogSlice? {
        lied()
        return slice
    }

    func receive(_ slice: LogSlice, then finish: @escaping @Sendable (Result<Void, any Error>) -> Void) {
        finish(.success(()))
    }

    func observe(_ body: @escaping @Sendable () -> Void) -> ObservationToken { ObservationToken {} }
}

extension LyingNode {
    /// Keeps what comes of an honest park's log.
    func hear(_ slice: LogSlice, key: Curve25519.Signing.PublicKey) {
        guard !slice.origin.isOfSamePark(as: origin) else { return }
        heard[slice.origin, default: HeardLog(slice.origin)].add(slice, key: key)
    }

    /// The park has lost its file: what only this one has heard of it is nowhere any more.
    func forget(_ park: String) {
        heard = heard.filter { $0.key.park != park }
        if branch?.park == park { branch = nil }
    }

    /// What it shows a park: that park's own logs as well, while it lies about them.
    func shown(to asker: OriginID, _ log: LyingLog, lied: @escaping () -> Void) -> any ChangeLog {
        guard let branch, branch.park == asker.park else { return log }
        return ShownBranch(log, heard.filter { $0.key.park == branch.park }, branch.lie, lied: lied)
    }
}
