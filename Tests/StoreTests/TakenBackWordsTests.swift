import ParkSyncCore
import ParkSyncFiles
import ParkSyncReplication
import ParkSyncReports
import Testing

@testable import ParkSyncStore

/// Fences and votes that a lying park takes back after others have relied on them.
@Suite("Words that were taken back", .serialized) struct TakenBackWordsTests {
    private static let liar = "science-city"

    /// Honest parks that know of one another, a row `x`, and one park whose software is not ours.
    private func zone(_ honest: [String]) async throws -> (Federation, ForgedLog) {
        let federation = try Federation(honest + [Self.liar], schema: shapes)
        federation.closeWithoutCheckpoint(Self.liar)
        try await federation.write(
            "south", "INSERT INTO plain(id, a) VALUES('x', 1)", "INSERT INTO plain(id, a) VALUES('y', 1)")
        for park in honest where park != "south" {
            try await federation.write(park, "INSERT INTO bare(id) VALUES('\(park)')")
        }
        try await exchange(federation, honest)
        try await federation.write("south", "INSERT INTO bare(id) VALUES('south')")
        try await exchange(federation, honest)
        return (federation, ForgedLog(federation, park: Self.liar))
    }

    private func exchange(_ federation: Federation, _ parks: [String]) async throws {
        for _ in 0..<2 {
            for from in parks { for to in parks where from != to { try await federation.exchange(from: from, to: to) } }
        }
        for park in parks { try await federation[park].housekeep() }
    }

    private func block(_ records: [ControlRecord]) -> ForgedLog.Block {
        ForgedLog.Block(
            table: ControlRecord.tableName, columns: 1,
            changes: records.sorted { $0.key < $1.key }.map {
                ForgedLog.Change(key: [.string($0.key)], values: [.string($0.text)])
            })
    }

    /// The first entry of the liar's next log, which takes back what it wrote.
    private func withdrawal(_ federation: Federation, _ later: inout ForgedLog) throws -> LogSlice {
        let origin = try federation.origin(Self.liar)
        return try later.entry([
            block([
                .incarnation(of: origin, after: 0, hash: EntryChain.genesis),
                .withdrawal(of: origin, first: 1, last: 1),
            ])
        ])
    }

    private func later(_ federation: Federation) -> ForgedLog {
        ForgedLog(federation, park: Self.liar, origin: Self.liar + "~2")
    }

    private func out(_ park: String, _ federation: Federation) -> ControlRecord {
        .vote(park: park, .out, members: federation.parks.sorted())
    }

    private func fence(_ park: String, _ federation: Federation) throws -> [ControlRecord] {
        let origin = try federation.origin(park)
        let after = VersionVector([(origin, try federation["south"].state().applied[origin])])
        return [out(park, federation), .fence(park: park, after: after)]
    }

    private func restart(_ federation: Federation, _ parks: String...) throws {
        for park in parks {
            federation.closeWithoutCheckpoint(park)
            try federation.open(park)
        }
    }

    private func expectSame(_ federation: Federation, _ parks: [String], _ comment: Comment? = nil) async throws {
        for park in parks {
            #expect(try await federation.dump(park) == federation.dump(parks[0]), comment)
            #expect(try await federation[park].verify().findings == [], comment)
            #expect(try federation[park].state().digest == federation[parks[0]].state().digest, comment)
        }
    }

