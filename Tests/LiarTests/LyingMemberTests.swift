import DaemonFixtures
import Foundation
import ParkSyncCore
import ParkSyncReports
import ParkSyncWire
import Testing
import parksync_liar

/// Real daemons beside one member that lies: it has its keys, and other software.
@Suite("A lying member", .endsInTime) struct LyingMemberTests {
    private static let insert = "INSERT INTO organisation (id, kind, name_zh) VALUES (?1, 'enterprise', '成都')"
    private static let airport = origin("airport")

    private func write(_ zone: TestZone, _ park: String, _ name: String) async throws {
        try await zone.transact(park, Self.insert, [JSONValue(.string("\(park):organisation:\(name)"))])
    }

    private func count(_ zone: TestZone, _ park: String) async throws -> JSONValue? {
        try await zone.rows(park, "SELECT count(*) FROM organisation WHERE id LIKE '\(park):%'").first?.first
    }

    /// The newest signed head of a log, as a park's database has it.
    private func head(of name: String, inFileOf park: String, _ zone: TestZone) async throws -> [LogBranch.Head] {
        let found = try await TestProcess.sqlite(
            zone.database(park),
            "SELECT l.id & 0xFFFFFFFFFF, lower(hex(l.hash)), lower(hex(l.signature)) FROM _parksync_log l JOIN "
                + "_parksync_origin o "
                + "ON l.id >> 40 = o.ordinal WHERE o.name = '\(name)' AND l.signature IS NOT NULL ORDER BY l.id DESC "
                + "LIMIT 1"
        )
        let parts = found.output.trimmingCharacters(in: .whitespacesAndNewlines).split(separator: "|")
        guard parts.count == 3, let seq = UInt64(parts[0]), let hash = Hex.decode(String(parts[1])),
            let signature = Hex.decode(String(parts[2]))
        else {
            throw RawHTTPConnection.Failure(description: "no head: \(found)")
        }
        return [LogBranch.Head(seq: seq, hash: hash, signature: signature)]
    }

    private func named(_ zone: TestZone, _ park: String, _ kind: NodeStatus.Peer.Lie.Kind) async throws -> NodeStatus {
        try await zone.wait("\(park) naming the liar") {
            try await zone.status(park)
        } until: {
            $0.phase == .ready && $0.peers.first { $0.park == "airport" }?.lie?.kind == kind
        }
    }

    /// The liar is named in status, journal and figures.
    private func expectNamed(_ zone: TestZone, _ park: String, _ kind: NodeStatus.Peer.Lie.Kind) async throws {
        let status = try await named(zone, park, kind)
        let peer = try #require(status.peers.first { $0.park == "airport" })
        #expect(peer.lie?.reason.contains("airport") == true && status.forks.isEmpty && status.origin == park)
        #expect(Verdict.judge(status).reasons.contains { $0.cause == .lying && $0.park == "airport" })
        _ = try await zone.wait("\(park)'s journal") {
            zone.log(park)
        } until: {
            $0.contains("event=peer.lied peer=airport kind=\(kind)")
        }
        let figures = try await zone.send(park, HTTPText.get(LocalPath.metrics)).text
        let line = figures.split(separator: "\n").first { $0.hasPrefix("parksync_peer_lies_total{peer=\"airport\"}") }
        #expect(line.map { !$0.hasSuffix(" 0") } == true, "\(figures)")
    }

    /// South and West, which have written and agree; the liar is not there yet.
    private func honest() async throws -> TestZone {
        let zone = try await TestZone(["south", "west", "airport"])
        try await begin(zone)
        return zone
    }

    private func begin(_ zone: TestZone) async throws {
        try await zone.start("south", "west", environment: ["PARKSYNC_RETENTION_INTERVAL_SECONDS": "1"])
        for name in ["1", "2", "3"] { try await write(zone, "south", name) }
        try await write(zone, "west", "1")
        try await zone.agree(["south", "west"], covering: "south:3")
    }

    @Test(
        "Heads of a node's log that it never signed change nothing, while it runs and when it starts",
        arguments: FalseClaim.allCases)
    func falseHeads(_ claim: FalseClaim) async throws {
        let zone = try await honest()
        let heads = claim.heads(of: origin("south"), by: try LyingMember.log(of: "airport", in: zone))
        let liar = try LyingMember("airport", in: zone) { asker, request in
            let victim = origin(asker)
            return [
                LyingMember.hello("airport", to: request, logged: [(victim, heads[0].seq)]),
                .branch(LogBranch(origin: victim, heads: heads)),
            ]
        }
        try await liar.run {
            try await expectNamed(zone, "south", "false-head")
            try await write(zone, "south", "4")
            #expect(try await count(zone, "south") == JSONValue(.integer(4)))
            // Nobody is left who could say otherwise.
            #expect(await zone.stop("west") == 0)
            #expect(await zone.stop("south") == 0)
            try await zone.start("south")
            try await expectNamed(zone, "south", "false-head")
            try await write(zone, "south", "5")
            #expect(try await count(zone, "south") == JSONValue(.integer(5)))
        }
        try await zone.start("west")
        try await zone.agree(["south", "west"], covering: "south:5")
        #expect(await zone.stopAll() == [0, 0])
    }

