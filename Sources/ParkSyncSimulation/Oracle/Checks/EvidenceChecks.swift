import Crypto
import ParkSyncCore

/// Whose word counts, and whether it is theirs.
extension Checks {
    /// Promise 6: what may not be written is set aside on every node, and nothing else is.
    package static func authority(_ observation: NodeObservation, oracle: ModelOracle) -> [BrokenPromise] {
        let expected = oracle.quarantined(at: observation.applied)
        var result: [BrokenPromise] = []
        for (name, cause) in expected.sorted(by: { $0.key < $1.key }) where !observation.quarantined.contains(name) {
            result.append(BrokenPromise(.authority, node: observation.origin, "\(name) was applied, although \(cause)"))
        }
        for name in observation.quarantined.sorted() where expected[name] == nil {
            result.append(
                BrokenPromise(
                    .authority, node: observation.origin,
                    "\(name) is set aside, and nothing is wrong with it: \(observation.causes[name] ?? "no cause")"))
        }
        return limited(result)
    }

    /// Promise 7: what lies in the log and its archive is a chain of hashes from nothing, and the
    /// signatures are those of the origins' parks.
    ///
    /// Entries behind the newest signature must be the node's own: they are signed before their
    /// commit, so there are none.
    package static func evidence(_ observation: NodeObservation, members: [String: [UInt8]]) -> [BrokenPromise] {
        var result: [BrokenPromise] = []
        func breach(_ detail: String) { result.append(BrokenPromise(.evidence, node: observation.origin, detail)) }
        for fault in observation.archiveFaults { breach("archived entries cannot be read: \(fault)") }
        for (origin, log) in observation.log.sorted(by: { $0.key < $1.key }) where !log.isEmpty {
            guard let raw = members[origin.park], let key = try? Curve25519.Signing.PublicKey(rawRepresentation: raw)
            else {
                breach("the log of \(origin) is kept, whose park is no member")
                continue
            }
            var hash = [UInt8](repeating: 0, count: 32)
            var signed: UInt64 = 0
            for (index, entry) in log.enumerated() {
                guard entry.seq == UInt64(index) + 1 else {
                    breach("\(origin):\(index + 1) is missing in the log, \(entry.seq) stands there")
                    break
                }
                hash = SpecEncoding.entryHash(entry.payload, after: hash)
                if entry.hash != hash {
                    breach(
                        """
                        \(origin):\(entry.seq) is logged with the hash \(Hex.encode(entry.hash)), by its bytes \
                        it is \(Hex.encode(hash))
                        """
                    )
                }
                guard let signature = entry.signature else { continue }
                if !key.isValidSignature(signature, for: SpecEncoding.headMessage(origin, entry.seq, hash: hash)) {
                    breach("\(origin):\(entry.seq) has a signature that is not its park's")
                }
                signed = entry.seq
            }
            if signed < UInt64(log.count) { breach("\(origin): entries after \(signed) are not signed") }
        }
        return limited(result)
    }

    /// Promise 7: two entries with one number are a fork. No honest origin makes one; one of a liar
    /// has to be noticed.
    ///
    /// - Parameters:
    ///   - noticed: for each node the origins of which it says that they forked.
    ///   - liars: origins that are expected to.
    package static func forks(
        _ observations: [NodeObservation], noticed: [OriginID: Set<OriginID>], liars: Set<OriginID>
    ) -> [BrokenPromise] {
        var result: [BrokenPromise] = []
        for (index, first) in observations.enumerated() {
            for second in observations.dropFirst(index + 1) {
                for (origin, log) in first.log.sorted(by: { $0.key < $1.key }) {
                    guard let other = second.log[origin],
                        let fork = zip(log, other).first(where: { $0.hash != $1.hash })
                    else { continue }
                    let isNoticed =
                        noticed[first.origin]?.contains(origin) == true
                        || noticed[second.origin]?.contains(origin) == true
                    if liars.contains(origin), noticed.isEmpty || isNoticed { continue }
                    let hashes =
                        "\(Hex.encode(fork.0.hash)) on \(first.origin), \(Hex.encode(fork.1.hash)) on \(second.origin)"
                    result.append(
                        BrokenPromise(
                            .evidence, node: second.origin,
                            "\(origin):\(fork.0.seq) is \(hashes)"
                                + (liars.contains(origin) ? ", and neither says so" : "")))
                }
            }
        }
        return result
    }
}
