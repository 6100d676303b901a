import ParkSyncCore
import ParkSyncReplication
import Testing

@testable import ParkSyncStore

extension Federation {
    /// Takes what a node in reach is asked for: entries of its own park, and, if the asker fetches
    /// its log back, of the asker's.
    fileprivate func pull(_ asker: String, from peer: String) async throws {
        let (source, target) = (try self[peer], try self[asker])
        for name in [peer, asker] {
            let origin = try origin(name)
            while let slice = try source.read(
                origin: origin, after: target.state().logged[origin], through: source.served(origin), bytesMax: 1 << 20)
            {
                try await target.receive(slice)
            }
        }
    }

    fileprivate func compare(_ park: String, with peer: String) throws -> BranchFit {
        let origin = try origin(park)
        return try self[park].compare(try branch(origin, at: peer)).fit
    }
}

/// What a node hands out of its own log while it fetches that back.
@Suite(.serialized) struct TwoOldCopiesTests {
    private func zone() async throws -> Federation {
        let federation = try Federation(["south", "west", "airport"], schema: shapes)
        try await federation.write("south", "INSERT INTO plain(id, a) VALUES('x', 0)")
        try await federation.converge()
        return federation
    }

    /// Each of the two logs depends on the other, and airport is not asked for either park's
    /// entries as long as both are in reach.
    @Test func twoOldCopiesHelpOneAnother() async throws {
        let federation = try await zone()
        let parks = ["south", "west"]
        for park in parks { try federation.copy(park, to: "old-\(park)") }
        for _ in 1...3 {
            for park in parks {
                try await federation.write(park, "UPDATE plain SET a = a + 1 WHERE id = 'x'")
                try await federation.converge()
            }
        }
        let before = try federation["airport"].state().logged
        for park in parks { try federation.putBack("old-\(park)", park) }
        for park in parks { try federation.open(park, checks: true) }
        for park in parks {
            #expect(try federation[park].served(federation.origin(park)) == 0)
            #expect(try federation.compare(park, with: "airport") == .more)
            try await federation.carryOut(.fetchOwn(cause: "airport has more"), park)
        }
        for (park, other) in [("south", "west"), ("west", "south")] {
            try await federation.pull(park, from: "airport")
            #expect(try federation[park].state().logged[federation.origin(park)] == before[federation.origin(park)])
            #expect(try federation[other].state().logged[federation.origin(park)] < before[federation.origin(park)])
            try await federation[park].housekeep()
            await #expect(throws: StoreError.self) {
                try await federation.carryOut(.acceptWrites(withoutParks: []), park)
            }
            #expect(try federation.compare(park, with: "airport") == .same)
        }
        try await federation.pull("south", from: "west")
        try await federation.pull("west", from: "south")
        for park in parks {
            try await federation[park].housekeep()
            try await federation.carryOut(.acceptWrites(withoutParks: []), park)
            #expect(try federation[park].standing() == .ready)
            #expect(try federation[park].state().applied == before)
        }
        try await federation.write("west", "UPDATE plain SET a = 9 WHERE id = 'x'")
        try await federation.converge()
        let expected = try await federation.dump("airport")
        for park in parks { #expect(try await federation.dump(park) == expected) }
    }

    /// Airport and west have different entries with one number. South gives neither to anybody
    /// before it has chosen.
    @Test func whatPeersDisagreeAboutIsNotHandedOut() async throws {
        let federation = try await zone()
        let origin = try federation.origin("south")
        try federation.copy("south", to: "old")
        let shared = try federation["south"].state().logged[origin]
        for (peer, word) in [("airport", "one"), ("west", "other")] {
            try await federation.write("south", "INSERT INTO bare(id) VALUES('\(word)')")
            try await federation.exchange(from: "south", to: peer)
            try federation.putBack("old", "south")
            try federation.open("south", checks: peer == "west")
        }
        let south = try federation["south"]
        #expect(try federation.compare("south", with: "airport") == .more)
        try await federation.carryOut(.fetchOwn(cause: "airport has more"), "south")
        try await federation.pull("south", from: "airport")
        #expect(try federation.compare("south", with: "airport") == .same)
        #expect(south.served(origin) == shared + 1)
        #expect(try federation.compare("south", with: "west") == .differs(common: shared, from: shared + 1))
        #expect(south.served(origin) == shared)
        #expect(try south.read(origin: origin, after: shared, through: south.served(origin), bytesMax: 1 << 20) == nil)
        try await federation.check("south", peers: ["airport", "west"])
        #expect(south.standing() == .ready && south.served(origin) == .max)
        let expected = try await federation.rows("south", "SELECT id FROM bare ORDER BY id")
        #expect(expected.count == 2)
    }
}
