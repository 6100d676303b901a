/// What goes wrong in a history.
package enum Profile: String, Hashable, Sendable, CaseIterable {
    /// Nothing but delays, and programs that write at the same time.
    case calm
    /// Links are cut, fall silent, lose, garble and disagree.
    case network
    /// Processes are killed and machines lose power, also in the middle of a disk write.
    case crash
    /// Clocks jump, drift and are hours ahead, and files are lost or old copies put back after
    /// that.
    case clock
    /// Disks are full and fail.
    case disk
    /// People lose files, put old copies back, stop links and install schemas.
    case people
    /// One park's software is not ours, and lies; operators take its snapshots, and put old copies
    /// back.
    case liar
    /// Operators keep logs short, carry them about and take snapshots, while nodes die and lose
    /// their files.
    case retention
    /// The same, and one park is taken out of the zone, and may come back.
    case fence
    /// All but the liar, the fence and hands.
    case mixed
    /// Hands on the files: rows are changed past capture, and triggers dropped.
    case hands
    /// One park's software is not ours, and lies in what nobody signs as well: in its requests and
    /// in all frames.
    case frames

    /// The verbs and how often they are drawn.
    var weights: [(verb: Verb, weight: UInt64)] {
        let activities: [(Verb, UInt64)] = [(.write, 50), (.foreign, 14), (.foreignBegin, 2)]
        let links: [(Verb, UInt64)] = [
            (.cut, 4), (.heal, 5), (.reset, 3), (.silence, 2), (.tail, 3), (.isolate, 2), (.join, 3), (.split, 1),
            (.mend, 2),
            (.lostAnswer, 1), (.duplicate, 1), (.drip, 1), (.garble, 1), (.delay, 2), (.pause, 1), (.resume, 1),
        ]
        let crashes: [(Verb, UInt64)] = [
            (.kill, 3), (.killAtWrite, 4), (.power, 3), (.powerAtWrite, 4), (.stop, 2), (.start, 9), (.accept, 2),
        ]
        let clocks: [(Verb, UInt64)] = [(.ahead, 5), (.behind, 4), (.reissue, 3), (.drift, 2), (.stop, 1), (.start, 3)]
        let files: [(Verb, UInt64)] = [(.lose, 1), (.backup, 2), (.restore, 2)]
        let disks: [(Verb, UInt64)] = [
            (.full, 3), (.free, 4), (.readError, 2), (.writeError, 3), (.syncError, 2), (.killAtWrite, 1), (.power, 1),
            (.bitFlip, 1),
            (.lyingSync, 1), (.start, 5),
        ]
        let people: [(Verb, UInt64)] = [
            (.lose, 3), (.backup, 3), (.restore, 2), (.swap, 4), (.upgrade, 3), (.stop, 2), (.start, 5), (.pause, 2),
            (.resume, 3), (.kill, 1),
            (.accept, 1),
        ]
        let operators: [(Verb, UInt64)] = [(.archive, 3), (.compact, 3), (.bundle, 3), (.snapshot, 1)]
        switch self {
        case .calm: return activities
        case .network: return activities + links
        case .crash: return activities + crashes
        case .clock: return activities + clocks + files
        case .disk: return activities + disks
        case .liar:
            return activities + links.filter { [.cut, .heal, .reset, .isolate, .join].contains($0.0) }
                + [(.lie, 14), (.snapshot, 4), (.backup, 5), (.restore, 5), (.kill, 1), (.stop, 1), (.start, 6)]
        case .people: return activities + people
        case .retention:
            let links = links.filter { [.cut, .heal, .isolate, .join].contains($0.0) }
            return activities + operators + operators + links + [
                (.kill, 2), (.powerAtWrite, 3), (.lose, 1), (.snapshot, 2), (.start, 8),
            ]
        case .fence:
            let links = links.filter { [.cut, .heal, .isolate, .join].contains($0.0) }
            return activities + operators + links + [(.fence, 2), (.comeBack, 1), (.stop, 1), (.kill, 1), (.start, 8)]
        case .frames:
            return activities + links.filter { [.cut, .heal, .reset, .isolate, .join].contains($0.0) }
                + [(.lie, 28), (.kill, 1), (.power, 1), (.stop, 1), (.start, 8)]
        case .hands:
            let links = links.filter { [.cut, .heal, .isolate, .join].contains($0.0) }
            return activities + links + [(.tamper, 6), (.kill, 1), (.killAtWrite, 1), (.stop, 1), (.start, 6)]
        case .mixed: return activities + links + crashes + clocks + disks + people + operators
        }
    }

    var hasLiar: Bool { self == .liar || self == .frames }

    /// Fewer make no sense.
    var nodesMin: Int {
        switch self {
        case .liar, .frames: 3
        case .fence: World.fenceNodesMin
        default: 2
        }
    }

    /// Histories of one seed after the other take the profiles in turn.
    /// One history in ten has hands, and every second one with a liar has one that lies in frames.
    package static func of(seed: UInt64) -> Profile {
        if seed / 10 % 10 == 9 { return .hands }
        let others = allCases.filter { $0 != .hands && $0 != .frames }
        let profile = others[Int(seed % UInt64(others.count))]
        return profile == .liar && seed / 10 % 2 == 1 ? .frames : profile
    }
}

/// Bounds of a world.
package enum WorldLimits {
    package static let nodesMax = 12
    /// Virtual time that nodes have to agree once nothing goes wrong any more: twice the longest
    /// back-off, the time after which a silent stream is given up, and the time of a relay.
    package static let restMillisecondsMax: UInt64 = 120_000
}
