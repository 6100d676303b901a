import ParkSyncCore
import ParkSyncWire

@testable import ParkSyncReplication

/// What the driver, the network and the server do, on virtual time.
extension VirtualFederation {
    func handle(_ event: Event) {
        switch event {
        case .tick(let node, let alarm):
            guard nodes[node].isUp, nodes[node].alarm == alarm else { return }
            perform(nodes[node].engine.tick(now: now), node)
        case .call(let stream, let request): answer(stream, request)
        case .feed(let stream, let alarm): if stream.feedAlarm == alarm { pump(stream) }
        case .bytes(let stream, let bytes): arrive(stream, bytes)
        case .closed(let stream, let failure):
            guard isListening(stream) else { return }
            forget(stream)
            perform(nodes[stream.way.from].engine.closed(stream.key, failure, now: now), stream.way.from)
        case .stored(let stream, let slice):
            guard nodes[stream.way.from].isUp, nodes[stream.way.from].start == stream.start else { return }
            store(slice, stream)
        }
    }

    func perform(_ actions: [EngineAction], _ node: Int) {
        for action in actions {
            note(action, node)
            switch action {
            case .open(let key, let origins): open(node, key, origins)
            case .close(let key): if let stream = stream(node, key) { forget(stream) }
            case .pause(let key):
                pauses += 1
                stream(node, key)?.isPaused = true
            case .resume(let key): if let stream = stream(node, key) { resume(stream) }
            case .store(let key, let slice):
                guard let stream = stream(node, key) else { continue }
                received[stream.way, default: [:]][slice.origin, default: 0] += slice.count
                queue.add(.stored(stream, slice), at: now + 1 + random.below(storeMilliseconds))
            case .wake(let time):
                nodes[node].alarm += 1
                queue.add(.tick(node: node, alarm: nodes[node].alarm), at: max(time, now))
            }
        }
    }

    func logChanged(_ node: Int) {
        let state = nodes[node].log.state()
        perform(nodes[node].engine.ownStateChanged(state, now: now, wall: now), node)
        for other in others(than: node) { if let stream = streams[Way(from: other, to: node)] { pump(stream) } }
    }

    private func stream(_ node: Int, _ key: StreamKey) -> Stream? {
        guard let other = names.firstIndex(of: key.peer), let stream = streams[Way(from: node, to: other)], stream.key == key else { return nil }
        return stream
    }

    private func isListening(_ stream: Stream) -> Bool { stream.isHeard && streams[stream.way] === stream }

    func forget(_ stream: Stream) {
        stream.isHeard = false
        if streams[stream.way] === stream { streams[stream.way] = nil }
    }

    // MARK: calling and answering

    private func open(_ node: Int, _ key: StreamKey, _ origins: [OriginID]) {
        guard let other = names.firstIndex(of: key.peer) else { return }
        let stream = Stream(key: key, way: Way(from: node, to: other), start: nodes[node].start)
        streams[stream.way] = stream
        asked[stream.way] = origins
        opened[stream.way, default: 0] += 1
        let log = nodes[node].log
        let state = log.state()
        let wants = origins.filter { !dropsRelays || $0 == key.peer }.map { origin in
            let after = state.logged[origin]
            return LogWant(origin: origin, after: after, hash: (try? log.hash(of: origin, seq: after)) ?? EntryChain.genesis)
        }
        let request = LogRequest(state: state, wallMilliseconds: now, wants: wants)
        queue.add(.call(stream, request: request.encode()), at: now + delay())
    }

    private func answer(_ stream: Stream, _ body: [UInt8]) {
        guard isListening(stream) else { return }
        let way = stream.way
        guard !cut.contains(way), nodes[way.to].isUp else {
            count(.refused)
            return close(stream, .unreachable, "the way is cut")
        }
        // Nobody hears of such a call.
        if silent.contains(way) { return fallSilent(stream) }
        guard let request = try? LogRequest(decoding: body) else { return close(stream, .refused, "the request is malformed") }
        stream.feed = LogFeed(request: request)
        perform(nodes[way.to].engine.contacted(by: names[way.from].park, now: now), way.to)
        pump(stream)
    }

    /// Sends what the feed has to say at this moment.
    private func pump(_ stream: Stream) {
        guard nodes[stream.way.to].isUp else { return }
        let log = nodes[stream.way.to].log
        while isListening(stream), !stream.isSilent, !stream.isPaused, stream.bytesUnderWay < Self.windowBytes {
            let action = try? stream.feed?.next(state: log.state(), nowMilliseconds: now, wallMilliseconds: now, log: log)
            switch action {
            case .send(let frame): send(frame.encode(), stream)
            case .wait(let time):
                stream.feedAlarm += 1
                return queue.add(.feed(stream, alarm: stream.feedAlarm), at: max(time, now + 1))
            case .finish(let frame):
                send(frame.encode(), stream)
                stream.feed = nil
                return queue.add(.closed(stream, LinkFailure(.broken, "the stream ended", remedy: "None.")), at: stream.arrivesAt)
            case nil: return
            }
        }
    }

    /// In one to three pieces, each with a delay of its own.
    private func send(_ bytes: [UInt8], _ stream: Stream) {
        var rest = bytes[...]
        stream.bytesUnderWay += bytes.count
        for left in (0...random.below(3)).reversed() where !rest.isEmpty {
            let piece = rest.prefix(left == 0 ? rest.count : 1 + Int(random.below(UInt64(rest.count))))
            rest = rest.dropFirst(piece.count)
            stream.arrivesAt = max(stream.arrivesAt, now + delay())
            queue.add(.bytes(stream, Array(piece)), at: stream.arrivesAt)
        }
    }

    private func arrive(_ stream: Stream, _ bytes: [UInt8]) {
        guard isListening(stream), !stream.isSilent else { return }
        if stream.isPaused { return stream.held.append(bytes) }
        stream.bytesUnderWay -= bytes.count
        let node = stream.way.from
        perform(nodes[node].engine.received(stream.key, bytes, now: now, wall: now), node)
        pump(stream)
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

    private func store(_ slice: LogSlice, _ stream: Stream) {
        let node = stream.way.from
        var outcome = StoreOutcome.stored
        do {
            try nodes[node].log.store(slice)
            logChanged(node)
        } catch let refusal as SliceRefused {
            storeRefusals.append(refusal)
            outcome = .refused(refusal)
        } catch {
            outcome = .failed("\(error)")
        }
        perform(nodes[node].engine.stored(stream.key, outcome, now: now), node)
    }

    // MARK: helpers

    func delay() -> UInt64 { 1 + random.below(delayMilliseconds) }
    func count(_ fault: Fault) { faults[fault, default: 0] += 1 }

    func close(_ stream: Stream, _ kind: LinkFailure.Kind, _ reason: String) {
        queue.add(.closed(stream, LinkFailure(kind, reason, remedy: "None: this is a test.")), at: now + delay())
    }

    private func note(_ action: EngineAction, _ node: Int) {
        mix(now &* 64 &+ UInt64(node))
        switch action {
        case .open(let key, let origins): [1, key.generation, UInt64(origins.count)].forEach(mix)
        case .close(let key): [2, key.generation].forEach(mix)
        case .pause(let key): [3, key.generation].forEach(mix)
        case .resume(let key): [4, key.generation].forEach(mix)
        case .store(let key, let slice): [5, key.generation, slice.first, UInt64(slice.count), UInt64(slice.body.count)].forEach(mix)
        case .wake(let time): [6, time].forEach(mix)
        }
    }

    private func mix(_ value: UInt64) { trace = (trace ^ value) &* 0x0000_0100_0000_01B3 }
}
