import ParkSyncCore
import ParkSyncReplication
import ParkSyncWire

/// What the driver, the network and the server do, on virtual time.
extension VirtualLinks {
    func handle(_ event: Event) {
        switch event {
        case .tick(let node, let alarm):
            guard nodes[node].isUp, nodes[node].alarm == alarm else { return }
            tell(node) { $0.tick(now: $1) }
        case .call(let stream, let request): answer(stream, request)
        case .feed(let stream, let alarm): if stream.feedAlarm == alarm { pump(stream) }
        case .tell(let node):
            nodes[node].isTelling = false
            for other in names.indices { if let stream = stream(other, to: node) { pump(stream) } }
        case .bytes(let stream, let bytes): arrive(stream, bytes)
        case .closed(let stream, let failure):
            guard isListening(stream) else { return }
            forget(stream)
            tell(stream.way.from) { $0.closed(stream.key, failure, now: $1) }
        case .stored(let stream, let slice):
            guard nodes[stream.way.from].isUp, nodes[stream.way.from].start == stream.start else { return }
            store(slice, stream)
        case .task(let body): body()
        }
    }

    /// `body` runs after so many virtual milliseconds.
    func after(_ milliseconds: UInt64, _ body: @escaping () -> Void) { queue.add(.task(body), at: now + milliseconds) }

    // MARK: what an engine's actions are carried out on

    package func close(_ key: StreamKey, _ node: inout Int) { if let stream = stream(node, key) { forget(stream) } }

    package func pause(_ key: StreamKey, _ node: inout Int) {
        pauses += 1
        stream(node, key)?.isPaused = true
    }

    package func resume(_ key: StreamKey, _ node: inout Int) { if let stream = stream(node, key) { resume(stream) } }

    package func keep(_ slice: LogSlice, from key: StreamKey, _ node: inout Int) {
        guard let stream = stream(node, key) else { return }
        received[stream.way, default: [:]][slice.origin, default: 0] += slice.count
        keep(slice, stream)
    }

    package func compare(_ branch: LogBranch, _ node: inout Int) -> BranchFinding? { changeLog(node)?.compare(branch) }

    package func carryOut(_ demand: LogDemand, _ node: inout Int) { carryOut(demand, node) }

    package func wake(at time: UInt64, _ node: inout Int) {
        nodes[node].alarm += 1
        queue.add(.tick(node: node, alarm: nodes[node].alarm), at: max(moment(node, monotonic: time), now))
    }

    /// The engine hears of every change; the feeds are woken once for all changes of one moment, as
    /// `WakeSignal` does.
    func logChanged(_ node: Int) {
        guard let look = logLook(node) else { return }
        let wall = wall(node)
        tell(node) { $0.saw(look, now: $1, wall: wall) }
        guard !nodes[node].isTelling else { return }
        nodes[node].isTelling = true
        queue.add(.tell(node: node), at: now)
    }

    private func stream(_ node: Int, _ key: StreamKey) -> Stream? {
        guard let other = places[key.peer], let stream = stream(node, to: other), stream.key == key else { return nil }
        return stream
    }

    func isListening(_ stream: Stream) -> Bool { stream.isHeard }

    func forget(_ stream: Stream) {
        stream.isHeard = false
        if self.stream(stream.way.from, to: stream.way.to) === stream { setStream(stream.way, nil) }
    }

    // MARK: calling and answering

    package func open(_ key: StreamKey, _ origins: [OriginID], _ node: inout Int) {
        guard let other = places[key.peer], let log = changeLog(node) else { return }
        let stream = Stream(key: key, way: Way(from: node, to: other), start: nodes[node].start)
        setStream(stream.way, stream)
        asked[stream.way] = origins
        opened[stream.way, default: 0] += 1
        streamsOpened += 1
        let wanted = log.request(origins.filter { !dropsRelays || $0 == key.peer }, wall: wall(node))
        let request = asking(wanted, stream.way).encode()
        // Without a connection there is nobody to send a request to.
        let leaves = isCut(stream.way) ? now : depart(request.count, node)
        queue.add(.call(stream, request: request), at: leaves + delay())
    }

