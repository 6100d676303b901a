import DaemonFixtures
import Foundation
import ParkSyncCore
import ParkSyncReports
import ParkSyncWire
import Testing
import parksync_liar

/// Real daemons beside a member that holds another branch of a node's log, which the node has
/// really signed, and does not send it, or not as it is.
@Suite("A member that shows a real branch", .endsInTime) struct LyingBranchTests {
    /// What the member sends of the branch whose head it shows.
    enum Sends: CaseIterable, CustomTestStringConvertible {
        case nothing, half, wrong
        var testDescription: String { "\(self)" }
    }

    private static let insert = "INSERT INTO organisation (id, kind, name_zh) VALUES (?1, 'enterprise', '成都')"
    private static let south = origin("south")

    private func write(_ zone: TestZone, _ name: String) async throws {
        try await zone.transact("south", Self.insert, [JSONValue(.string("south:organisation:\(name)"))])
    }

    private func names(_ zone: TestZone, _ park: String) async throws -> [[JSONValue]] {
        try await zone.rows(park, "SELECT substr(id, 20) FROM organisation WHERE id LIKE 'south:%' ORDER BY id")
    }

    private func row(_ names: String...) -> [[JSONValue]] { names.map { [JSONValue(.string($0))] } }

    /// The log of South, as South's database has it.
    private func entries(_ zone: TestZone) async throws -> [(head: LogBranch.Head, slice: LogSlice)] {
        let found = try await TestProcess.sqlite(
            zone.database("south"),
            "SELECT l.id & 0xFFFFFFFFFF, lower(hex(l.hash)), lower(hex(l.signature)), lower(hex(l.payload)) "
                + "FROM _parksync_log l "
                + "JOIN _parksync_origin o ON l.id >> 40 = o.ordinal WHERE o.name = 'south' ORDER BY l.id")
        return try found.output.split(separator: "\n").map { line in
            let parts = line.split(separator: "|").map(String.init)
            guard parts.count == 4, let seq = UInt64(parts[0]), let hash = Hex.decode(parts[1]),
                let signature = Hex.decode(parts[2]),
                let payload = Hex.decode(parts[3])
            else { throw RawHTTPConnection.Failure(description: "no entry: \(line)") }
            var body = ByteWriter()
            body.prefixed(payload)
            return (
                LogBranch.Head(seq: seq, hash: hash, signature: signature),
                LogSlice(origin: Self.south, first: seq, count: 1, body: body.bytes, signature: signature)
            )
        }
    }

    /// South has written 4 and 5, which west has, and then, from an old copy, 4 once more.
    private func forked() async throws -> (zone: TestZone, branch: [(head: LogBranch.Head, slice: LogSlice)]) {
        let zone = try await TestZone(["south", "west", "airport"])
        try await zone.start("south", "west")
        for name in ["1", "2", "3"] { try await write(zone, name) }
        try await zone.agree(["south", "west"], covering: "south:3")
        #expect(await zone.stop("south") == 0)
        try zone.copyDatabase("south", to: "old")
        try await zone.start("south")
        try await zone.ready("south")
        for name in ["4", "5"] { try await write(zone, name) }
        try await zone.agree(["south", "west"], covering: "south:5")
        #expect(await zone.stopAll() == [0, 0])
        let branch = try await entries(zone)
        try #require(branch.map(\.head.seq) == [1, 2, 3, 4, 5])
        try zone.putBack("old", "south")
        try await zone.start("south")
        let accepted = try await zone.acceptWrites("south", "a test")
        #expect(accepted.status == 0, "\(accepted)")
        try await write(zone, "other")
        return (zone, branch)
    }

    private func member(_ sends: Sends, _ branch: [(head: LogBranch.Head, slice: LogSlice)], in zone: TestZone) throws
        -> LyingMember
    {
        let (heads, slices) = (branch.map(\.head).reversed(), branch.map(\.slice))
        return try LyingMember("airport", in: zone) { asker, request in
            var frames = [LyingMember.hello("airport", to: request, logged: [(Self.south, 5)])]
            guard asker == "south" else { return frames }
            frames.append(.branch(LogBranch(origin: Self.south, heads: Array(heads))))
            guard let want = request.wants.first(where: { $0.origin == Self.south }), want.after == 3 else {
                return frames
            }
            switch sends {
            case .nothing: break
            case .half: frames.append(.entries(slices[3]))
            case .wrong:
                var wrong = slices[3]
                wrong.body[wrong.body.count - 1] ^= 1
                frames.append(.entries(wrong))
            }
            return frames
        }
    }

    private func expectNamed(_ zone: TestZone, _ kind: NodeStatus.Peer.Lie.Kind) async throws {
        let status = try await zone.wait("south naming the member") {
            try await zone.status("south")
        } until: {
            $0.phase == .ready && $0.peers.first { $0.park == "airport" }?.lie?.kind == kind
        }
        #expect(status.origin == "south")
        _ = try await zone.wait("south's journal") {
            zone.log("south")
        } until: {
            $0.contains("event=peer.lied peer=airport kind=\(kind)")
        }
    }

    @Test(
        "Rows and log stay as they are, the member is named, the node goes on, and takes the branch from who has it",
        arguments: Sends.allCases)
    func branchThatDoesNotCome(_ sends: Sends) async throws {
        let (zone, branch) = try await forked()
        let liar = try member(sends, branch, in: zone)
        let before = row("1", "2", "3", "other")
        try await liar.run {
            if sends != .wrong {
                let waiting = try await zone.wait("south fetching what it was shown") {
                    try await zone.status("south")
                } until: {
                    $0.phase == .recovering && ($0.check?.cause.contains("entries 4 to 5 come from airport") ?? false)
                }
                #expect(waiting.check?.remedy.contains("accept-writes") == true, "\(String(describing: waiting.check))")
                #expect(try await names(zone, "south") == before)
                await #expect(throws: ProblemDetails.self) { try await write(zone, "too early") }
            }
            switch sends {
            case .nothing:
                // In the middle of it South is killed, and starts again.
                #expect(await zone.stop("south", SIGKILL) == -SIGKILL)
                try await zone.start("south")
                #expect(try await names(zone, "south") == before)
                try await zone.ready("south", within: 3 * TestZone.agreementSeconds)
                try await expectNamed(zone, "withheld-entries")
            case .half:
                let accepted = try await zone.acceptWrites("south", "it is slow")
                #expect(accepted.status == 0, "\(accepted)")
            case .wrong:
                try await expectNamed(zone, "false-entries")
                let journal = zone.log("south")
                #expect(
                    journal.contains("event=entries.refused peer=airport origin=south first=4 cause="), "\(journal)")
            }
            #expect(try await names(zone, "south") == before)
            try await write(zone, "on")
        }
        // West is honest, and has the branch.
        try await zone.start("west")
        let applied = try await zone.agree(["south", "west"], covering: "south~2:3")
        #expect(applied.contains("south:5"))
        for park in ["south", "west"] {
            #expect(try await names(zone, park) == row("1", "2", "3", "4", "5", "on", "other"))
        }
        #expect(await zone.stopAll() == [0, 0])
    }
}
