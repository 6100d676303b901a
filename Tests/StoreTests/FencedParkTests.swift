import Foundation
import ParkSyncCore
import ParkSyncFiles
import ParkSyncReplication
import ParkSyncReports
import Testing

@testable import ParkSyncStore

/// A park that is taken out of the zone: what counts of it, and how it comes back.
@Suite struct FencedParkTests {
    /// South proposes to take West out, and Airport consents; South has not heard of that yet.
    private func fenceWest(_ federation: Federation) async throws {
        #expect(try await !federation["south"].fence("west").isDecided)
        try await federation.exchange(from: "south", to: "airport")
        #expect(try await federation["airport"].fence("west").isDecided)
    }

    @Test func aSilentParkIsNamedAndItsFenceReleasesTheRest() async throws {
        let federation = try await Federation.withDeletedRow()
        let south = try federation["south"]
        #expect(try await federation["airport"].acknowledge())
        try await federation.converge()
        var report = try await south.retention()
        #expect(report.heldBy == [RetentionStatus.Holder(park: "west", since: nil)])
        await #expect(throws: StoreError.self) { try await south.fence("south") }
        await #expect(throws: StoreError.self) { try await south.fence("nowhere") }
        let word = try await south.fence("west")
        let proposal = FenceProposalStatus(park: "west", kind: .fence, consents: ["south"], needed: 2)
        #expect(
            !word.isDecided && word == FenceReport(origin: "south", seq: word.seq, isDecided: false, proposal: proposal)
        )
        #expect(try await south.fence("west") == word, "it is said once")
        report = try await south.retention()
        #expect(report.proposals == [proposal] && report.fencing == [] && report.fenced == [])
        #expect(try await south.compact().seq == nil)
        try await federation.exchange(from: "south", to: "airport")
        let airport = try federation["airport"]
        #expect(try await airport.retention().proposals == [proposal])
        let last = try await airport.fence("west")
        #expect(last.isDecided && last.consents == ["airport", "south"])
        await #expect(throws: StoreError.self) { try await airport.fence("west") }
        try await federation.exchange(from: "airport", to: "south")
        report = try await south.retention()
        #expect(report.fencing == ["west"] && report.fenced == [] && report.proposals == nil)
        #expect(try await south.acknowledge())
        report = try await south.retention()
        #expect(report.fenced == ["west"] && report.heldBy == [] && report.droppableRows == 1)
        #expect(try await south.compact().droppedRows == 1)
        // West hears of it, writes nothing more by any way, and says why.
        try await federation.exchange(from: "south", to: "west")
        let refusal = await #expect(throws: StoreError.self) {
            try await federation.write("west", "INSERT INTO item VALUES('w', 1, 1)")
        }
        #expect(refusal?.code == .fenced && refusal?.reason.contains("comes back") == true)
        #expect(throws: StoreError.self) {
            try federation.foreign("west", "sqlite3", ["-batch"], input: "INSERT INTO item VALUES('v', 1, 1);\n")
        }
        federation.closeWithoutCheckpoint("west")
        try federation.open("west")
        #expect(try federation["west"].counts.fenced != nil)
        #expect(throws: StoreError.self) {
            try federation.foreign("west", "sqlite3", ["-batch"], input: "DELETE FROM item;\n")
        }
    }

    /// What one park had of a fenced one comes to all; what nobody had stays out, alike everywhere.
    @Test func entriesOfAFencedParkCountAsFarAsAnyParkHadThem() async throws {
        let federation = try await Federation.withDeletedRow()
        for park in ["west", "airport"] { #expect(try await federation[park].acknowledge()) }
        try await federation.converge()
        try await federation.write("west", "INSERT INTO item VALUES('airport knows', 1, 1)")
        try await federation.exchange(from: "west", to: "airport")
        try await federation.write("west", "INSERT INTO item VALUES('nobody knows', 1, 1)")
        // South, which has neither, proposes a fence; Airport consents, and says so what it had.
        try await fenceWest(federation)
        try await federation.exchange(from: "airport", to: "south")
        // South gets both entries, from west itself: only the vouched one counts.
        try await federation.exchange(from: "west", to: "south")
        #expect(try federation["south"].stuck.contains { $0.cause.contains("fenced") })
        #expect(try await federation["south"].acknowledge())
        try await federation.exchange(from: "south", to: "airport")
        for park in ["south", "airport"] {
            #expect(
                try await federation.rows(park, "SELECT id FROM item WHERE id LIKE '%knows'") == [
                    [.string("airport knows")]
                ], "\(park)")
        }
        #expect(try await federation.dump("south") == federation.dump("airport"))
        #expect(try federation["south"].state().digest == federation["airport"].state().digest)
        #expect(try federation["south"].stuck.map(\.seq) == [3])
        #expect(try await federation["south"].retention().fenced == ["west"])
        // West learns of it from the log, and takes no more writes.
        try await federation.exchange(from: "south", to: "west")
        let refusal = await #expect(throws: StoreError.self) { try await federation.write("west", "DELETE FROM item") }
        #expect(refusal?.code == .fenced && refusal?.reason.contains("taken out of the zone by entry airport:") == true)
    }

    /// A park of which the zone had nothing yet may begin after its fence: with an entry that all
    /// have to see first.
    @Test func whoComesBackBeginsWithAReceipt() async throws {
        let federation = try Federation(["airport", "south", "west"], schema: Federation.itemSchema)
        try await federation.write("south", "INSERT INTO item VALUES('x', 1, 1)")
        try await fenceWest(federation)
        try await federation.converge()
        let west = try federation["west"]
        let early = await #expect(throws: StoreError.self) { try await federation.write("west", "DELETE FROM item") }
        #expect(early?.code == .fenced)
        #expect(try await west.acknowledge())
        try await federation.exchange(from: "west", to: "south")
        #expect(try await federation["south"].acknowledge())
        try await federation.exchange(from: "south", to: "west")
        let waiting = await #expect(throws: StoreError.self) { try await federation.write("west", "DELETE FROM item") }
        #expect(
            waiting?.reason.contains("airport") == true && waiting?.reason.contains("south") == false,
            "\(waiting?.reason ?? "")")
        try await federation.exchange(from: "west", to: "airport")
        #expect(try await federation["airport"].acknowledge())
        try await federation.exchange(from: "airport", to: "west")
        try await federation.write("west", "DELETE FROM item")
        try federation.foreign("west", "sqlite3", ["-batch"], input: "INSERT INTO item VALUES('back', 1, 1);\n")
        try await federation.converge()
        for park in federation.parks {
            #expect(try await federation.rows(park, "SELECT id FROM item") == [[.string("back")]], "\(park)")
        }
        #expect(try await federation["south"].retention().fenced == [])
    }

    /// Nobody can go on with a log that was fenced: what the zone has not of it would be in the way
    /// for ever.
    @Test func aParkThatHadWrittenComesBackAsANewOrigin() async throws {
        let federation = try await Federation.withDeletedRow()
        for park in ["west", "airport"] { #expect(try await federation[park].acknowledge()) }
        try await federation.converge()
        try await federation.write("west", "INSERT INTO item VALUES('known', 1, 1)")
        try await federation.exchange(from: "west", to: "airport")
        try await federation.write("west", "INSERT INTO item VALUES('too late', 1, 1)")
        try await fenceWest(federation)
        try await federation.exchange(from: "airport", to: "south")
        #expect(try await federation["south"].acknowledge())
        // It comes to all, and counts nowhere.
        try await federation.exchange(from: "west", to: "airport")
        try await federation.exchange(from: "airport", to: "south")
        federation.closeWithoutCheckpoint("west")
        for suffix in ["", "-wal", "-shm"] {
            try FileManager.default.removeItem(atPath: federation.path("west") + suffix)
        }
        let west = try federation.open("west", recovers: true, checks: true)
        for park in ["south", "airport"] { try await federation.exchange(from: park, to: "west") }
        try await west.finishRecovery()
        #expect(west.state().origin.name == "west~2")
        #expect(throws: StoreError.self) {
            try federation.foreign("west", "sqlite3", ["-batch"], input: "DELETE FROM item;\n")
        }
        let early = await #expect(throws: StoreError.self) { try await federation.write("west", "DELETE FROM item") }
        #expect(early?.code == .fenced && early?.reason.contains("comes back") == true)
        #expect(try await west.acknowledge())
        for park in ["south", "airport"] {
            try await federation.exchange(from: "west", to: park)
            #expect(try await federation[park].acknowledge())
            try await federation.exchange(from: park, to: "west")
        }
        try await federation.write("west", "INSERT INTO item VALUES('back', 1, 1)")
        try federation.foreign("west", "sqlite3", ["-batch"], input: "INSERT INTO item VALUES('by hand', 1, 1);\n")
        try await federation.converge()
        for park in federation.parks {
            let ids = try await federation.rows(park, "SELECT id FROM item ORDER BY id").map { $0[0] }
            #expect(ids == ["back", "by hand", "known", "y"].map { .string($0) }, "\(park)")
            #expect(try federation[park].state().digest == federation["south"].state().digest, "\(park)")
            #expect(try await federation[park].verify().findings == [], "\(park)")
        }
        #expect(try await federation["south"].retention().fenced == [])
        // It goes on as what it is.
        federation.closeWithoutCheckpoint("west")
        #expect(try federation.open("west", checks: true).state().origin.name == "west~2")
    }

    /// The own log of a park that has lost its file may be back before it hears that it was taken
    /// out meanwhile.
    @Test(arguments: [false, true]) func aFenceThatComesAfterTheOwnLogIsNoDeadEnd(leavesOut: Bool) async throws {
        let federation = try Federation(["airport", "south", "west"], schema: Federation.itemSchema)
        try await federation.write("west", "INSERT INTO item VALUES('known', 1, 1)")
        if !leavesOut { for park in ["airport", "south"] { try await federation.exchange(from: "west", to: park) } }
        try await fenceWest(federation)
        try await federation.exchange(from: "airport", to: "south")
        // It has come to all, and counts where it had come in time.
        for park in ["airport", "south"] { try await federation.exchange(from: "west", to: park) }
        federation.closeWithoutCheckpoint("west")
        for suffix in ["", "-wal", "-shm"] {
            try FileManager.default.removeItem(atPath: federation.path("west") + suffix)
        }
        let west = try federation.open("west", recovers: true, checks: true)
        let (own, south) = (try federation.origin("west"), try federation["south"])
        let log = try #require(try south.answer(own, after: west.want(own), of: west.state().origin, bytesMax: 1 << 20))
        try await west.receive(log)
        try await west.finishRecovery()
        #expect(west.state().origin == own && west.state().applied[own] == 1, "writes are accepted")
        for park in ["south", "airport"] { try await federation.exchange(from: park, to: "west") }
        let shut = await #expect(throws: StoreError.self) { try await federation.write("west", "DELETE FROM item") }
        #expect(shut?.code == .fenced)
        #expect(try await west.acknowledge())
        #expect(west.state().origin.name == "west~2")
        #expect(try await west.acknowledge())
        for _ in 0..<2 {
            for park in ["south", "airport"] {
                try await federation.exchange(from: "west", to: park)
                _ = try await federation[park].acknowledge()
                try await federation.exchange(from: park, to: "west")
            }
        }
        try await federation.write("west", "INSERT INTO item VALUES('back', 1, 1)")
        try await federation.converge()
        for park in federation.parks {
            let ids = try await federation.rows(park, "SELECT id FROM item ORDER BY id").map { $0[0] }
            #expect(ids == (leavesOut ? ["back"] : ["back", "known"]).map { .string($0) }, "\(park)")
            #expect(try await federation.dump(park) == federation.dump("south"), "\(park)")
            #expect(try await federation[park].verify().findings == [], "\(park)")
        }
        // It stays what it is.
        federation.closeWithoutCheckpoint("west")
        #expect(try federation.open("west", checks: true).state().origin.name == "west~2")
    }

    @Test func aFencedParkStaysShutWhenItsLogHasBeenCompared() async throws {
        let federation = try await Federation.withDeletedRow()
        for park in ["west", "airport"] { #expect(try await federation[park].acknowledge()) }
        try await federation.converge()
        try await fenceWest(federation)
        try await federation.converge()
        federation.closeWithoutCheckpoint("west")
        let west = try federation.open("west", checks: true)
        try await west.finishRecovery()
        #expect(throws: StoreError.self) {
            try federation.foreign("west", "sqlite3", ["-batch"], input: "DELETE FROM item;\n")
        }
        #expect(try await west.sealForeign() == .nothing)
        let refusal = await #expect(throws: StoreError.self) { try await federation.write("west", "DELETE FROM item") }
        #expect(refusal?.code == .fenced)
    }
}
