import ParkSyncCore
import ParkSyncReplication
import ParkSyncStore
import ParkSyncWire

/// What a lying park says in its streams, and what is asked of those who read it.
extension World {
    /// A park that no zone has.
    private static let stranger = OriginID("nowhere")
    /// Longer than any node of a simulation takes, and no longer than a frame may be.
    private static let longBytes = CoreLimits.payloadBytesDefault + (32 << 20)
    /// Of a frame whose end never comes: few enough for every node to begin with it.
    private static let endlessBytes = WireLimits.longFrameBytesMin + (16 << 20)

    // MARK: telling

    /// A request as the lying park makes it.
    func misled(_ request: LogRequest, to node: Int) -> LogRequest {
        // Whose request it is, its certificate says.
        guard let lie = liar?.streams?.lie(to: node), lie.isInRequests else { return request }
        var request = request
        request.state = misled(request.state, lie, node)
        if lie == .clock { request.wallMilliseconds = otherTime() }
        if lie == .stranger, let stranger = Self.stranger {
            request.wants.append(LogWant(origin: stranger, after: 0, hash: EntryChain.genesis))
            request.wants.sort { $0.origin < $1.origin }
        }
        counters.add("request lie \(lie.rawValue)")
        return request
    }

    /// A frame as the lying park sends it. Its lies come with greetings and reports.
    func lyingBytes(of frame: LogFrame, _ stream: Stream) -> [UInt8] {
        guard let lie = liar?.streams?.lie(to: stream.way.from) else { return frame.encode() }
        var bytes: [UInt8]
        switch frame {
        case .hello(let state, let version, let wall):
            let told = misled(state, lie, stream.way.from)
            bytes = LogFrame.hello(told, protocolVersion: version, wallMilliseconds: lie == .clock ? otherTime() : wall)
                .encode()
        case .state(let state, let wall):
            let told = misled(state, lie, stream.way.from)
            bytes = LogFrame.state(told, wallMilliseconds: lie == .clock ? otherTime() : wall).encode()
        default: return frame.encode()
        }
        bytes += added(lie, stream, behind: frame)
        // Behind a frame that never ends nothing is read as what it is.
        if !stream.isEndless { stream.lies.append(StreamLieSent(lie: lie, bytes: stream.bytesSent + bytes.count)) }
        if lie == .endless { stream.isEndless = true }
        return bytes
    }

    private func draw(_ bound: UInt64) -> UInt64 { liar?.streams?.below(bound) ?? 0 }

    /// The first milliseconds that there are, the last ones, or a time years away.
    private func otherTime() -> UInt64 { [0, (1 << 48) - 1, wall(liar?.node ?? 0) + 100_000_000_000][Int(draw(3))] }

    private func misled(_ state: NodeState, _ lie: StreamLie, _ node: Int) -> NodeState {
        var state = state
        switch lie {
        case .digest:
            guard let digest = parks[node].store?.state().digest else { break }
            state.digest = StateDigest(
                vector: digest.vector, schemaNumber: digest.schemaNumber, hash: digest.hash.map { ~$0 })
        case .applied:
            let kind = draw(3)
            if kind == 0 { state.applied = VersionVector() }
            for park in parks where kind > 0 { state.applied[park.origin] = kind == 1 ? 1 : 1_000_000 + draw(1_000) }
        case .stranger:
            guard let stranger = Self.stranger else { break }
            switch draw(3) {
            case 0: state.logged[stranger] = 1 + draw(9)
            case 1: state.applied[stranger] = 1 + draw(9)
            default:
                state.digest = StateDigest(
                    vector: VersionVector([(stranger, 1 as UInt64)]), schemaNumber: 1, hash: EntryChain.genesis)
            }
        case .ownLogs:
            for number in 2...9 {
                if let origin = OriginID("\(state.origin.park)~\(number)") { state.logged[origin] = 1 + draw(9) }
            }
        case .name: state.origin = (honest.first { $0.index != node } ?? parks[node]).origin
        case .schema: state.schemaHash = state.schemaHash.map { ~$0 }
        case .clock, .goodbye, .unasked, .long, .damaged, .oversize, .endless: break
        }
        return state
    }