    @Test("A peer that hides what it says to have keeps no node from starting") func withheldHeads() async throws {
        let zone = try await honest()
        #expect(await zone.stop("south") == 0)
        let liar = try LyingMember("airport", in: zone) { asker, request in
            let hello = LyingMember.hello("airport", to: request, logged: [(origin(asker), 1_000)])
            return [hello] + LyingMember.report(behind: hello)
        }
        try await liar.run {
            // With an honest peer in reach, and without one.
            try await zone.start("south")
            try await expectNamed(zone, "south", "withheld-head")
            try await write(zone, "south", "4")
            #expect(await zone.stop("west") == 0)
            #expect(await zone.stop("south") == 0)
            try await zone.start("south")
            try await expectNamed(zone, "south", "withheld-head")
            try await write(zone, "south", "5")
            // The operator need not wait for it.
            #expect(await zone.stop("south") == 0)
            try await zone.start("south")
            let accepted = try await zone.acceptWrites("south", "airport hides something")
            #expect(accepted.status == 0 || accepted.output.contains("accepted already"), "\(accepted)")
            try await write(zone, "south", "6")
        }
        try await zone.start("west")
        try await zone.agree(["south", "west"], covering: "south:6")
        #expect(await zone.stopAll() == [0, 0])
    }

    /// South's own signature is the one thing that stops it, and its operator has the last word.
    @Test("Who shows an old copy that there is more, and does not send it, has to give way to the operator")
    func withheldEntries() async throws {
        let zone = try await honest()
        #expect(await zone.stop("south") == 0)
        try zone.copyDatabase("south", to: "old")
        try await zone.start("south")
        _ = try await zone.wait("south being ready") {
            try await zone.status("south")
        } until: {
            $0.phase == .ready
        }
        try await write(zone, "south", "4")
        try await zone.agree(["south", "west"], covering: "south:4")
        #expect(await zone.stopAll() == [0, 0])
        let heads = try await head(of: "south", inFileOf: "west", zone)
        try zone.putBack("old", "south")
        let liar = try LyingMember("airport", in: zone) { asker, request in
            [
                LyingMember.hello("airport", to: request, logged: [(origin(asker), 4)]),
                .branch(LogBranch(origin: origin(asker), heads: heads)),
            ]
        }
        try await liar.run {
            try await zone.start("south")
            let waiting = try await zone.wait("south waiting for what it lacks") {
                try await zone.status("south")
            } until: {
                $0.phase == .recovering
            }
            #expect(waiting.check?.cause.contains("airport") == true, "\(String(describing: waiting.check))")
            await #expect(throws: ProblemDetails.self) { try await write(zone, "south", "too early") }
            let accepted = try await TestProcess.run(
                "syncctl", ["accept-writes", "--reason", "airport sends nothing", "--socket", zone.socket("south")])
            #expect(accepted.status == 0, "\(accepted)")
            let status = try await zone.wait("south writing as its next incarnation") {
                try await zone.status("south")
            } until: {
                $0.phase == .ready
            }
            #expect(status.origin == "south~2")
            try await write(zone, "south", "5")
        }
        try await zone.start("west")
        try await zone.agree(["south", "west"], covering: "south~2:2")
        let rows = try await zone.rows("west", "SELECT count(*) FROM organisation WHERE id LIKE 'south:%'").first?.first
        #expect(rows == JSONValue(.integer(5)), "what South had forgotten comes back as well")
        #expect(await zone.stopAll() == [0, 0])
    }

