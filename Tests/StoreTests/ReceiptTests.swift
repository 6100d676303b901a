import Foundation
import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import Testing

@testable import ParkSyncStore

/// What a park acknowledges counts for the entries that it has seen, and not for others that have
/// their numbers.
@Suite(.serialized) struct ReceiptTests {
    private let parks = ["airport", "bio-city", "south", "west"]

    /// South's file is exchanged for an old copy while only Airport is in reach: Airport takes a
    /// branch that South then gives up for what West has. In that branch entry 2 is something else
    /// than the deletion that the others know as south:2.
    private func made() async throws -> Federation {
        let federation = try Federation(parks, schema: shapes)
        try await federation.write("south", "INSERT INTO plain(id, a) VALUES('row', 1)")
        try await federation.converge()
        try federation.copy("south", to: "yesterday")
        try await federation.write("south", "DELETE FROM plain WHERE id = 'row'")
        for park in ["west", "bio-city"] { try await federation.exchange(from: "south", to: park) }
        try federation.putBack("yesterday", "south")
        try federation.open("south", checks: true)
        try await federation.check("south", peers: ["airport"])
        try await federation.write("south", "INSERT INTO bare(id) VALUES('of the branch')")
        try await federation.exchange(from: "south", to: "airport")
        try await federation.check("south", peers: ["west", "bio-city"])
        #expect(try federation["south"].state().origin.name == "south~2")
        try await federation.write("airport", "INSERT INTO bare(id) VALUES('airport')")
        for park in ["south", "bio-city"] { try await federation.write(park, "INSERT INTO bare(id) VALUES('\(park)')") }
        for _ in 0..<2 { for park in parks where park != "airport" { try await exchangeAll(federation, to: park) } }
        try await federation.write("west", "INSERT INTO bare(id) VALUES('west')")
        return federation
    }

    /// All that can be: what forks, is left out.
    private func exchangeAll(_ federation: Federation, to park: String) async throws {
        for from in parks where from != park {
            let (source, target) = (try federation[from], try federation[park])
            for element in source.state().logged.elements where !(from == "airport" && element.origin.name == "south") {
                while let slice = try source.read(
                    origin: element.origin, after: target.state().logged[element.origin], bytesMax: 1 << 20)
                {
                    try await target.receive(slice)
                }
            }
        }
    }