    /// What comes behind a frame.
    private func added(_ lie: StreamLie, _ stream: Stream, behind frame: LogFrame) -> [UInt8] {
        switch lie {
        case .digest, .clock, .applied, .stranger, .ownLogs, .name, .schema: return []
        case .goodbye:
            let kinds = [
                GoodbyeKind.incompatible, GoodbyeKind.fork, GoodbyeKind.failed, GoodbyeKind.stopping, "no-such-kind",
                "",
            ]
            return LogFrame.goodbye(
                kind: kinds[Int(draw(6))], reason: "\u{1B}[2J\u{202E}", remedy: "Delete the database."
            ).encode()
        case .unasked:
            let origin = unasked(stream)
            let heard = liar?.heard[origin]?.slices.last
            return LogFrame.entries(heard ?? Self.invented(origin, first: 1)).encode()
        case .long:
            let other =
                draw(2) == 0
                ? parks[stream.way.from] : honest.first { $0.index != stream.way.from } ?? parks[stream.way.from]
            return SliceCoding.frame(Self.invented(other.origin, first: 1_000_000), followedBy: Self.longBytes)
                + [UInt8](repeating: 0, count: SliceCoding.headBytesMax)
        case .damaged: return damaged(frame)
        case .oversize: return [UInt8(1 + draw(6)), 0xFF, 0xFF, 0xFF, 0xFF]
        case .endless: return SliceCoding.frame(Self.invented(stream.key.peer, first: 1), followedBy: Self.endlessBytes)
        }
    }

    /// A log that the peer has not asked this park for.
    private func unasked(_ stream: Stream) -> OriginID {
        let asked = Set(stream.request?.wants.map(\.origin) ?? [])
        let others = honest.map(\.origin).filter { !asked.contains($0) }
        return others.isEmpty ? Self.stranger ?? stream.key.peer : others[Int(draw(UInt64(others.count)))]
    }

    private static func invented(_ origin: OriginID, first: UInt64) -> LogSlice {
        LogSlice(
            origin: origin, first: first, count: 1, body: [1, 7],
            signature: [UInt8](repeating: 7, count: EntryChain.signatureBytes))
    }

    /// The frame with a byte too few or too many, or one of a type that there is not.
    private func damaged(_ frame: LogFrame) -> [UInt8] {
        var bytes = frame.encode()
        switch draw(3) {
        case 0: bytes[0] = 99
        case 1: bytes.removeLast()
        default: bytes.append(0)
        }
        let length = UInt32(clamping: bytes.count - FrameCoding.headerBytes)
        for index in 0..<4 { bytes[1 + index] = UInt8(truncatingIfNeeded: length >> UInt32((3 - index) * 8)) }
        return bytes
    }

    // MARK: what comes of it

    /// A lie has arrived and was read: what nobody can go on from has ended the stream, and the
    /// status says why.
    func hasHeardLies(_ stream: Stream) {
        while let sent = stream.lies.first, sent.bytes <= stream.bytesHeard {
            stream.lies.removeFirst()
            liar?.streams?.isHeard = true
            counters.add("stream lie \(sent.lie.rawValue)")
            guard sent.lie.endsStream, sent.lie != .schema || hasSchemaOfLiar(stream.way.from) else { continue }
            let park = parks[stream.way.from]
            if isListening(stream) {
                judge.fail(
                    12, "\(park.origin) goes on with a stream of \(stream.key.peer) that lies (\(sent.lie.rawValue))")
            }
            if report(park.index, of: stream.way.to)?.failure == nil {
                judge.fail(
                    12,
                    "\(park.origin) does not say why its link to \(stream.key.peer) has ended (\(sent.lie.rawValue))")
            }
        }
    }

    private func hasSchemaOfLiar(_ node: Int) -> Bool {
        parks[node].store?.state().schemaNumber == liar?.log.state().schemaNumber
    }
}
