import Crypto
import ParkSyncCore
import ParkSyncReplication
import Testing

@testable import ParkSyncStore

/// Another branch of the own log is fetched beside it: whatever a peer shows, sends, or keeps to
/// itself, rows and log stay until all of the branch is there.
@Suite("A branch that is fetched beside the log", .serialized) struct BranchFetchTests {
    private static let shared: UInt64 = 4
    private let south: OriginID

    init() throws { south = try #require(OriginID("south")) }

    /// South has forked after its entry 4: west and airport have three entries "then", it has two
    /// others, "now", and a row that nobody has signed.
    private func forked() async throws -> Federation {
        let federation = try Federation(["south", "west", "airport"], schema: shapes)
        for index in 0..<Self.shared {
            try await federation.write("south", "INSERT INTO plain(id, a) VALUES('s\(index)', \(index))")
        }
        try await federation.converge()
        try federation.copy("south", to: "yesterday")
        // One by one, so that each comes with a signature of its own.
        for name in ["then0", "then1", "then2"] {
            try await federation.write("south", "INSERT INTO bare(id) VALUES('\(name)')")
            try await federation.converge()
        }
        try federation.putBack("yesterday", "south")
        try federation.open("south", checks: true)
        try await federation.check("south", peers: [], policy: HeadGuard.Policy(acceptsWithoutPeers: true))
        for name in ["now0", "now1"] { try await federation.write("south", "INSERT INTO bare(id) VALUES('\(name)')") }
        federation.closeWithoutCheckpoint("south")
        try federation.foreign(
            "south", "sqlite3", ["-batch"], input: "INSERT INTO plain(id, a) VALUES('unsigned', 1);\n")
        try federation.open("south", checks: true)
        return federation
    }

    private func order(_ federation: Federation, from source: String) throws -> BranchOrder {
        BranchOrder(
            source: try federation.origin(source), after: Self.shared,
            heads: try federation.branch(south, at: source).heads, cause: "a test")
    }

    /// Begins to fetch from a peer, as the head guard wants it.
    private func begin(_ federation: Federation, from source: String = "west") async throws {
        try await federation.carryOut(.fetchOwn(cause: "a test"), "south")
        try await federation.carryOut(.stage(try order(federation, from: source)), "south")
    }

    private func slice(_ federation: Federation, from source: String, after seq: UInt64, bytesMax: Int = 1) throws
        -> LogSlice
    {
        try #require(try federation[source].read(origin: south, after: seq, bytesMax: bytesMax))
    }

    /// What must stay as it is.
    private struct Kept: Equatable {
        var rows: [String: [[Value]]]
        var hashes: [[UInt8]?]
        /// Numbers of entries that stand beside the log.
        var aside: String?
    }

    private func kept(_ federation: Federation) async throws -> Kept {
        let store = try federation["south"]
        return Kept(
            rows: try await federation.dump("south"), hashes: try (1...8).map { try store.hash(of: south, seq: $0) },
            aside: try numbers(federation, in: "_parksync_fork"))
    }

    private func numbers(_ federation: Federation, in table: String) throws -> String? {
        try RawProgram(federation.path("south")).text("SELECT ifnull(group_concat(seq), '') FROM \(table)")
    }

    private func expectBoth(_ federation: Federation) async throws {
        #expect(try federation["south"].state().origin.name == "south~2")
        try await expectSame(federation)
        let rows = try await federation.rows(
            "airport", "SELECT id FROM bare UNION ALL SELECT id FROM plain WHERE id = 'unsigned' ORDER BY 1")
        #expect(rows == ["now0", "now1", "then0", "then1", "then2", "unsigned"].map { [.string($0)] })
        #expect(try numbers(federation, in: "_parksync_branch") == "")
    }

    @Test("Nothing changes before the whole branch is there, also over crashes at each step", arguments: [false, true])
    func nothingChangesBefore(crashes: Bool) async throws {
        let federation = try await forked()
        let before = try await kept(federation)
        try await begin(federation)
        for fetched in Self.shared...7 {
            if crashes {
                federation.closeWithoutCheckpoint("south")
                try federation.open("south", checks: true)
            }
            let store = try federation["south"]
            #expect(try await kept(federation) == before, "after \(fetched)")
            #expect(store.branchFetch()?.fetched == fetched && store.branchFetch()?.isWhole == (fetched == 7))
            #expect(
                store.want(south).after == fetched
                    && store.standing() == .fetching(isLost: false, hasBranch: false, isBeside: true))
            await #expect(throws: StoreError.self) {
                try await federation.write("south", "INSERT INTO bare(id) VALUES('early')")
            }
            // Taken too early, it is not taken.
            if fetched < 7 {
                try await federation.carryOut(.takeBranch(cause: "too early"), "south")
                #expect(try await kept(federation) == before, "after \(fetched)")
                try await store.receive(try slice(federation, from: "west", after: fetched))
            }
        }
        try await federation.check("south", peers: ["west", "airport"])
        try await expectBoth(federation)
    }

    @Test(
        "What the park has not signed, or signed elsewhere, is refused; nothing changes, and another peer goes on",
        arguments: [0, 1, 2, 3, 4])
    func wrongEntries(_ kind: Int) async throws {
        let federation = try await forked()
        let before = try await kept(federation)
        try await begin(federation)
        let store = try federation["south"]
        try await store.receive(try slice(federation, from: "west", after: Self.shared))
        var wrong = try slice(federation, from: "west", after: Self.shared + 1)
        switch kind {
        case 0: wrong.body[wrong.body.count - 1] ^= 1
        case 1: wrong.signature = Array(try federation.key("west").signature(for: [1, 2, 3]))
        case 2: wrong.body = Array(wrong.body.dropLast())
        case 3: wrong.first = Self.shared + 3
        default: wrong = try slice(federation, from: "west", after: Self.shared + 2)
        }
        let refusal = await #expect(throws: SliceRefused.self) { try await store.receive(wrong) }
        #expect(refusal?.isForgery == (kind < 3), "\(String(describing: refusal))")
        #expect(try await kept(federation) == before && store.branchFetch()?.fetched == Self.shared + 1)
        // What west sent is a branch that airport has too.
        try await federation.carryOut(.stage(try order(federation, from: "airport")), "south")
        #expect(store.branchFetch()?.fetched == Self.shared + 1 && store.branchFetch()?.source.name == "airport")
        while let fetch = store.branchFetch(), !fetch.isWhole {
            try await store.receive(try slice(federation, from: "airport", after: fetch.fetched))
        }
        #expect(try await kept(federation) == before)
        try await federation.check("south", peers: ["west", "airport"])
        try await expectBoth(federation)
    }

    @Test("A third branch, as well signed as the one that was shown, is found out at the head") func thirdBranch()
        async throws
    {
        let federation = try await forked()
        let before = try await kept(federation)
        // West shows airport's head, and sends what South has signed in a third place.
        var third = ForgedLog(federation, park: "south")
        let (store, west) = (try federation["south"], try federation["west"])
        third.goOn(after: Self.shared, hash: try #require(try west.hash(of: south, seq: Self.shared)))
        try await begin(federation)
        for _ in 0..<2 { try await store.receive(try third.entry([])) }
        #expect(store.branchFetch()?.fetched == Self.shared + 2)
        let refusal = await #expect(throws: SliceRefused.self) { try await store.receive(try third.entry([])) }
        #expect(refusal?.cause == .wrongChain && refusal?.isForgery == true)
        #expect(store.branchFetch()?.fetched == Self.shared)
        #expect(try await kept(federation) == before)
        // Of what came nothing is kept that the next source does not name.
        third.goOn(after: Self.shared, hash: try #require(try west.hash(of: south, seq: Self.shared)))
        for _ in 0..<2 { try await store.receive(try third.entry([])) }
        #expect(store.branchFetch()?.fetched == Self.shared + 2)
        try await federation.carryOut(.stage(try order(federation, from: "airport")), "south")
        #expect(store.branchFetch()?.fetched == Self.shared)
        try await federation.check("south", peers: ["airport"])
        try await expectBoth(federation)
    }

    @Test(
        "Entries beside the log that somebody has changed in the file are fetched again",
        arguments: ["hash", "payload", "signature"])
    func tamperedBranch(column: String) async throws {
        let federation = try await forked()
        let before = try await kept(federation)
        try await begin(federation)
        let store = try federation["south"]
        try await store.receive(try slice(federation, from: "west", after: Self.shared, bytesMax: 1 << 20))
        #expect(store.branchFetch()?.isWhole == true)
        try RawProgram(federation.path("south")).execute(
            """
            UPDATE _parksync_branch SET \(column) = zeroblob(length(\(column))) WHERE seq = (SELECT max(seq) \
            FROM _parksync_branch)
            """
        )
        try await federation.carryOut(.takeBranch(cause: "a test"), "south")
        #expect(try await kept(federation) == before && store.branchFetch() == nil)
        try await federation.check("south", peers: ["west", "airport"])
        try await expectBoth(federation)
    }

    /// The head guard lets the node write on when nobody sends the branch; if it comes after all,
    /// it is taken then.
    @Test("A branch that nobody sends does not keep the node from writing, and is taken when it comes")
    func branchThatComesLate() async throws {
        let federation = try await forked()
        try await begin(federation)
        let store = try federation["south"]
        try await store.receive(try slice(federation, from: "west", after: Self.shared))
        try await federation.carryOut(.acceptWrites(withoutParks: ["west"]), "south")
        #expect(store.standing() == .ready && store.state().origin == south)
        #expect(try await federation.rows("south", "SELECT id FROM plain WHERE id = 'unsigned'").count == 1)
        try await federation.write("south", "INSERT INTO plain(id, a) VALUES('meanwhile', 1)")
        while let fetch = store.branchFetch(), !fetch.isWhole {
            try await store.receive(try slice(federation, from: "west", after: fetch.fetched))
        }
        #expect(store.standing() == .ready)
        try await federation.check("south", peers: ["west", "airport"])
        try await expectBoth(federation)
        #expect(try await federation.rows("airport", "SELECT id FROM plain WHERE id = 'meanwhile'").count == 1)
    }

    /// An old copy that other programs have written into, and a peer that shows more and sends
    /// nothing: the rows stay, and go on under a new incarnation.
    @Test("Rows that nobody has signed stay while more is fetched, and when it is given up", arguments: [false, true])
    func unsignedRows(isGivenUp: Bool) async throws {
        let federation = try Federation(["south", "west", "airport"], schema: shapes)
        try await federation.write("south", "INSERT INTO plain(id, a) VALUES('s', 0)")
        try await federation.converge()
        try federation.copy("south", to: "yesterday")
        for index in 0..<3 {
            try await federation.write("south", "INSERT INTO bare(id) VALUES('then\(index)')")
            try await federation.converge()
        }
        try federation.putBack("yesterday", "south")
        try federation.foreign(
            "south", "sqlite3", ["-batch"], input: "INSERT INTO plain(id, a) VALUES('unsigned', 1);\n")
        let store = try federation.open("south", checks: true)
        let before = try await kept(federation)
        try await federation.carryOut(.fetchOwn(cause: "west has more"), "south")
        #expect(try await kept(federation) == before && store.counts.tentativeEntries == 1)
        #expect(store.want(south).after == CoreLimits.entryNumberMax && store.state().applied[south] == 1)
        let order = BranchOrder(
            source: try federation.origin("west"), after: 1, heads: try federation.branch(south, at: "west").heads,
            cause: "more")
        try await federation.carryOut(.stage(order), "south")
        try await store.receive(try slice(federation, from: "west", after: 1))
        #expect(try await kept(federation) == before)
        if isGivenUp {
            let later = try #require(OriginID("south~4"))
            try await federation.carryOut(
                .writeAnew(withoutParks: ["west"], known: VersionVector([(south, UInt64(4)), (later, UInt64(1))])),
                "south")
            #expect(store.state().origin.name == "south~5", "the names up to there are taken")
            #expect(store.branchFetch() == nil)
        } else {
            try await federation.check("south", peers: ["west", "airport"])
            #expect(store.state().origin == south && store.state().logged[south] == 5)
        }
        #expect(store.standing() == .ready)
        #expect(try await federation.rows("south", "SELECT id FROM plain WHERE id = 'unsigned'").count == 1)
        try await expectSame(federation)
        #expect(try await federation.rows("airport", "SELECT count(*) FROM bare") == [[.integer(3)]])
        #expect(try await store.forks(limit: 10) == [])
    }

    @Test("A branch has its limit in bytes") func limit() async throws {
        let federation = try await forked()
        try await begin(federation)
        let store = try federation["south"]
        let slice = try slice(federation, from: "west", after: Self.shared)
        let verified = try SliceVerifier(schema: federation.schema.schema, members: federation.members).verify(
            slice, previousHash: try #require(try store.hash(of: south, seq: Self.shared)))
        var branch = try #require(store.branchFetch())
        branch.bytes = CoreLimits.branchBytesMax
        let full = branch
        let cause = try await store.onQueue { core -> SliceRefused.Cause? in
            var next = core.current
            do { try core.keepBeside(verified, full, &next) } catch let refusal as SliceRefused { return refusal.cause }
            return nil
        }
        #expect(cause == .tooLong && store.branchFetch()?.fetched == Self.shared)
    }
}
