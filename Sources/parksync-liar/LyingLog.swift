import Crypto
import Foundation
import ParkSyncCore

/// A log that a park signs, whatever it says.
package struct LyingLog: Sendable {
    package let origin: OriginID
    package let key: Curve25519.Signing.PrivateKey
    package private(set) var seq: UInt64 = 0
    private var hash = EntryChain.genesis
    /// Payloads behind the newest signed slice.
    private var waiting: [[UInt8]] = []

    package init(_ origin: OriginID, key: Curve25519.Signing.PrivateKey) { (self.origin, self.key) = (origin, key) }

    /// Adds an entry that changes no row of a park, and perhaps says something of the logs.
    package mutating func append(
        _ note: String, _ records: [ControlRecord] = [], dependencies: [VersionVector.Element] = []
    ) {
        seq += 1
        let stamp = Stamp(
            milliseconds: UInt64(Date().timeIntervalSince1970 * 1_000), counter: UInt16(truncatingIfNeeded: seq))
        let header = EntryHeader(
            origin: origin, seq: seq, stamp: stamp, schemaNumber: 1, dependencies: dependencies,
            seenHash: EntryChain.genesis, note: note)
        var writer = ChangeWriter(header: header, tableCount: records.isEmpty ? 0 : 1)
        if !records.isEmpty { writer.controls(records) }
        let payload = writer.writer.bytes
        hash = Array(SHA256.hash(data: EntryChain.hashDomain + hash + payload))
        waiting.append(payload)
    }

    /// Adds entries that take parks out of the zone, each with the one word of who signs it.
    package mutating func appendLoneFences(of victims: [String]) {
        for victim in victims {
            append(
                "fence",
                [
                    .vote(park: victim, .out, members: [origin.park, victim].sorted()),
                    .fence(park: victim, after: VersionVector()),
                ])
        }
    }

    /// The entries that were added since the last slice.
    package mutating func slice() throws -> LogSlice {
        var body = ByteWriter()
        for payload in waiting { body.prefixed(payload) }
        defer { waiting = [] }
        return LogSlice(
            origin: origin, first: seq + 1 - UInt64(waiting.count), count: waiting.count, body: body.bytes,
            signature: try head().signature)
    }

    package func head() throws -> LogBranch.Head {
        let message = EntryChain.headMessage(origin: origin, seq: seq, hash: hash)
        return LogBranch.Head(seq: seq, hash: hash, signature: Array(try key.signature(for: message)))
    }
}

/// Heads of a park's log that this park never signed.
package enum FalseClaim: CaseIterable, Sendable {
    case otherEntry, moreEntries, signedByTheLiar, otherEntries

    /// - Parameter victim: whose log it is about.
    package func heads(of victim: OriginID, by liar: LyingLog) -> [LogBranch.Head] {
        func head(_ seq: UInt64, _ byte: UInt8) -> LogBranch.Head {
            LogBranch.Head(
                seq: seq, hash: [UInt8](repeating: byte, count: EntryChain.hashBytes),
                signature: [UInt8](repeating: byte, count: EntryChain.signatureBytes))
        }
        switch self {
        case .otherEntry: return [head(1, 7)]
        case .moreEntries: return [head(1_000_000, 7)]
        case .otherEntries: return [head(3, 7), head(2, 8), head(1, 9)]
        case .signedByTheLiar:
            var head = head(3, 7)
            let message = EntryChain.headMessage(origin: victim, seq: 3, hash: head.hash)
            head.signature = (try? liar.key.signature(for: message)).map { Array($0) } ?? []
            return [head]
        }
    }
}