    private func answer(_ stream: Stream, _ body: [UInt8]) {
        guard isListening(stream) else { return }
        let way = stream.way
        guard !isCut(way), nodes[way.to].isUp else {
            count(.refused)
            return close(stream, .unreachable, "the way is cut")
        }
        traffic.requests.add(body.count)
        // Nobody hears of such a call.
        if silent.contains(way) { return fallSilent(stream) }
        guard let request = try? request(body, way) else { return close(stream, .refused, "the request is malformed") }
        if let lie = refusal(of: request, way) { return close(stream, .refused, lie.reason) }
        tell(way.to) { $0.contacted(by: names[way.from].park, as: request.state.origin, now: $1) }
        switch flaws[way] {
        case .lostAnswer:
            meet(.lostAnswer)
            return fallSilent(stream)
        case .duplicated:
            meet(.duplicated)
            tell(way.to) { $0.contacted(by: names[way.from].park, as: request.state.origin, now: $1) }
        default: break
        }
        stream.request = request
        stream.feed = LogFeed(request: request)
        pump(stream)
    }

    /// Why the node at the far end does not answer.
    private func refusal(of request: LogRequest, _ way: Way) -> LinkFailure? {
        nodes[way.to].engine.refusal(of: request, from: names[way.from].park, now: monotonic(way.to))
    }

    /// As the software at the far end reads it.
    private func request(_ body: [UInt8], _ way: Way) throws -> LogRequest {
        var request = try LogRequest(decoding: body)
        let version = protocolVersion(of: way.from, seenBy: way.to)
        guard version != request.protocolVersion else { return request }
        request.protocolVersion = version
        return try LogRequest(decoding: request.encode())
    }

    /// As the software at the near end reads it.
    private func translated(_ frame: LogFrame, _ way: Way) -> LogFrame {
        guard case .hello(let state, _, let wall) = frame else { return frame }
        return .hello(state, protocolVersion: protocolVersion(of: way.to, seenBy: way.from), wallMilliseconds: wall)
    }

    /// Sends what the feed has to say at this moment.
    private func pump(_ stream: Stream) {
        guard nodes[stream.way.to].isUp, let log = changeLog(stream.way.to, for: stream) else { return }
        let node = stream.way.to
        while isListening(stream), !stream.isSilent, !stream.isPaused, stream.bytesUnderWay < Self.windowBytes {
            let action = next(stream, log, node)
            switch action {
            case .send(let frame): send(frame, stream)
            case .sendLong(let long):
                // On the wire it is one frame.
                var slice = long.head
                guard let rest = try? log.payload(of: slice.origin, seq: slice.last, from: 0, count: long.bytes) else {
                    return
                }
                slice.body += rest
                send(.entries(slice), stream)
            case .wait(let time):
                stream.feedAlarm += 1
                return queue.add(
                    .feed(stream, alarm: stream.feedAlarm), at: max(moment(node, monotonic: time), now + 1))
            case .finish(let frame):
                send(frame, stream)
                stream.feed = nil
                return queue.add(
                    .closed(stream, LinkFailure(.broken, "the stream ended", remedy: "None.")), at: stream.arrivesAt)
            case nil: return
            }
        }
    }

    private func next(_ stream: Stream, _ log: some ChangeLog, _ node: Int) -> FeedAction? {
        do {
            return try stream.feed?.next(
                state: log.state(), nowMilliseconds: monotonic(node), wallMilliseconds: wall(node), log: log)
        } catch {
            return .finish(
                .goodbye(
                    kind: GoodbyeKind.failed, reason: "the log cannot be read: \(error)",
                    remedy: "None: the disk is virtual."))
        }
    }

    /// The node reports its state to all that follow it, whether that is due or not.
    func reportAtOnce(_ node: Int) {
        for other in names.indices {
            guard let stream = stream(other, to: node), stream.feed != nil, !stream.isSilent,
                let log = changeLog(node, for: stream)
            else { continue }
            send(.state(log.state(), wallMilliseconds: wall(node)), stream)
        }
    }

