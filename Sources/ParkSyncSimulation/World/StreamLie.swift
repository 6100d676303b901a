import ParkSyncCore
import ParkSyncReplication

/// What a lying park's streams and requests carry that nobody signs: what is not so of itself, what
/// it was not asked for, and what is no message.
enum StreamLie: String, CaseIterable {
    /// Its tables are others where the peer is; its clock shows another time; what it has applied
    /// is not what its log has.
    case digest, clock, applied
    /// It names a log of a park that is in no zone, and logs of its own that it has never begun.
    case stranger
    case ownLogs = "own-logs"
    /// It answers as another park, and with another schema under the same number.
    case name, schema
    /// It ends the stream, for any reason that there is.
    case goodbye
    /// It sends entries of a log that it was not asked for.
    case unasked
    /// It begins an entry that is longer than its peer takes, of another park's log, which has
    /// none.
    case long
    /// It sends bytes that are no frame, a header that no frame has, and a frame that does not end.
    case damaged, oversize, endless

    /// Whether it is told in requests, too.
    var isInRequests: Bool {
        switch self {
        case .digest, .clock, .applied, .stranger, .ownLogs, .schema: true
        case .name, .goodbye, .unasked, .long, .damaged, .oversize, .endless: false
        }
    }

    /// Whether who reads it has nothing more to read from there: the stream has to end at once.
    var endsStream: Bool {
        switch self {
        case .digest, .clock, .applied, .stranger, .ownLogs, .endless: false
        case .name, .schema, .goodbye, .unasked, .long, .damaged, .oversize: true
        }
    }
}

/// The lies that a park tells in its streams, one after the other, to some of its peers or to all.
struct LyingStreams {
    /// Of its own: no other choice of a history depends on these.
    private var random: SplitMix64
    private var place: Int
    private var lie: StreamLie?
    /// Bits of the peers' numbers.
    private var audience: UInt64 = 0
    /// Turns at which nobody has heard the lie yet.
    private var turnsUnheard = 0
    var isHeard = true

    init(seed: UInt64) {
        random = SplitMix64(state: seed ^ 0x7374_7265_616D)
        place = Int(seed % 64)
    }

    /// How often a lie waits for somebody to hear it, while links are down.
    private static let turnsUnheardMax = 3

    /// Goes on to the next lie when somebody has heard this one; behind the last one it tells the
    /// truth for once.
    mutating func turn() {
        turnsUnheard += 1
        guard lie == nil || isHeard || turnsUnheard > Self.turnsUnheardMax else { return }
        place += 1
        (turnsUnheard, isHeard) = (0, false)
        let index = place % (StreamLie.allCases.count + 1)
        lie = index < StreamLie.allCases.count ? StreamLie.allCases[index] : nil
        audience = random.below(3) == 0 ? random.next() : .max
    }

    mutating func end() { lie = nil }

    func lie(to node: Int) -> StreamLie? { audience >> UInt64(node) & 1 == 1 ? lie : nil }

    mutating func below(_ bound: UInt64) -> UInt64 { random.below(bound) }
}

/// A lie that is under way.
struct StreamLieSent {
    var lie: StreamLie
    /// How many bytes of the stream have to arrive for it to be told.
    var bytes: Int
}
