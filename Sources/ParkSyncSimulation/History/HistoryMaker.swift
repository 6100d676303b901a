import ParkSyncCore
import ParkSyncReplication

extension History {
    /// The history that a seed stands for.
    ///
    /// - Parameter stepsMax: it has half of these steps at least.
    package init(seed: UInt64, profile: Profile? = nil, nodes: Int? = nil, stepsMax: Int = 240) {
        var random = SplitMix64(state: seed &* 0x9E37_79B9_7F4A_7C15 ^ 0x5061_726B)
        let profile = profile ?? .of(seed: seed)
        // Mostly a few; the cost grows with the square.
        let drawn = 2 + Int(random.below(random.below(8) == 0 ? 11 : 4))
        var maker = HistoryMaker(random: random, nodes: nodes ?? max(drawn, profile.nodesMin), weights: profile.weights)
        self.init(seed: seed, profile: profile, nodes: maker.nodes, steps: maker.steps(stepsMax))
    }
}

/// Draws the steps of one history.
private struct HistoryMaker {
    var random: SplitMix64
    let nodes: Int
    let weights: [(verb: Verb, weight: UInt64)]
    private var now: UInt64 = 1_000

    init(random: SplitMix64, nodes: Int, weights: [(verb: Verb, weight: UInt64)]) {
        (self.random, self.nodes, self.weights) = (random, nodes, weights)
    }

    mutating func steps(_ max: Int) -> [Step] {
        let count = max / 2 + Int(random.below(UInt64(max / 2 + 1)))
        return (0..<count).map { _ in
            now += pause()
            return step(verb())
        }
    }

    /// Bursts, and pauses in which something comes to rest.
    private mutating func pause() -> UInt64 {
        switch random.below(100) {
        case 0..<40: random.below(4)
        case 40..<85: random.below(60)
        case 85..<97: random.below(700)
        default: random.below(12_000)
        }
    }

    private mutating func verb() -> Verb {
        var drawn = random.below(weights.reduce(0) { $0 + $1.weight })
        for (verb, weight) in weights {
            if drawn < weight { return verb }
            drawn -= weight
        }
        return .write
    }

    private mutating func step(_ verb: Verb) -> Step {
        let node = Int(random.below(UInt64(nodes)))
        let other = (node + 1 + Int(random.below(UInt64(max(1, nodes - 1))))) % nodes
        let seed = 1 + random.below(1 << 32)
        switch verb {
        case .write, .foreign, .power, .powerAtWrite, .killAtWrite, .readError, .writeError, .syncError, .bitFlip, .lie,
            .tamper:
            return Step(now, verb, [node], seed)
        case .foreignBegin, .lyingSync: return Step(now, verb, [node], 1 + random.below(2_000))
        case .foreignEnd, .kill, .stop, .start, .isolate, .join, .full, .free: return Step(now, verb, [node])
        case .lose, .upgrade, .backup, .restore, .swap, .accept, .compact, .comeBack, .reissue:
            return Step(now, verb, [node])
        case .archive: return Step(now, verb, [node], random.below(5))
        case .fence: return Step(now, verb, [node, other])
        case .bundle, .snapshot: return Step(now, verb, [node, other], seed)
        case .cut, .heal, .reset, .silence, .tail, .lostAnswer, .duplicate, .drip, .garble, .pause, .resume:
            return Step(now, verb, [node, other])
        case .mend: return Step(now, verb)
        case .split: return Step(now, verb, [], seed)
        case .delay: return Step(now, verb, [], [2, 20, 200, 1_500][Int(random.below(4))])
        case .ahead:
            // Some seconds, some minutes, or hours.
            return Step(now, verb, [node], 1 + random.below([3_000, 600_000, 20_000_000][Int(random.below(3))]))
        case .behind: return Step(now, verb, [node], 1 + random.below([3_000, 20_000_000][Int(random.below(2))]))
        case .drift: return Step(now, verb, [node], random.below(UInt64(ParkClock.driftPartsMax)))
        }
    }
}