    @Test func aParkOnAnAbandonedBranchVouchesForNothingThatItNeverSaw() async throws {
        let federation = try await made()
        let (airport, south) = (try federation.origin("airport"), try federation.origin("south"))
        let west = try federation["west"]
        #expect(west.state().applied[airport] == 1 && west.state().applied[south] == 2)
        let report = try await west.retention()
        #expect(report.otherBranch == ["airport"] && report.heldBy.map(\.park).contains("airport"), "\(report)")
        #expect(
            report.tombstoneRows == 1 && report.droppableRows == 0
                && VersionVector(parsing: report.frontier)?[south] == 0,
            "airport never saw the deletion")
        #expect(try await federation["south"].firstForks().map(\.waitsFor) == [nil], "airport has another branch")
        #expect(try await west.compact().seq == nil)
        // It is so after a start.
        federation.closeWithoutCheckpoint("west")
        #expect(try await federation.open("west").retention().droppableRows == 0)
        // Airport is mended as the page says: without its file it fetches what the others have, and
        // acknowledges that.
        federation.closeWithoutCheckpoint("airport")
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: federation.path("airport") + suffix)
        }
        try federation.open("airport", recovers: true, checks: true)
        try await federation.check("airport", peers: ["west", "south", "bio-city"])
        for _ in 0..<2 {
            for park in parks { _ = try await federation[park].acknowledge() }
            try await federation.converge()
        }
        let mended = try await federation["west"].retention()
        #expect(mended.otherBranch == nil && mended.droppableRows == 1, "\(mended)")
        #expect(try await federation["south"].firstForks().map(\.waitsFor) == [[]], "the fork is history")
        #expect(try await federation["west"].compact().droppedRows == 1)
        try await expectSame(federation)
    }

    /// Whoever drops the traces all the same is not followed.
    @Test func aCompactionOnSuchAReceiptIsSetAside() async throws {
        let federation = try await made()
        let (airport, south) = (try federation.origin("airport"), try federation.origin("south"))
        var forged = ForgedLog(federation, park: "bio-city", origin: "bio-city~2")
        let seen = try federation["west"].state().applied
        let record = ControlRecord.compaction(frontier: VersionVector([(south, UInt64(2))]))
        let slice = try forged.entry(
            [
                ForgedLog.Block(
                    table: ControlRecord.tableName, columns: 1,
                    changes: [.init(key: [.string(record.key)], values: [.string(record.text)])])
            ],
            dependencies: seen.elements)
        try await federation["west"].receive(slice)
        let stuck = try federation["west"].stuck
        #expect(
            stuck.map(\.state) == [.quarantined]
                && stuck.first?.cause.contains("\(airport.park) had acknowledged 0") == true, "\(stuck)")
        #expect(try await federation["west"].retention().tombstoneRows == 1)
    }

    /// What such a park had of others' logs counts for nothing. Its own log it had: whoever drops
    /// what that deleted has judged as all others do, and is not set aside.
    @Test func aParkOnAnotherBranchVouchesForItsOwnDeletions() async throws {
        let federation = try await made()
        try await federation.write("airport", "DELETE FROM bare WHERE id = 'airport'")
        let others = parks.filter { $0 != "airport" }
        for _ in 0..<2 {
            for park in others { try await exchangeAll(federation, to: park) }
            for park in others { _ = try await federation[park].acknowledge() }
        }
        for park in others { try await exchangeAll(federation, to: park) }
        let report = try await federation["west"].compact()
        #expect(report.seq != nil && report.droppedRows == 1, "\(report)")
        for park in others {
            try await exchangeAll(federation, to: park)
            let stuck = try federation[park].stuck
            #expect(stuck.isEmpty, "\(park): \(stuck)")
            #expect(try await federation[park].retention().tombstoneRows == 1, "\(park)")
        }
    }

    /// Where an entry is missing here nothing can be compared: no healthy park is blamed, and
    /// nothing counts.
    @Test func aHoleInTheOwnLogBlamesNobody() async throws {
        let federation = try Federation(["airport", "south", "west"], schema: shapes)
        for round in 0..<3 {
            for park in federation.parks {
                try await federation.write(park, "INSERT INTO plain(id, a) VALUES('\(park)\(round)', 1)")
            }
            try await federation.converge()
        }
        for park in federation.parks { _ = try await federation[park].acknowledge() }
        try await federation.converge()
        federation.closeWithoutCheckpoint("airport")
        // Of the others' entries, ones that a third park names as the newest it has seen.
        try Connection(path: federation.path("airport"), role: .applier).execute(
            """
            DELETE FROM _parksync_log WHERE id IN (SELECT max(id) - 1 FROM _parksync_log GROUP BY id >> 40
            UNION SELECT min(id) + 1 FROM _parksync_log GROUP BY id >> 40)
            """)
        let report = try await federation.open("airport").retention()
        #expect(report.otherBranch == nil, "\(report)")
    }

    /// Each honest entry says it; where nothing forked, everything fits.
    @Test func whatAnHonestParkSaysFits() async throws {
        let federation = try Federation(["airport", "south", "west"], schema: shapes)
        for round in 0..<3 {
            for park in federation.parks {
                try await federation.write(park, "INSERT INTO plain(id, a) VALUES('\(park)\(round)', 1)")
            }
            try await federation.converge()
        }
        for park in federation.parks {
            let report = try await federation[park].retention()
            #expect(report.otherBranch == nil)
            for entry in try await federation[park].entries(origin: nil, after: nil, limit: 100, changesMax: 0) {
                #expect(entry.header.seenHash?.count == EntryChain.hashBytes, "\(entry.header)")
            }
            federation.closeWithoutCheckpoint(park)
            #expect(try await federation.open(park).retention().otherBranch == nil)
        }
    }
}
