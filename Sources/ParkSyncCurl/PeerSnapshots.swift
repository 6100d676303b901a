import Foundation
import ParkSyncReplication
import ParkSyncWire
import Synchronization

/// Asks peers for snapshots, over the same mutual TLS as for their logs.
package final class PeerSnapshots: Sendable {
    /// A transfer of which nothing comes for so long is given up, to be gone on with later.
    package static let silenceSecondsMax = 30

    private let loop: CurlLoop
    private let park: String
    private let directory: PeerDirectory

    /// - Parameter park: this node's.
    package init(loop: CurlLoop, park: String, directory: PeerDirectory) {
        (self.loop, self.park, self.directory) = (loop, park, directory)
    }

    /// The signed manifest of a park's snapshot.
    ///
    /// - Throws: `PeerRefusal` if the park refuses or has to make the snapshot first; `LinkFailure`
    ///   if it cannot be reached.
    package func manifest(of peer: String, entriesMin: UInt64, bytesMax: Int) async throws -> [UInt8] {
        let sink = MemorySink(bytesMax: bytesMax)
        try await send("POST", "\(WirePath.snapshot)?entries_min=\(entriesMin)", to: peer, sink)
        return sink.bytes
    }

    /// Appends a snapshot's bytes from `offset` on.
    ///
    /// - Throws: as above, and what the sink throws. What came before is in the sink.
    package func download(_ id: String, of peer: String, from offset: UInt64, to sink: any ByteSink) async throws {
        try await send("GET", "\(WirePath.snapshot)/\(id)?offset=\(offset)", to: peer, sink)
    }

    private func send(_ method: String, _ path: String, to peer: String, _ sink: any ByteSink) async throws {
        let tls = directory.tls
        guard let base = directory.urls[peer] else {
            throw LinkFailure(
                .unreachable, "\(peer): no address is configured", remedy: "Name \(peer) with its URL among the peers.")
        }
        let address = try PeerAddress(park: peer, base: base)
        guard !address.isEncrypted || tls != nil else {
            throw LinkFailure(
                .untrusted, about: .certificate, "\(peer): \(base) needs TLS, and this node has no certificate",
                remedy: "Configure the zone's authority, this node's certificate and its key.")
        }
        let request = TransferRequest(
            method: method, url: String(address.url.dropLast(WirePath.log.count)) + path,
            headers: ["\(CurlPeerTransport.parkHeader): \(park)"],
            body: method == "POST" ? [] : nil, connectMillisecondsMax: CurlPeerTransport.connectMillisecondsMax,
            silenceSecondsMax: Self.silenceSecondsMax, connectTo: address.connectTo,
            tls: address.isEncrypted ? tls : nil, onHead: { _ in },
            onBytes: { _ in true }, onEnd: { _ in })
        do {
            let (head, body) = try await FileDownload(loop: loop, sink: sink).run(request)
            if (200...299).contains(head.status) { return }
            if let refusal = PeerFailures.peerRefusal(head, body) { throw refusal }
            throw PeerFailures.refusal(head, body: body, park: peer)
        } catch let failure as TransferFailure { throw PeerFailures.failure(failure, park: peer, base: base) }
    }
}

/// Keeps a short answer.
private final class MemorySink: ByteSink {
    private let kept = Mutex<[UInt8]>([])
    private let bytesMax: Int

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    var bytes: [UInt8] { kept.withLock { $0 } }

    func write(_ bytes: [UInt8]) throws {
        try kept.withLock { kept in
            guard kept.count + bytes.count <= bytesMax else {
                throw LinkFailure(
                    .broken, "the answer has more than \(bytesMax) bytes",
                    remedy: "Compare the software versions of both nodes.")
            }
            kept += bytes
        }
    }
}
