import Foundation
import ParkSyncCore
import ParkSyncFiles
import ParkSyncReplication
import ParkSyncReports
import Testing

@testable import ParkSyncStore

@Suite struct RecoveryTests {
    private func fill(_ federation: Federation) async throws {
        for index in 0..<20 {
            try await federation.write("south", "INSERT INTO plain(id, a) VALUES('s\(index)', \(index))")
            try await federation.write("west", "INSERT INTO tally(id, n) VALUES('w\(index)', \(index))")
        }
        try await federation.converge()
        try await federation.write("south", "UPDATE tally SET n = n + 1", "DELETE FROM plain WHERE a > 10")
        try await federation.write("west", "UPDATE plain SET a = -a WHERE a < 5")
        try await federation.converge()
    }

    @Test func aReplayProvesTheLiveTables() async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        try await fill(federation)
        let output = federation.folder.path + "/replayed.sqlite"
        let report = try Replay(
            from: federation.path("south"), into: output, members: federation.members, schema: federation.schema
        ).run(until: nil)
        #expect(report.findings == [])
        #expect(report.hasReadLiveRows)
        #expect(report.vector == (try federation["south"].state().applied))
        #expect(report.stateHash == (try federation["south"].state().digest?.hash))
        #expect(throws: StoreError.self) {
            try Replay(
                from: federation.path("south"), into: output, members: federation.members, schema: federation.schema)
        }
    }

    @Test func aReplayFindsARowThatWasTamperedWith() async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        try await fill(federation)
        try federation.foreign(
            "south", "sqlite3", ["-batch"],
            input: "DROP TRIGGER _parksync_update_plain; UPDATE plain SET a = 4711 WHERE id = 's1';\n")
        let report = try Replay(
            from: federation.path("south"), into: federation.folder.path + "/r.sqlite", members: federation.members,
            schema: federation.schema
        ).run(
            until: nil)
        #expect(report.findings.contains { $0.contains("plain") }, "\(report.findings)")
        let findings = try await federation["south"].verify().findings
        #expect(findings.contains("plain: 1 rows are not what their clocks say: 's1'"), "\(findings)")
        #expect(findings.contains("plain: the rows' digest is not the one that was kept"), "\(findings)")
    }

    @Test func aVerificationFindsALogThatWasTamperedWith() async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        try await fill(federation)
        #expect(try await federation["south"].verify().findings == [])
        try federation.foreign(
            "south", "sqlite3", ["-batch"],
            input: "UPDATE _parksync_log SET hash = zeroblob(32) WHERE id = (SELECT min(id) FROM _parksync_log);\n")
        let findings = try await federation["south"].verify().findings
        #expect(
            findings.count == 1 && findings.first?.hasSuffix(":1 does not have the hash that the log says") == true,
            "\(findings)")
    }

    @Test func aReplayChecksWhoSignedTheLog() async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        try await fill(federation)
        func replay(_ name: String, _ members: [String: [UInt8]], until: UInt64? = nil) throws -> ReplayReport {
            try Replay(
                from: federation.path("south"), into: federation.folder.path + "/\(name).sqlite", members: members,
                schema: federation.schema
            )
            .run(until: until)
        }
        let unchecked = try replay("unchecked", [:])
        #expect(unchecked.findings == [] && !unchecked.hasCheckedSignatures && !unchecked.isDifferent)
        let stranger = try replay("stranger", federation.members.filter { $0.key != "west" })
        #expect(
            stranger.findings == [
                """
                west: its park is not a member, so its signatures cannot be checked; if it has left the zone, \
                name it in `former_parks`
                """
            ] && !stranger.isDifferent)
        var swapped = federation.members
        swapped["west"] = federation.members["south"]
        #expect(
            try replay("swapped", swapped).findings.contains {
                $0.hasPrefix("west:") && $0.contains("the signature does not fit")
            })
        // The signature that vouches for the last entry before the cut lies behind it.
        try await federation.write("south", "INSERT INTO plain(id) VALUES('before')")
        let cut = federation.clock.wallMilliseconds()
        federation.clock.advance(10)
        try await federation.write("south", "INSERT INTO plain(id) VALUES('after')")
        try await federation["south"].housekeep()
        let heads = "SELECT max(id) FROM _parksync_log GROUP BY id >> 40"
        try federation.foreign(
            "south", "sqlite3", ["-batch"],
            input:
                """
                UPDATE _parksync_log SET signature = NULL WHERE id IN (SELECT id - 1 FROM \
                (\(heads.replacing("max(id)", with: "max(id) AS id"))));\n
                """
        )
        #expect(try replay("cut", federation.members, until: cut).findings == [])
        try federation.foreign(
            "south", "sqlite3", ["-batch"], input: "UPDATE _parksync_log SET signature = NULL WHERE id IN (\(heads));\n"
        )
        for members in [federation.members, [:]] {
            let tail = try replay("tail-\(members.count)", members)
            #expect(
                tail.findings.count == 2 && tail.findings.allSatisfy { $0.contains("are not signed") },
                "\(tail.findings)")
            #expect(!tail.isDifferent)
        }
    }

    @Test func aReplayUntilATimeGivesTheStateOfThen() async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        try await federation.write("south", "INSERT INTO plain(id, a) VALUES('k', 'old')")
        let then = federation.clock.wallMilliseconds()
        federation.clock.advance(1_000)
        try await federation.write("south", "UPDATE plain SET a = 'new'")
        try await federation.converge()
        let output = federation.folder.path + "/then.sqlite"
        let report = try Replay(
            from: federation.path("west"), into: output, members: federation.members, schema: federation.schema
        ).run(
            until: then + 500)
        #expect(report.findings == [] && report.entries == 1)
        let rebuilt = try Connection(path: output, role: .reader)
        #expect(try rebuilt.string("SELECT a FROM plain") == "old")
    }

    @Test func aLostFileComesBackAndGoesOnCounting() async throws {
        let federation = try Federation(["south", "west", "airport"], schema: shapes)
        try await fill(federation)
        try await federation.write("south", "INSERT INTO plain(id) VALUES('last')")
        try await federation.exchange(from: "south", to: "west")
        let head = try federation["south"].state().applied
        federation.closeWithoutCheckpoint("south")
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: federation.path("south") + suffix)
        }
        let reborn = try federation.open("south", recovers: true)
        #expect(reborn.counts.isRecovering)
        await #expect(throws: StoreError.self) {
            try await federation.write("south", "INSERT INTO plain(id) VALUES('too early')")
        }
        #expect(throws: StoreError.self) {
            try federation.foreign(
                "south", "sqlite3", ["-batch"], input: "INSERT INTO plain(id) VALUES('too early');\n")
        }
        try await federation.exchange(from: "airport", to: "south")
        try await federation.exchange(from: "west", to: "south")
        // A restart in the middle of the recovery goes on recovering.
        federation.closeWithoutCheckpoint("south")
        #expect(try federation.open("south", recovers: true).counts.isRecovering)
        try await federation["south"].finishRecovery()
        #expect(try federation["south"].state().applied == head)
        let result = try await federation.write("south", "INSERT INTO plain(id) VALUES('next')")
        #expect(result.seq == head[try federation.origin("south")] + 1)
        try await expectSame(federation)
        #expect(
            try await federation.rows("airport", "SELECT count(*) FROM plain WHERE id IN ('last', 'next')") == [
                [.integer(2)]
            ])
    }

    @Test func aNewSchemaDoesNotOpenARecoveringFile() async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        try await fill(federation)
        let head = try federation["south"].state().applied
        federation.closeWithoutCheckpoint("south")
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: federation.path("south") + suffix)
        }
        try federation.open("south", recovers: true)
        federation.closeWithoutCheckpoint("south")
        let next = """
            -- parksync: schema 2
            -- parksync: writer any
            CREATE TABLE later(id TEXT NOT NULL PRIMARY KEY, v);
            ALTER TABLE plain ADD COLUMN g;
            """
        let upgraded = try CompiledSchema([
            SchemaFile(name: "001-test.sql", sql: shapes), SchemaFile(name: "002-test.sql", sql: next),
        ])
        #expect(try federation.open("south", recovers: true, schema: upgraded).counts.isRecovering)
        for table in ["plain", "later"] {
            let error = #expect(throws: StoreError.self) {
                try federation.foreign(
                    "south", "sqlite3", ["-batch"], input: "INSERT INTO \(table)(id) VALUES('too early');\n")
            }
            #expect(error?.reason.contains("fetching its own entries back") == true)
        }
        try await federation.exchange(from: "west", to: "south")
        try await federation["south"].finishRecovery()
        #expect(try federation["south"].state().applied == head)
        try federation.foreign("south", "sqlite3", ["-batch"], input: "INSERT INTO later(id) VALUES('now');\n")
        #expect(try await federation["south"].sealForeign() == .sealed)
    }

    @Test func writesWhileTheDaemonIsDownAreSealedAtStart() async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        try await fill(federation)
        federation.closeWithoutCheckpoint("south")
        try federation.foreign(
            "south", "sqlite3", ["-batch"],
            input:
                """
                DELETE FROM plain WHERE id = 's1'; INSERT INTO plain(id, a) VALUES('s1', 'again'), ('offline', \
                x'00ff');\n
                """
        )
        try federation.open("south")
        try await expectSame(federation)
        #expect(
            try await federation.rows("west", "SELECT a FROM plain WHERE id IN ('offline', 's1') ORDER BY id") == [
                [.blob([0, 255])], [.string("again")],
            ])
    }

    @Test func damagedForgedAndForkedSlicesAreRefused() async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        try await federation.write("south", "INSERT INTO plain(id) VALUES('a')")
        try await federation.write("south", "INSERT INTO plain(id) VALUES('b')")
        let origin = try federation.origin("south")
        let good = try #require(try federation["south"].read(origin: origin, after: 0, bytesMax: 1 << 20))
        let west = try federation["west"]
        var random = SplitMix64(state: 7)
        for _ in 0..<300 {
            var bad = good
            switch Int.random(in: 0..<5, using: &random) {
            case 0:
                bad.body[Int.random(in: 0..<bad.body.count, using: &random)] ^= UInt8.random(
                    in: 1...255, using: &random)
            case 1: bad.body.removeLast(Int.random(in: 1...bad.body.count, using: &random))
            case 2: bad.signature[Int.random(in: 0..<64, using: &random)] ^= 1
            case 3: bad.count = Int.random(in: 3...9, using: &random)
            default: bad.first = UInt64.random(in: 2...9, using: &random)
            }
            await #expect(throws: SliceRefused.self) { try await west.receive(bad) }
        }
        #expect(west.state().logged == VersionVector())
        try await west.receive(good)
        try await west.receive(good)
        // The same park, the same key, another history: a fork.
        federation.closeWithoutCheckpoint("south")
        for suffix in ["", "-wal", "-shm"] {
            try FileManager.default.removeItem(atPath: federation.path("south") + suffix)
        }
        try federation.open("south")
        for name in ["x", "y", "z"] { try await federation.write("south", "INSERT INTO plain(id) VALUES('\(name)')") }
        let fork = try #require(try federation["south"].read(origin: origin, after: 0, bytesMax: 1 << 20))
        do {
            try await west.receive(fork)
            Issue.record("a fork was accepted")
        } catch let refusal as SliceRefused { #expect(refusal.cause == .fork) }
        #expect(try await federation.rows("west", "SELECT count(*) FROM plain") == [[.integer(2)]])
    }

    @Test func futureStampsAreHeldUntilTheirTime() async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        let now = federation.clock.wallMilliseconds()
        federation.clock.set(now + 3_600_000)
        try await federation.write("south", "INSERT INTO plain(id) VALUES('early')")
        federation.clock.set(now)
        try await federation.exchange(from: "south", to: "west")
        #expect(try federation["west"].stuck.first?.cause.contains("ahead of this node's clock") == true)
        #expect(try await federation.rows("west", "SELECT * FROM plain") == [])
        federation.clock.set(now + 3_600_000)
        try await federation["west"].housekeep()
        try await expectSame(federation)
    }

    @Test func asecondDaemonIsKeptOff() throws {
        let federation = try Federation(["south"], schema: shapes)
        #expect(throws: StoreError.self) { try federation.open("south") }
    }
}
