import ParkSyncCore
import ParkSyncWire

/// Entries of one peer on their way to the log.
struct InboundEntries: Sendable {
    private struct Piece {
        /// Of the stream that brought it.
        var generation: UInt64
        var bytes: Int
    }

    /// Most bytes that may wait before the stream is held back.
    let bytesMax: Int
    private var waiting: [LogSlice] = []
    /// Of what waits.
    private(set) var bytes = 0
    /// What was given to the log and it is not done with yet, oldest first, with that of streams
    /// that are over: it takes memory as long.
    private var storing: [Piece] = []
    private(set) var storingBytes = 0
    private var generation: UInt64 = 0

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    var isFull: Bool { bytes > bytesMax || hasLong }
    /// Whether a stream that was held back may go on.
    var hasRoom: Bool { bytes <= bytesMax / 2 && !hasLong }
    /// Whether the log has still to keep something that came.
    var isBusy: Bool { !waiting.isEmpty || storing.contains { $0.generation == generation } }
    /// Whether there is a piece that came in a long frame.
    var hasLong: Bool {
        bytes + storingBytes > WireLimits.longFrameBytesMin
            && (waiting.contains { $0.body.count > WireLimits.longFrameBytesMin }
                || storing.contains { $0.bytes > WireLimits.longFrameBytesMin })
    }

    /// A new stream: what waited of the one before comes again.
    mutating func begin(_ generation: UInt64) {
        clear()
        self.generation = generation
    }

    mutating func clear() { (waiting, bytes) = ([], 0) }

    mutating func add(_ slice: LogSlice) {
        waiting.append(slice)
        bytes += slice.body.count
    }

    /// Gives what has come at once while the log has nothing of this peer, else in full pieces:
    /// small slices are gathered meanwhile, since each piece costs the check of a signature. The
    /// log verifies pieces while it applies those before, and applies in one transaction all that
    /// wait: the further behind a node is, the larger its batches.
    ///
    /// - Parameter storingOfOthers: bytes that the log has of other peers.
    mutating func next(storingOfOthers: Int) -> [LogSlice] {
        var pieces: [LogSlice] = []
        while let first = waiting.first {
            let mayAdd =
                bytes >= WireLimits.storeBatchBytesMax
                && storingOfOthers + storingBytes + first.body.count <= WireLimits.storingBytesMax
            guard mayAdd || !storing.contains(where: { $0.generation == generation }) else { break }
            let piece = gather(first)
            storing.append(Piece(generation: generation, bytes: piece.body.count))
            storingBytes += piece.body.count
            pieces.append(piece)
        }
        return pieces
    }

    /// The last head vouches for all entries before it, so consecutive slices are one slice with
    /// the last signature.
    private mutating func gather(_ first: LogSlice) -> LogSlice {
        var piece = first
        var taken = 1
        for slice in waiting.dropFirst() {
            guard slice.origin == piece.origin, slice.first == piece.last &+ 1,
                piece.body.count + slice.body.count <= WireLimits.storeBatchBytesMax
            else { break }
            piece.body += slice.body
            piece.count += slice.count
            piece.signature = slice.signature
            taken += 1
        }
        waiting.removeFirst(taken)
        bytes -= piece.body.count
        return piece
    }

    /// The log is done with the oldest piece of a stream.
    mutating func release(_ generation: UInt64) {
        guard let index = storing.firstIndex(where: { $0.generation == generation }) else { return }
        storingBytes -= storing.remove(at: index).bytes
    }
}
