import ParkSyncCore

/// One origin whose entries are asked for.
package struct LogWant: Hashable, Sendable {
    package var origin: OriginID
    /// The newest entry the asker has; 0 if none.
    package var after: UInt64
    /// The asker's hash of entry `after` (32 bytes), by which a fork is noticed;
    /// `EntryChain.genesis` if it is not kept.
    package var hash: [UInt8]

    package init(origin: OriginID, after: UInt64, hash: [UInt8]) {
        self.origin = origin
        self.after = after
        self.hash = hash
    }
}

/// Body of `POST /sync/v1/log`: who asks, what it has, and what it wants.
///
/// Protocol version and origin come first in every version of the protocol, so that nodes of
/// different versions can tell each other who they are. Of a request of another version nothing
/// else is decoded: its `wants` are empty, its state is unknown.
package struct LogRequest: Hashable, Sendable {
    package var protocolVersion: UInt64
    package var state: NodeState
    /// The asker's wall clock, Unix milliseconds.
    package var wallMilliseconds: UInt64
    /// At most `CoreLimits.vectorOriginsMax`, each origin once, sorted by origin.
    package var wants: [LogWant]

    package init(
        protocolVersion: UInt64 = WireLimits.protocolVersion, state: NodeState, wallMilliseconds: UInt64,
        wants: [LogWant]
    ) {
        self.protocolVersion = protocolVersion
        self.state = state
        self.wallMilliseconds = wallMilliseconds
        self.wants = wants.sorted { $0.origin < $1.origin }
    }

    package func encode() -> [UInt8] {
        var writer = ByteWriter(reserving: 512)
        writer.varint(protocolVersion)
        writer.prefixed(state.origin.utf8)
        PeerCoding.writeRest(of: state, to: &writer)
        writer.varint(wallMilliseconds)
        writer.varint(wants.count)
        for want in wants {
            want.origin.write(to: &writer)
            writer.varint(want.after)
            PeerCoding.writeHash(want.hash, to: &writer)
        }
        return writer.bytes
    }

    /// - Throws: `DecodingFailure` unless the bytes are exactly what `encode` writes.
    package init(decoding bytes: [UInt8]) throws {
        guard bytes.count <= WireLimits.logRequestBytesMax else {
            throw DecodingFailure(
                "the request has \(bytes.count) bytes, the limit is \(WireLimits.logRequestBytesMax)", at: 0)
        }
        self = try bytes.withUnsafeBytes { buffer in
            var reader = ByteReader(buffer)
            return try LogRequest(from: &reader)
        }
    }

    private init(from reader: inout ByteReader) throws {
        protocolVersion = try reader.varint("the protocol version")
        let origin = try reader.origin("the asker's origin")
        wants = []
        guard protocolVersion == WireLimits.protocolVersion else {
            state = PeerCoding.unknownState(of: origin)
            wallMilliseconds = 0
            return
        }
        state = try PeerCoding.state(of: origin, from: &reader)
        wallMilliseconds = try PeerCoding.wall(from: &reader)
        let count = try reader.count("the number of wants", max: CoreLimits.vectorOriginsMax)
        for _ in 0..<count {
            let start = reader.offset
            let want = LogWant(
                origin: try reader.origin("a wanted origin"),
                after: try PeerCoding.seq("a wanted entry", from: &reader),
                hash: try PeerCoding.hash("a wanted entry's hash", from: &reader))
            if let last = wants.last, !(last.origin < want.origin) {
                throw DecodingFailure("wants are not sorted by origin", at: start)
            }
            wants.append(want)
        }
        try reader.expectEnd("the request")
    }
}

/// What names the peer protocol's streams in HTTP.
package enum PeerMedia {
    /// Content type of the answer of `POST /sync/v1/log`, and of its request.
    package static let logContentType = "application/vnd.parksync.log"
}
