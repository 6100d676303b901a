import Crypto
import Foundation
import ParkSyncCore
import ParkSyncFiles
import ParkSyncReplication
import ParkSyncReports
import Testing

@testable import ParkSyncStore

/// An old copy of the database that is put back by hand.
@Suite(.serialized) struct AmnesiaTests {
    private let all = ["west", "airport"]
    private let alone = HeadGuard.Policy(acceptsWithoutPeers: true)

    private func made() async throws -> Federation {
        let federation = try Federation(["south", "west", "airport"], schema: shapes)
        for index in 0..<6 {
            try await federation.write("south", "INSERT INTO plain(id, a) VALUES('s\(index)', \(index))")
            try await federation.write("west", "INSERT INTO tally(id, n) VALUES('w\(index)', 100)")
        }
        try await federation.converge()
        try await federation.write(
            "south", "UPDATE tally SET n = n + 1 WHERE id = 'w0'", "UPDATE plain SET b = 1 WHERE id = 's0'")
        try await federation.converge()
        try federation.copy("south", to: "yesterday")
        return federation
    }

    private func expectProven(_ federation: Federation, _ park: String) async throws {
        let report = try Replay(
            from: federation.path(park), into: federation.folder.path + "/replayed-\(park)-\(UUID().uuidString).sqlite",
            members: federation.members, schema: federation.schema
        ).run(until: nil)
        #expect(report.findings == [] && report.hasReadLiveRows)
        #expect(report.vector == (try federation[park].state().applied))
        #expect(report.stateHash == (try federation[park].state().digest?.hash))
    }

    @Test func aFileThatIsInStepIsReadyAfterOneLook() async throws {
        let federation = try await made()
        try federation.putBack("yesterday", "south")
        let south = try federation.open("south", checks: true)
        #expect(south.standing() == .checking)
        #expect(try await federation.check("south", peers: ["west"]) == [.acceptWrites(withoutParks: ["airport"])])
        try await federation.write("south", "INSERT INTO plain(id) VALUES('on')")
        try await expectSame(federation)
        #expect(try await south.forks(limit: 10) == [])
    }

    /// What a program wrote while the node was down is an entry without a signature until the check
    /// ends. A copy of that moment holds the very entry that was published afterwards.
    @Test func whatWasPublishedAfterTheCopyIsNotWrittenAnew() async throws {
        let federation = try await made()
        let (origin, before) = (try federation.origin("south"), try federation["south"].state().logged)
        try federation.putBack("yesterday", "south")
        try federation.foreign("south", "sqlite3", ["-batch"], input: "UPDATE tally SET n = n + 1 WHERE id = 'w0';\n")
        try federation.open("south", checks: true)
        try federation.copy("south", to: "tentative")
        try await federation.check("south", peers: all)
        try await federation.converge()
        let published = try #require(try federation["west"].hash(of: origin, seq: before[origin] + 1))
        try federation.putBack("tentative", "south")
        let south = try federation.open("south", checks: true)
        try await federation.check("south", peers: all)
        #expect(south.state().logged[origin] == before[origin] + 1)
        #expect(try south.hash(of: origin, seq: before[origin] + 1) == published)
        try await expectSame(federation)
        #expect(try await federation.rows("airport", "SELECT n FROM tally WHERE id = 'w0'") == [[.integer(102)]])
        #expect(try await south.forks(limit: 10) == [])
    }