    @Test(
        "A fence that its author takes back is in force until it is lifted", arguments: [false, true], [false, true])
    func fenceStays(isKnownFirst: Bool, restarts: Bool) async throws {
        var (federation, forged) = try await zone(["airport", "south", "west"])
        var later = later(federation)
        try await federation.write("south", "DELETE FROM plain WHERE id = 'x'")
        try await exchange(federation, ["airport", "south"])
        // West has not seen the deletion, and nobody has seen what West writes.
        try await federation.write("west", "UPDATE plain SET a = 'of west' WHERE id = 'x'")
        #expect(try await !federation["airport"].fence("west").isDecided)
        try await exchange(federation, ["airport", "south"])
        let said = try forged.entry([block(try fence("west", federation))], seeing: try federation["south"])
        let taken = try withdrawal(federation, &later)
        if isKnownFirst { try await federation["airport"].receive(taken) }
        for park in ["airport", "south"] { try await federation[park].receive(said) }
        for park in ["airport", "south"] { #expect(try federation[park].membership().fenced == ["west"], "\(park)") }
        for park in ["airport", "south"] { _ = try await federation[park].acknowledge() }
        try await exchange(federation, ["airport", "south"])
        // The liar's newest log has acknowledged nothing, for those who know of it.
        #expect(try await federation["south"].compact().droppedRows == (isKnownFirst ? 0 : 1))
        for park in ["airport", "south"] { try await federation[park].receive(taken) }
        if restarts { try restart(federation, "airport", "south") }
        // West hears of all that, and all of what West wrote.
        try await exchange(federation, federation.parks.filter { $0 != Self.liar })
        for park in ["airport", "south"] {
            #expect(try federation[park].membership().fenced == ["west"], "\(park)")
            #expect(
                try federation[park].stuck.map { "\($0.origin):\($0.seq) \($0.state)" } == ["west:2 leftOut"], "\(park)"
            )
            #expect(try await federation.rows(park, "SELECT id FROM plain") == [[.string("y")]], "\(park)")
        }
        try await expectSame(federation, ["airport", "south"])
        let shut = await #expect(throws: StoreError.self) { try await federation.write("west", "DELETE FROM plain") }
        #expect(shut?.code == .fenced)
        // Those who want it back say so, and it goes on with what it had, as one who knows of the
        // deletion.
        _ = try await federation["south"].unfence("west")
        try await exchange(federation, ["airport", "south"])
        #expect(try await federation["airport"].unfence("west").isDecided)
        let honest = ["airport", "south", "west"]
        for round in 0..<3 {
            try await exchange(federation, honest)
            for park in honest { _ = try await federation[park].acknowledge() }
            guard round == 1 else { continue }
            let acknowledged = try later.entry([], seeing: try federation["south"])
            for park in honest { try await federation[park].receive(acknowledged) }
        }
        try await exchange(federation, honest)
        for park in honest {
            #expect(try federation[park].membership().fenced == [], "\(park)")
            #expect(try federation[park].stuck == [], "\(park)")
        }
        #expect(try federation["west"].state().origin.name == "west~2")
        try await federation.write("west", "INSERT INTO plain(id, a) VALUES('back', 1)")
        try await exchange(federation, honest)
        #expect(
            try await federation.rows("south", "SELECT id FROM plain ORDER BY id") == [
                [.string("back")], [.string("y")],
            ])
        try await expectSame(federation, honest)
    }

    @Test("A fence whose author had taken it back waits for the votes on which it stands") func fenceBeforeItsVotes()
        async throws
    {
        var (federation, forged) = try await zone(["airport", "south", "west"])
        var later = later(federation)
        #expect(try await !federation["south"].fence("west").isDecided)
        let said = try forged.entry([block(try fence("west", federation))], seeing: try federation["south"])
        let airport = try federation["airport"]
        for slice in [try withdrawal(federation, &later), said] { try await airport.receive(slice) }
        #expect(airport.membership().fenced == [] && airport.stuck.map(\.state) == [.held], "\(airport.stuck)")
        try await federation.exchange(from: "south", to: "airport")
        #expect(airport.membership().fenced == ["west"] && airport.stuck == [], "\(airport.stuck)")
        #expect(try await airport.verify().findings == [])
    }

    @Test(
        "What was voted on while a park was out counts that park as out, also when the fence is taken back",
        arguments: [false, true])
    func countedWithoutIt(restarts: Bool) async throws {
        let honest = ["airport", "bio-city", "south", "west"]
        var (federation, forged) = try await zone(honest)
        var later = later(federation)
        _ = try await federation["airport"].fence("west")
        try await federation.exchange(from: "airport", to: "south")
        #expect(try await !federation["south"].fence("west").isDecided, "of four others it takes three")
        let said = try forged.entry([block(try fence("west", federation))], seeing: try federation["south"])
        try await exchange(federation, ["airport", "south"])
        for park in ["airport", "south"] { try await federation[park].receive(said) }
        for park in ["airport", "south"] { #expect(try federation[park].membership().fenced == ["west"], "\(park)") }
        #expect(try await !federation["airport"].fence("bio-city").isDecided)
        try await federation.exchange(from: "airport", to: "south")
        // Airport hears of the withdrawal before it hears what South decides, South only then.
        let taken = try withdrawal(federation, &later)
        try await federation["airport"].receive(taken)
        if restarts { try restart(federation, "airport") }
        #expect(try await federation["south"].fence("bio-city").isDecided, "of three others it takes two")
        try await federation.exchange(from: "south", to: "airport")
        try await federation["south"].receive(taken)
        if restarts { try restart(federation, "south") }
        try await exchange(federation, ["airport", "south"])
        for park in ["airport", "south"] {
            #expect(try federation[park].stuck == [], "\(park)")
            #expect(try federation[park].membership().fenced == ["bio-city", "west"], "\(park)")
        }
        try await expectSame(federation, ["airport", "south"])
    }

    /// What is left of one park's power: a word that was given, and of which it says never to have
    /// heard that it was taken back.
    @Test(
        """
        A word that was taken back counts for who says not to know that, everywhere alike, until those who gave \
        none lift what came of it
        """
    )
    func oldWord() async throws {
        let honest = ["airport", "south", "west"]
        var (federation, forged) = try await zone(honest)
        let airport = try federation.origin("airport")
        let word = try await federation["airport"].fence("west").seq
        #expect(try await federation["airport"].unfence("west").isDecided)
        try await exchange(federation, honest)
        // With the newest word of Airport, or with none, the liar is alone.
        let all = try forged.entry([block(try fence("west", federation))], seeing: try federation["south"])
        let none = try forged.entry(
            [block(try fence("west", federation))],
            dependencies: [VersionVector.Element(origin: airport, seq: word - 1)])
        for park in honest { for slice in [all, none] { try await federation[park].receive(slice) } }
        for park in honest {
            #expect(try federation[park].membership().fenced == [], "\(park)")
            #expect(try federation[park].stuck.count == 2, "\(park)")
        }
        let old = try forged.entry(
            [block(try fence("west", federation))], dependencies: [VersionVector.Element(origin: airport, seq: word)])
        for park in honest { try await federation[park].receive(old) }
        for park in honest {
            #expect(try federation[park].membership().fenced == ["west"], "\(park)")
            #expect(try federation[park].stuck.count == 2, "\(park)")
        }
        _ = try await federation["airport"].unfence("west")
        try await federation.exchange(from: "airport", to: "south")
        #expect(try await federation["south"].unfence("west").isDecided)
        try await exchange(federation, honest)
        for park in honest { #expect(try federation[park].membership().fenced == [], "\(park)") }
        #expect(try await federation["west"].acknowledge())
        #expect(try federation["west"].state().origin.name == "west~2")
    }

    @Test("What an entry says that has no effect has none either when it is taken back") func badWords() async throws {
        var (federation, forged) = try await zone(["airport", "south", "west"])
        var later = later(federation)
        let lie = try forged.entry(
            [
                block(
                    try fence("west", federation) + [
                        out("south", federation), .fence(park: "south", after: VersionVector()),
                    ])
            ],
            seeing: try federation["south"])
        let taken = try withdrawal(federation, &later)
        try await federation["airport"].receive(lie)
        #expect(try federation["airport"].stuck.map(\.state) == [.quarantined])
        for park in ["airport", "south"] { for slice in [taken, lie] { try await federation[park].receive(slice) } }
        for park in ["airport", "south"] {
            #expect(try federation[park].membership().fenced == [], "\(park)")
            #expect(try federation[park].stuck == [], "\(park)")
        }
        try await expectSame(federation, ["airport", "south"])
    }
}
