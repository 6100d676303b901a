import ParkSyncCore
import Testing

@testable import ParkSyncReplication

/// Every combination of what two peers can be heard to say, against the promise: who writes has compared.
@Suite struct HeadGuardTests {
    enum Said: CaseIterable {
        case untried, connecting, unreachable, paused, silent, nothing, same, more, coarse, differs, accounted, newerIncarnation
        var isOpen: Bool { ![.untried, .connecting, .unreachable, .paused].contains(self) }
        var isHeard: Bool { isOpen && self != .silent }
        var isAway: Bool { self == .unreachable || self == .paused }
        var objects: Bool { [.more, .coarse, .differs].contains(self) }
    }

    private static let own = state([(origin("south"), 10)])

    private static func state(_ logged: [(OriginID, UInt64)], of park: OriginID = origin("south")) -> NodeState {
        NodeState(origin: park, schemaNumber: 1, schemaHash: [], applied: VersionVector(), logged: VersionVector(logged), digest: nil)
    }

    private static func report(_ name: String, _ said: Said) -> PeerReport {
        let park = origin(name)
        let south = origin("south")
        var report = PeerReport(peer: park, link: .following, relays: [], gone: [])
        switch said {
        case .untried: report.link = .waiting(until: 0)
        case .connecting: report.link = .connecting
        case .unreachable:
            report.link = .waiting(until: 9)
            report.failure = LinkFailure(.unreachable, "cut", remedy: "None.")
        case .paused: report.link = .paused
        case .silent: report.remote = state([(south, 10)], of: park)
        case .nothing: report.remote = state([], of: park)
        case .same: (report.remote, report.fit) = (state([(south, 9)], of: park), .same)
        case .more: (report.remote, report.fit) = (state([(south, 12)], of: park), .more)
        case .coarse: (report.remote, report.fit) = (state([(south, 9)], of: park), .differs(common: nil, from: 9))
        case .differs: (report.remote, report.fit) = (state([(south, 9)], of: park), .differs(common: 7, from: 8))
        case .accounted: (report.remote, report.fit) = (state([(south, 12)], of: park), .accounted)
        case .newerIncarnation: (report.remote, report.fit) = (state([(south, 10), (origin("south~2"), 3)], of: park), .same)
        }
        return report
    }

    private static let standings: [LogStanding] =
        [.ready, .checking] + [true, false].flatMap { lost in [true, false].map { .fetching(isLost: lost, hasBranch: $0) } }

    @Test(arguments: standings) func everyCombination(standing: LogStanding) {
        for acceptsLoss in [false, true] {
            for acceptsWithoutPeers in [false, true] {
                var headGuard = HeadGuard()
                headGuard.policy = HeadGuard.Policy(acceptsLoss: acceptsLoss, acceptsWithoutPeers: acceptsWithoutPeers)
                for west in Said.allCases {
                    for airport in Said.allCases {
                        let verdict = headGuard.judge(
                            standing, own: Self.own, reports: [Self.report("airport", airport), Self.report("west", west)])
                        expectSound(verdict, standing, [airport, west], headGuard.policy)
                    }
                }
            }
        }
    }

    private func expectSound(_ verdict: HeadGuard.Verdict, _ standing: LogStanding, _ said: [Said], _ policy: HeadGuard.Policy) {
        let objects = said.contains(where: \.objects)
        switch standing {
        case .ready:
            if case .demand(.fetchOwn) = verdict { #expect(objects) } else { #expect(verdict == .settled && !objects, "\(said)") }
        case .checking:
            if objects {
                guard case .demand(.fetchOwn) = verdict else { Issue.record("\(said): \(verdict)"); return }
                return
            }
            let isComplete = said.contains(where: \.isHeard) && said.allSatisfy { $0.isHeard || $0.isAway }
            let isForced = !said.contains(where: \.isHeard) && policy.acceptsWithoutPeers
            expectAccepts(verdict, isComplete || isForced, said)
            #expect((verdict == .alone) == (said.allSatisfy(\.isAway) && !policy.acceptsWithoutPeers), "\(said)")
        case .fetching(let isLost, let hasBranch):
            let differs = said.contains(.differs) && !hasBranch
            if case .demand(.rewind(let after, let forkedAt, _)) = verdict {
                #expect(differs && after == 7 && forkedAt == 8)
                return
            }
            #expect(!differs, "\(said): \(verdict)")
            let isBehind = said.contains(.more) || said.contains(.newerIncarnation) || (said.contains(.coarse) && !hasBranch)
            if isBehind { return expectAccepts(verdict, false, said) }
            if isLost { return expectAccepts(verdict, said.allSatisfy(\.isHeard) || policy.acceptsLoss, said) }
            let isComplete = said.contains(where: \.isHeard) && said.allSatisfy { $0.isHeard || $0.isAway }
            expectAccepts(verdict, isComplete || (!said.contains(where: \.isHeard) && policy.acceptsWithoutPeers), said)
        }
    }

    private func expectAccepts(_ verdict: HeadGuard.Verdict, _ accepts: Bool, _ said: [Said]) {
        if case .demand(.acceptWrites(let without)) = verdict {
            #expect(accepts, "\(said)")
            #expect(without.count == said.filter { !$0.isHeard }.count)
        } else {
            #expect(!accepts, "\(said): \(verdict)")
        }
    }

    @Test func whoHasNoPeersNeedsNoCheck() {
        #expect(HeadGuard().judge(.checking, own: Self.own, reports: []) == .demand(.acceptWrites(withoutParks: [])))
    }

    @Test func aDemandIsMadeOnce() {
        var headGuard = HeadGuard()
        let reports = [Self.report("west", .same)]
        #expect(headGuard.next(.checking, own: Self.own, reports: reports) == .acceptWrites(withoutParks: []))
        #expect(headGuard.next(.checking, own: Self.own, reports: reports) == nil)
        headGuard.finished()
        #expect(headGuard.next(.checking, own: Self.own, reports: reports) != nil)
    }

    @Test func aLadderNamesTheNewestOneByOneAndReachesBack() {
        for last: UInt64 in [0, 1, 5, 31, 32, 33, 40, 1_000, 123_456_789, UInt64(Int64.max)] {
            let numbers = LogBranch.ladder(from: last)
            #expect(numbers.count <= LogBranch.headsMax && numbers.first == (last == 0 ? nil : last))
            #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 > $1 })
            #expect(numbers.prefix(32).elementsEqual((0..<min(32, last)).map { last - $0 }))
            // Nothing lies deeper than twice the way to the head after it.
            for (upper, lower) in zip(numbers, numbers.dropFirst()) { #expect(last - lower <= 2 * (last - upper) + 32) }
        }
    }
}