    @Test("One member takes nobody out of the zone by its own word") func loneFence() async throws {
        let zone = try await honest()
        var log = try LyingMember.log(of: "airport", in: zone)
        log.appendLoneFences(of: ["south", "west"])
        log.append("word", [.vote(park: "south", .out, members: ["airport", "south", "west"])])
        let slice = try log.slice()
        let liar = try LyingMember("airport", in: zone) { _, request in
            let after = request.wants.first { $0.origin == Self.airport }?.after ?? 0
            return [LyingMember.hello("airport", to: request, logged: [(Self.airport, 3)])]
                + (after == 0 ? [.entries(slice)] : [])
        }
        try await liar.run {
            for park in ["south", "west"] {
                let status = try await zone.wait("\(park) setting the fences aside") {
                    try await zone.status(park)
                } until: {
                    $0.stuck.count == 2 && $0.applied.contains("airport:3")
                }
                #expect(
                    status.phase == .ready
                        && status.stuck.allSatisfy { $0.state == .quarantined && $0.origin == "airport" })
                #expect(status.stuck.allSatisfy { $0.remedy.contains("airport") }, "\(status.stuck)")
                try await write(zone, park, "after")
                _ = try await zone.wait("\(park)'s journal") {
                    zone.log(park)
                } until: {
                    $0.contains("event=entry.quarantined origin=airport")
                }
                try await zone.figured(.quarantined, of: "airport", at: park)
            }
            let status = try await zone.wait("the proposal") {
                try await zone.status("west")
            } until: {
                $0.retention?.proposals == [
                    FenceProposalStatus(park: "south", kind: .fence, consents: ["airport"], needed: 2)
                ]
            }
            #expect(Verdict.judge(status).reasons.contains { $0.cause == .fenceProposal })
            let shown = try await TestProcess.run("syncctl", ["status", "--socket", zone.socket("west")])
            #expect(shown.output.contains("proposal  south out: 1 of 2, airport"), "\(shown.output)")
        }
        #expect(await zone.stopAll() == [0, 0])
    }

    @Test("Parks that a member invents have no log, no vote and no place in the zone") func ghosts() async throws {
        let zone = try await honest()
        var log = try LyingMember.log(of: "airport", in: zone)
        let key = ControlRecord.memberKey(park: "ghost", key: Array(repeating: 7, count: 32))
        log.append("key", [key])
        log.append("ghost", [.vote(park: "ghost", .out, members: ["airport", "ghost"]), key])
        log.append(
            "fence",
            [
                .vote(park: "south", .out, members: ["airport", "ghost", "south"]),
                .fence(park: "south", after: VersionVector()),
            ],
            dependencies: [VersionVector.Element(origin: origin("ghost"), seq: 1)])
        let slice = try log.slice()
        let liar = try LyingMember("airport", in: zone) { _, request in
            let after = request.wants.first { $0.origin == Self.airport }?.after ?? 0
            return [LyingMember.hello("airport", to: request, logged: [(Self.airport, 3)])]
                + (after == 0 ? [.entries(slice)] : [])
        }
        try await liar.run {
            for park in ["south", "west"] {
                let status = try await zone.wait("\(park) setting the lies aside") {
                    try await zone.status(park)
                } until: {
                    $0.stuck.count == 2 && $0.applied.contains("airport:2") && $0.retention != nil
                }
                #expect(
                    status.phase == .ready
                        && status.stuck.allSatisfy { $0.origin == "airport" && $0.remedy.contains("airport") },
                    "\(status.stuck)")
                #expect(status.stuck.contains { $0.cause.contains("ghost is no park of this zone") }, "\(status.stuck)")
                #expect(status.retention?.proposals ?? [] == [], "votes on a park that nobody knows are no proposal")
                let known = try await TestProcess.sqlite(
                    zone.database(park), "SELECT count(*) FROM _parksync_member WHERE park = 'ghost'")
                #expect(known.output.hasPrefix("0"), "\(known)")
                try await write(zone, park, "after")
            }
        }
        #expect(await zone.stopAll() == [0, 0])
    }

    @Test("Who shows two parks two logs is named by both, with proof, and neither names the other") func equivocation()
        async throws
    {
        let zone = try await TestZone(["south", "west", "airport"])
        var shared = try LyingMember.log(of: "airport", in: zone)
        shared.append("shared")
        let first = try shared.slice()
        var (one, other) = (shared, shared)
        one.append("one")
        other.append("other")
        let branches = ["south": try one.slice(), "west": try other.slice()]
        let liar = try LyingMember("airport", in: zone) { asker, request in
            let after = request.wants.first { $0.origin == Self.airport }?.after ?? 0
            let slices = [first, branches[asker]].compactMap { $0 }.filter { $0.first > after }
            return [LyingMember.hello("airport", to: request, logged: [(Self.airport, 2)])]
                + slices.map { .entries($0) }
        }
        try await liar.run {
            // It is there before them: neither has to ask the other for its log.
            try await begin(zone)
            for park in ["south", "west"] {
                let status = try await zone.wait("\(park) naming airport") {
                    try await zone.status(park)
                } until: {
                    $0.forks.contains { $0.origin == "airport" && $0.seq == 2 }
                }
                #expect(
                    status.phase == .ready && status.forks.count == 1
                        && status.peers.allSatisfy { $0.park == "airport" || $0.lie == nil })
                let other = park == "south" ? "west" : "south"
                #expect(
                    Verdict.judge(status).reasons.allSatisfy { $0.park != other || $0.level != .broken },
                    "\(Verdict.judge(status).reasons)")
                let forks = try await TestProcess.run(
                    "syncctl", ["log", "forks", "--json", "--socket", zone.socket(park)])
                let proofs = try JSONDecoder().decode([ForkReport].self, from: Data(forks.output.utf8))
                #expect(
                    forks.status == 1 && proofs.map(\.origin) == ["airport"] && proofs.map(\.seq) == [2], "\(forks)")
                #expect(
                    proofs.allSatisfy { $0.keptHash != nil && $0.keptHash != $0.otherHash && $0.otherSignature != nil },
                    "\(proofs)")
                _ = try await zone.wait("\(park)'s journal") {
                    zone.log(park)
                } until: {
                    $0.contains("event=log.forked origin=airport seq=2")
                }
                try await zone.figured(.fork, of: "airport", at: park)
                try await write(zone, park, "after")
            }
            _ = try await zone.wait("south's and west's entries at both") {
                [try await zone.status("south").applied, try await zone.status("west").applied]
            } until: {
                $0[0] == $0[1] && $0[0].contains("south:4") && $0[0].contains("west:2")
            }
        }
        #expect(await zone.stopAll() == [0, 0])
    }
}
