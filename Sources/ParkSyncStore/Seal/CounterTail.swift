import ParkSyncCore

/// What own entries that are not folded yet make of the counters of their rows.
///
/// Each transaction begins with a copy of it: that costs a few references, and what a transaction
/// adds costs about as many steps as it has rows, times the layers.
struct CounterTail {
    struct Row {
        var length: CausalLength
        /// Nil if it is not known.
        var counters: CounterValues?
    }

    /// Older rows lie in front; each layer has at least twice as many as the next one.
    private var layers: [[[UInt8]: Row]] = []
    /// Whether it has the rows of all entries that are not folded.
    private(set) var isWhole = true
    /// Beyond so many rows they are not kept, and not known until the tail is folded.
    static let rowsMax = 65_536
    private static let growth = 2

    static let unknown: CounterTail = {
        var tail = CounterTail()
        tail.forget()
        return tail
    }()

    subscript(key: [UInt8]) -> Row? {
        for layer in layers.reversed() { if let row = layer[key] { return row } }
        return nil
    }

    mutating func add(_ rows: [[UInt8]: Row]) {
        guard isWhole, !rows.isEmpty else { return }
        layers.append(rows)
        while layers.count > 1, layers[layers.count - 2].count < Self.growth * layers[layers.count - 1].count {
            let newer = layers.removeLast()
            layers[layers.count - 1].merge(newer) { $1 }
        }
        if layers.reduce(0, { $0 + $1.count }) > Self.rowsMax { forget() }
    }

    mutating func forget() { (layers, isWhole) = ([], false) }
}