    /// In one or several pieces, each with a delay of its own.
    private func send(_ frame: LogFrame, _ stream: Stream) {
        let frame = translated(frame, stream.way)
        var bytes = self.bytes(of: frame, stream)
        stream.bytesSent += bytes.count
        var piecesMax = network.piecesMax
        switch flaws[stream.way] {
        // TLS keeps the rest whole; entries vouch for themselves.
        case .garbled:
            guard case .entries = frame else { break }
            meet(.garbled)
            let place = Int(random.below(UInt64(bytes.count)))
            bytes[place] ^= UInt8(1 << random.below(8))
        case .dripped:
            meet(.dripped)
            piecesMax = 40
        default: break
        }
        traffic.add(frame, bytes: bytes.count)
        let leaves = depart(bytes.count, stream.way.to)
        var rest = bytes[...]
        stream.bytesUnderWay += bytes.count
        for left in (0...random.below(piecesMax)).reversed() where !rest.isEmpty {
            let piece = rest.prefix(left == 0 ? rest.count : 1 + Int(random.below(UInt64(rest.count))))
            rest = rest.dropFirst(piece.count)
            stream.arrivesAt = max(stream.arrivesAt, leaves + delay())
            queue.add(.bytes(stream, Array(piece)), at: stream.arrivesAt)
        }
    }

    private func arrive(_ stream: Stream, _ bytes: [UInt8]) {
        guard isListening(stream), !stream.isSilent else { return }
        if stream.isPaused { return stream.held.append(bytes) }
        stream.bytesUnderWay -= bytes.count
        let wall = wall(stream.way.from)
        tell(stream.way.from) { $0.received(stream.key, bytes, now: $1, wall: wall) }
        stream.bytesHeard += bytes.count
        hasHeard(stream)
        // Only a feed that waits for room has something to say now.
        if stream.bytesUnderWay + bytes.count >= Self.windowBytes { pump(stream) }
    }

    private func resume(_ stream: Stream) {
        stream.isPaused = false
        for piece in stream.held {
            stream.arrivesAt = max(stream.arrivesAt, now)
            queue.add(.bytes(stream, piece), at: stream.arrivesAt)
        }
        stream.held = []
        queue.add(.feed(stream, alarm: stream.feedAlarm), at: now)
    }

    // MARK: helpers

    func delay() -> UInt64 { 1 + random.below(network.delayMillisecondsMax) }
    func count(_ fault: Fault) { faults[fault, default: 0] += 1 }

    private func meet(_ flaw: Flaw) { flawsMet[flaw, default: 0] += 1 }

    private func depart(_ bytes: Int, _ node: Int) -> UInt64 {
        nodes[node].uplink.send(bytes, now: now, bytesPerMillisecond: network.uplinkBytesPerMillisecond)
    }

    func close(_ stream: Stream, _ kind: LinkFailure.Kind, _ reason: String) {
        queue.add(
            .closed(stream, LinkFailure(kind, reason, remedy: "None: the network is virtual.")), at: now + delay())
    }

    package func note(_ action: EngineAction, _ node: Int) {
        mix(now &* 1_024 &+ UInt64(node))
        switch action {
        case .open(let key, let origins): [1, key.generation, UInt64(origins.count)].forEach(mix)
        case .close(let key): [2, key.generation].forEach(mix)
        case .pause(let key): [3, key.generation].forEach(mix)
        case .resume(let key): [4, key.generation].forEach(mix)
        case .store(let key, let slice):
            [5, key.generation, slice.first, UInt64(slice.count), UInt64(slice.body.count)].forEach(mix)
        case .compare(let key, let branch): [7, key.generation, UInt64(branch.heads.count)].forEach(mix)
        case .demand: mix(8)
        case .wake(let time): [6, time].forEach(mix)
        }
    }

    func mix(_ value: UInt64) { trace = (trace ^ value) &* 0x0000_0100_0000_01B3 }
}