    @Test func anOldCopyFetchesWhatItHasForgotten() async throws {
        let federation = try await made()
        try await federation.write(
            "south", "INSERT INTO plain(id, a) VALUES('forgotten', 'x')", "DELETE FROM plain WHERE id = 's3'")
        try await federation.write("south", "UPDATE tally SET n = n + 10 WHERE id = 'w0'")
        try await federation.converge()
        let head = try federation["south"].state().applied
        try federation.putBack("yesterday", "south")
        let south = try federation.open("south", checks: true)
        await #expect(throws: StoreError.self) {
            try await federation.write("south", "INSERT INTO plain(id) VALUES('too early')")
        }
        let refusal = #expect(throws: StoreError.self) {
            try federation.foreign(
                "south", "sqlite3", ["-batch"], input: "INSERT INTO plain(id) VALUES('too early');\n")
        }
        #expect(refusal?.reason.contains("compares its log") == true)
        let demands = try await federation.check("south", peers: all)
        #expect(demands.count == 2, "\(demands)")
        #expect(south.standing() == .ready && south.state().applied == head)
        let result = try await federation.write("south", "INSERT INTO plain(id) VALUES('next')")
        #expect(result.seq == head[try federation.origin("south")] + 1 && south.state().origin.name == "south")
        try await expectSame(federation)
        try await expectProven(federation, "south")
        #expect(try await south.forks(limit: 10) == [])
    }

    /// What other programs wrote into the old copy gets its number after what the copy had
    /// forgotten.
    @Test func writesIntoAnOldCopyComeAfterWhatItHasForgotten() async throws {
        let federation = try await made()
        try await federation.write(
            "south", "UPDATE plain SET a = 'forgotten' WHERE id = 's1'", "UPDATE tally SET n = n + 10 WHERE id = 'w0'")
        try await federation.converge()
        let head = try federation["south"].state().applied
        try federation.putBack("yesterday", "south")
        federation.clock.advance(1_000)
        try federation.foreign(
            "south", "sqlite3", ["-batch"],
            input:
                """
                INSERT INTO plain(id, a) VALUES('foreign', 1);
                UPDATE plain SET a = 'mine' WHERE id = 's1';
                UPDATE tally SET n = n + 5 WHERE id = 'w0';

                """
        )
        let south = try federation.open("south", checks: true)
        #expect(
            south.counts.tentativeEntries == 1
                && south.state().applied[south.state().origin] == south.state().logged[south.state().origin])
        try await federation.check("south", peers: all)
        #expect(
            south.state().origin.name == "south"
                && south.state().applied[south.state().origin] == head[south.state().origin] + 1)
        try await expectSame(federation)
        try await expectProven(federation, "south")
        #expect(
            try await federation.rows("airport", "SELECT a FROM plain WHERE id IN ('foreign', 's1') ORDER BY id") == [
                [.integer(1)], [.string("mine")],
            ])
        #expect(try await federation.rows("airport", "SELECT n FROM tally WHERE id = 'w0'") == [[.integer(116)]])
        #expect(try await south.forks(limit: 10) == [])
    }

    private func diverge(_ federation: Federation, entries: Int = 1) async throws {
        try await federation.write(
            "south", "UPDATE tally SET n = n + 10 WHERE id = 'w0'", "DELETE FROM plain WHERE id = 's4'")
        try await federation.write(
            "south", "UPDATE plain SET a = 'then' WHERE id = 's1'", "INSERT INTO owned(id, v) VALUES('south:1', 'then')"
        )
        for index in 0..<entries { try await federation.write("south", "INSERT INTO bare(id) VALUES('then\(index)')") }
        try await federation.converge()
        try federation.putBack("yesterday", "south")
        try federation.open("south", checks: true)
        try await federation.check("south", peers: [], policy: alone)
        try await federation.write(
            "south", "UPDATE tally SET n = n + 5 WHERE id = 'w0'", "UPDATE plain SET b = 7 WHERE id = 's4'")
        try await federation.write(
            "south", "UPDATE plain SET a = 'now' WHERE id = 's1'", "DELETE FROM plain WHERE id = 's5'")
        for index in 0..<entries { try await federation.write("south", "INSERT INTO bare(id) VALUES('now\(index)')") }
        try await federation.write("south", "INSERT INTO owned(id, v) VALUES('south:2', 'now')")
    }

    private func expectBoth(_ federation: Federation, entries: Int = 1) async throws {
        try await expectSame(federation)
        for park in federation.parks { try await expectProven(federation, park) }
        #expect(try await federation.rows("airport", "SELECT n FROM tally WHERE id = 'w0'") == [[.integer(116)]])
        #expect(
            try await federation.rows("airport", "SELECT id FROM owned ORDER BY id") == [
                [.string("south:1")], [.string("south:2")],
            ])
        #expect(try await federation.rows("airport", "SELECT count(*) FROM bare") == [[.integer(Int64(2 * entries))]])
        #expect(try await federation.rows("airport", "SELECT a FROM plain WHERE id = 's1'") == [[.string("now")]])
        #expect(try await federation.rows("airport", "SELECT id FROM plain WHERE id IN ('s4', 's5')") == [])
        let lost = try await federation["west"].conflicts(limit: 10).map(\.lost.value)
        #expect(lost.contains(.string("then")), "\(lost)")
        #expect(lost == (try await federation["south"].conflicts(limit: 10).map(\.lost.value)))
    }

    @Test(arguments: [1, 40, 150]) func aBranchIsWrittenAnewUnderANewIncarnation(entries: Int) async throws {
        let federation = try await made()
        try await diverge(federation, entries: entries)
        let demands = try await federation.check("south", peers: all)
        #expect(demands.count == 4, "\(demands)")
        let south = try federation["south"]
        #expect(south.state().origin.name == "south~2" && south.standing() == .ready)
        try await federation.write("south", "INSERT INTO plain(id) VALUES('after')")
        try await expectBoth(federation, entries: entries)
        let forks = try await south.forks(limit: 1_000)
        #expect(forks.first?.seq == 8 && forks.count == 3 + entries)
        // The branch that was left is one entry longer than the one that was taken.
        #expect(forks.allSatisfy { $0.keptHash != $0.otherHash } && forks.filter { $0.keptHash == nil }.count == 1)
        // The next start goes on as the incarnation, and needs nothing more than a look.
        federation.closeWithoutCheckpoint("south")
        #expect(try federation.open("south", checks: true).state().origin.name == "south~2")
        #expect(try await federation.check("south", peers: all) == [.acceptWrites(withoutParks: [])])
        try await federation.write("south", "INSERT INTO plain(id) VALUES('later')")
        try await expectSame(federation)
    }

    /// However far it came: nothing is lost, and nothing is written twice.
    @Test(arguments: 0..<10) func aCrashInTheMiddleChangesNothing(step: Int) async throws {
        let federation = try await made()
        try await diverge(federation)
        try await federation.check("south", peers: all) { done in
            guard done == step else { return }
            federation.closeWithoutCheckpoint("south")
            try federation.open("south", checks: true)
        }
        #expect(try federation["south"].state().origin.name == "south~2")
        try await expectBoth(federation)
    }

    @Test func aLostFileGoesOnAsTheNewestIncarnation() async throws {
        let federation = try await made()
        try await diverge(federation)
        try await federation.check("south", peers: all)
        try await expectSame(federation)
        let head = try federation["south"].state().applied
        federation.closeWithoutCheckpoint("south")
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: federation.path("south") + suffix)
        }
        try federation.open("south", recovers: true, checks: true)
        try await federation.check("south", peers: all)
        #expect(try federation["south"].state().applied == head && federation["south"].state().origin.name == "south~2")
        try await federation.write("south", "INSERT INTO plain(id) VALUES('on')")
        try await expectBoth(federation)
    }

    /// A second divergence waits, so that nodes that take turns do not use up the names.
    @Test func incarnationsDoNotFollowEachOtherFast() async throws {
        let federation = try await made()
        try await diverge(federation)
        try await federation.check("south", peers: all)
        try await expectSame(federation)
        try federation.copy("south", to: "yesterday")
        try await federation.write("south", "INSERT INTO bare(id) VALUES('again')")
        try await federation.converge()
        try federation.putBack("yesterday", "south")
        try federation.open("south", checks: true)
        try await federation.check("south", peers: [], policy: alone)
        try await federation.write("south", "INSERT INTO bare(id) VALUES('and again')")
        let refusal = await #expect(throws: StoreError.self) { try await federation.check("south", peers: all) }
        #expect(
            refusal?.reason.contains("south opened its last incarnation, since its log had forked") == true,
            "\(String(describing: refusal))")
        #expect(refusal?.remedy.contains("Two nodes write as south") == true)
        federation.clock.advance(Reissue.intervalMilliseconds)
        try await federation.check("south", peers: all)
        #expect(try federation["south"].state().origin.name == "south~3")
        try await expectSame(federation)
        #expect(
            try await federation.rows("west", "SELECT count(*) FROM bare WHERE id LIKE '%again'") == [[.integer(2)]])
    }

    /// A peer that comes late shows that the log is behind: writes stop at once.
    @Test func aPeerThatComesLateStopsTheWriting() async throws {
        let federation = try await made()
        try await federation.write("south", "INSERT INTO bare(id) VALUES('only west knows')")
        try await federation.exchange(from: "south", to: "west")
        try federation.putBack("yesterday", "south")
        let south = try federation.open("south", checks: true)
        try await federation.check("south", peers: ["airport"])
        #expect(south.standing() == .ready)
        try federation.foreign("south", "sqlite3", ["-batch"], input: "INSERT INTO plain(id) VALUES('unsealed');\n")
        try await federation.check("south", peers: all)
        #expect(south.standing() == .ready && south.state().origin.name == "south")
        try await expectSame(federation)
        #expect(
            try await federation.rows("airport", "SELECT count(*) FROM plain WHERE id = 'unsealed'") == [[.integer(1)]])
        #expect(try await federation.rows("airport", "SELECT count(*) FROM bare") == [[.integer(1)]])
    }

    /// What a program wrote while the node was down is set aside at once. The fork before it is
    /// noticed all the same.
    @Test func aForkBeforeWhatWasNeverSignedIsNoticed() async throws {
        let federation = try await made()
        try await federation.write("south", "INSERT INTO bare(id) VALUES('one')")
        try await federation.exchange(from: "south", to: "west")
        try federation.putBack("yesterday", "south")
        try federation.open("south")
        try await federation.write("south", "INSERT INTO bare(id) VALUES('other')")
        federation.closeWithoutCheckpoint("south")
        try federation.foreign("south", "sqlite3", ["-batch"], input: "INSERT INTO plain(id) VALUES('unsealed');\n")
        let south = try federation.open("south", checks: true)
        let demands = try await federation.check("south", peers: all)
        let kinds = demands.map { demand in
            switch demand {
            case .fetchOwn: "fetch"
            case .stage: "stage"
            case .takeBranch: "take"
            case .acceptWrites: "accept"
            case .writeAnew: "give up"
            }
        }
        #expect(kinds == ["fetch", "stage", "take", "accept"], "no write is accepted before")
        #expect(south.standing() == .ready && south.state().origin.name == "south~2")
        try await expectSame(federation)
        let rows = try await federation.rows(
            "airport", "SELECT id FROM bare UNION ALL SELECT id FROM plain WHERE id = 'unsealed' ORDER BY 1")
        #expect(rows == ["one", "other", "unsealed"].map { [.text(Array($0.utf8))] })
    }

    @Test func aPeerKeepsTheSecondSignedEntryAsProof() async throws {
        let federation = try await made()
        let origin = try federation.origin("south")
        try await federation.write("south", "INSERT INTO bare(id) VALUES('one')")
        try await federation.exchange(from: "south", to: "west")
        try federation.putBack("yesterday", "south")
        try federation.open("south")
        try await federation.write("south", "INSERT INTO bare(id) VALUES('other')")
        let other = try #require(try federation["south"].read(origin: origin, after: 7, bytesMax: 1 << 20))
        let west = try federation["west"]
        let refusal = await #expect(throws: SliceRefused.self) { try await west.receive(other) }
        #expect(refusal?.cause == .fork)
        let fork = try #require(try await west.forks(limit: 10).first)
        #expect(
            fork.origin == origin.name && fork.seq == 8 && fork.otherSignature == Hex.encode(other.signature)
                && fork.keptSignature?.count == 128)
        let kept = try #require(fork.keptHash)
        for (hash, signature) in [(kept, fork.keptSignature), (fork.otherHash, fork.otherSignature)] {
            let message = EntryChain.headMessage(origin: origin, seq: 8, hash: try #require(Hex.decode(hash)))
            #expect(
                federation.key("south").publicKey.isValidSignature(
                    try #require(signature.flatMap { Hex.decode($0) }), for: message))
        }
    }
}
