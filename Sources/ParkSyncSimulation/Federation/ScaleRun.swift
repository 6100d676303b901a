import ParkSyncCore
import ParkSyncReplication

/// What one phase of a `ScaleRun` took.
package struct ScalePhase: Sendable {
    /// Virtual milliseconds until every node had every entry; nil if that did not happen in time.
    package var milliseconds: UInt64?
    /// Over how many links the entry with the longest way came.
    package var rounds: Int
    /// What was sent until half a second after the last entry had arrived: the entries, and what
    /// they leave to be said.
    package var traffic: Traffic
    /// How often an entry was stored by a node that is not its author.
    package var copies: Int
    /// What it takes at least: each entry once to each other node, with nothing around it.
    package var bytesMin: Int
    package var streamsOpened: Int
    /// Streams open at the end, of all nodes; each is counted at the node that follows.
    package var streamsOpen: Int
    package var engineEvents: Int
    /// By the stopwatch that was handed in.
    package var engineNanoseconds: UInt64

    /// Bytes sent for each byte that had to be.
    package var bytesRatio: Double { Double(traffic.bytes) / Double(max(1, bytesMin)) }
}

/// A federation of one size and shape: first all nodes start and learn what all others wrote
/// before, then one commit spreads.
package struct ScaleRun {
    package let federation: VirtualFederation
    private let entryBytes: Int
    /// How long a phase may take, in virtual time.
    private let millisecondsMax: UInt64

    /// The root of the number of nodes: a relay's chord that makes the ways short, and a size of
    /// groups that makes as many of them.
    package static func root(_ nodes: Int) -> Int {
        var root = 2
        while (root + 1) * (root + 1) <= nodes { root += 1 }
        return root
    }

    /// - Parameters:
    ///   - entries: how many entries each node wrote before it starts.
    ///   - entryBytes: the payload of one entry.
    ///   - prepare: called with each log before its node starts.
    package init(
        _ topology: Topology, nodes: Int, seed: UInt64 = 1, entries: Int = 4, entryBytes: Int = 500,
        millisecondsMax: UInt64 = 300_000,
        stopwatch: (() -> UInt64)? = nil, prepare: (VirtualLog) -> Void = { _ in }
    ) {
        self.entryBytes = entryBytes
        self.millisecondsMax = millisecondsMax
        var bodies = SplitMix64(state: seed &+ 0x5CA1E)
        let network = VirtualNetwork(
            topology: topology, delayMillisecondsMax: 20, piecesMax: 1, uplinkBytesPerMillisecond: 12_500)
        federation = VirtualFederation(
            Self.names(nodes), network: network, seed: seed, hasDigests: true, stopwatch: stopwatch
        ) { log in
            for _ in 0..<entries { log.append(VirtualFederation.body(entryBytes, &bodies)) }
            prepare(log)
        }
    }

    /// `node-000`, `node-001` … in the order of their numbers, about as long as a park's name.
    package static func names(_ count: Int) -> [OriginID] {
        (0..<count).compactMap { number in
            let digits = String(number)
            return OriginID("node-" + String(repeating: "0", count: max(0, 3 - digits.count)) + digits)
        }
    }

    /// Runs until everybody knows what everybody wrote.
    package func start() -> ScalePhase { phase(copiesBefore: 0, openedBefore: 0) }

    /// The last node, which is no hub, writes one entry; runs until everybody knows it.
    package func commit() -> ScalePhase {
        let (copies, opened) = (federation.copies, federation.streamsOpened)
        federation.resetCounters()
        federation.write(federation.names.count - 1, bytes: entryBytes)
        return phase(copiesBefore: copies, openedBefore: opened)
    }

    private func phase(copiesBefore: Int, openedBefore: Int) -> ScalePhase {
        let others = federation.names.count - 1
        let wanted = federation.written * others
        var took = federation.run(millisecondsMax) { federation.copies == wanted }
        if took != nil, !federation.isConverged { took = nil }
        if took != nil { federation.run(500) }
        let copies = federation.copies - copiesBefore
        return ScalePhase(
            milliseconds: took, rounds: federation.hops.max() ?? 0, traffic: federation.traffic, copies: copies,
            bytesMin: copies * (entryBytes + (entryBytes < 128 ? 1 : 2)),
            streamsOpened: federation.streamsOpened - openedBefore,
            streamsOpen: federation.streamCount, engineEvents: federation.engineEvents,
            engineNanoseconds: federation.engineNanoseconds)
    }
}
