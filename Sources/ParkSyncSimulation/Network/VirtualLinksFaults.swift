import ParkSyncCore
import ParkSyncReplication

/// What a test does to the links and the nodes.
extension VirtualLinks {
    /// `from` no longer reaches `to`; a stream that is open is reset.
    package func cutWay(_ from: Int, _ to: Int) {
        let way = Way(from: from, to: to)
        cut.insert(way)
        if let stream = stream(from, to: to) { reset(stream) }
    }

    package func cutPair(_ a: Int, _ b: Int) {
        cutWay(a, b)
        cutWay(b, a)
    }

    package func cutNode(_ node: Int) { for other in others(than: node) { cutPair(node, other) } }

    /// Streams that are open, and calls that are made, from now on deliver nothing and do not end.
    package func silence(_ from: Int, _ to: Int) {
        let way = Way(from: from, to: to)
        silent.insert(way)
        if let stream = stream(from, to: to) { fallSilent(stream) }
    }

    /// Mends what was done to the pair. A stream that fell silent stays so: what was lost does not
    /// come back.
    package func heal(_ a: Int, _ b: Int) {
        for way in [Way(from: a, to: b), Way(from: b, to: a)] {
            cut.remove(way)
            silent.remove(way)
            flaws[way] = nil
        }
    }

    package func healNode(_ node: Int) { for other in others(than: node) { heal(node, other) } }

    func fallSilent(_ stream: Stream) {
        if !stream.isSilent { count(.silent) }
        stream.isSilent = true
    }

    func reset(_ stream: Stream) {
        count(.reset)
        stream.isSilent = true
        close(stream, .broken, "the stream was reset")
    }

    /// The stream ends somewhere in what is under way.
    package func loseTail(_ from: Int, _ to: Int) {
        guard let stream = stream(from, to: to), stream.feed != nil, !stream.isSilent else { return }
        count(.tail)
        stream.feed = nil
        queue.add(
            .closed(stream, LinkFailure(.broken, "the tail was lost", remedy: "None.")),
            at: now + random.below(network.delayMillisecondsMax))
    }
}
