import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import Testing

@testable import ParkSyncStore

/// When a fork is over.
@Suite struct ForkHealingTests {
    // MARK: what the parks' entries say

    private struct Log {
        var name: String
        var entries: UInt64
        var seen: [(String, UInt64)] = []
        var receipt = ReceiptFit.fits
    }

    /// South's log has forked at 3; airport is this node.
    private func healing(_ logs: [Log], parks: [String] = ["airport", "south", "west"]) throws -> ForkHealing {
        var state = StoreState()
        func vector(_ elements: [(String, UInt64)]) throws -> VersionVector {
            VersionVector(try elements.map { (try #require(OriginID($0.0)), $0.1) })
        }
        for (index, log) in logs.enumerated() {
            var origin = OriginState(
                ordinal: Int64(index + 1), origin: try #require(OriginID(log.name)), folded: log.entries,
                logged: log.entries, headHash: EntryChain.genesis, signed: log.entries,
                dependencies: try vector(log.seen))
            origin.receipt = log.receipt
            state.origins.append(origin)
            if log.name == "airport" { (state.own, state.ownDependencies) = (index, try vector(log.seen)) }
        }
        return ForkHealing(try #require(OriginID("south")), first: 3, last: 4, state, parks: parks)
    }

    private let airport = Log(name: "airport", entries: 1, seen: [("south", 4)])
    private let south = Log(name: "south", entries: 5)
    private let second = Log(name: "south~2", entries: 2, seen: [("south", 5)])
    private let west = Log(name: "west", entries: 7, seen: [("south", 4)])

    @Test func itEndsWhenAllHaveAcknowledgedOneBranch() throws {
        let healed = try healing([airport, south, second, west])
        #expect(healed.waitsFor == [] && healed.lateEntry == nil)
    }

    @Test func whoHasNotAcknowledgedItIsWaitedFor() throws {
        #expect(try healing([airport, south, second]).waitsFor == ["west"], "it has never written")
        var early = west
        early.seen = [("south", 3)]
        #expect(try healing([airport, south, second, early]).waitsFor == ["west"])
        var silent = second
        silent.seen = [("south", 2)]
        #expect(try healing([airport, south, silent, west]).waitsFor == ["south"])
        var unknown = west
        unknown.receipt = .unknown
        #expect(try healing([airport, south, second, unknown]).waitsFor == ["west"])
    }

    @Test func aParkMaySayItInAnyOfItsLogs() throws {
        let later = Log(name: "west~2", entries: 1, seen: [("south", 2)])
        #expect(try healing([airport, south, second, west, later]).waitsFor == [])
        #expect(try healing([airport, south, second, later]).waitsFor == ["west"])
    }

    @Test func itStaysOpenWhereABranchIsInUseOrItsParkHasSaidNothing() throws {
        #expect(try healing([airport, south, west]).waitsFor == nil, "south has not gone on")
        var other = west
        other.receipt = .otherBranch
        #expect(try healing([airport, south, second, other]).waitsFor == nil)
        var short = south
        short.entries = 2
        #expect(try healing([airport, short, second, west]).waitsFor == nil, "the log ends before it")
    }

    @Test func aLogThatGoesOnAfterItsParkHasLeftItIsNamed() throws {
        var late = south
        late.seen = [("south~2", 1)]
        var silent = second
        silent.seen = [("south", 2)]
        let found = try healing([airport, late, silent, west])
        #expect(found.lateEntry == 5 && found.waitsFor == [], "whoever writes in it has it")
    }

    // MARK: a zone

    @Test func anOldCopyThatWroteIsHistoryOnceAllHaveSaidSo() async throws {
        let federation = try Federation(["airport", "south", "west"], schema: shapes)
        try await federation.write("south", "INSERT INTO bare(id) VALUES('a')")
        try await federation.converge()
        try federation.copy("south", to: "yesterday")
        try await federation.write("south", "INSERT INTO bare(id) VALUES('then')")
        try await federation.converge()
        try federation.putBack("yesterday", "south")
        try federation.open("south", checks: true)
        try await federation.check("south", peers: [], policy: HeadGuard.Policy(acceptsWithoutPeers: true))
        try await federation.write("south", "INSERT INTO bare(id) VALUES('now')")
        try await federation.check("south", peers: ["airport", "west"])
        #expect(try federation["south"].state().origin.name == "south~2")
        let fresh = try #require(try await federation["south"].firstForks().first)
        #expect(fresh.origin == "south" && fresh.seq == 2)
        #expect(fresh.waitsFor == ["airport", "south", "west"], "nobody has written since")
        try await federation.converge()
        for park in federation.parks { #expect(try await federation[park].acknowledge(), "\(park)") }
        try await federation.converge()
        for park in federation.parks { #expect(try await !federation[park].acknowledge(), "\(park): once is enough") }
        let healed = try #require(try await federation["south"].firstForks().first)
        #expect(healed.isHealed && healed.alsoWrittenAt == nil && healed.firstSeen == fresh.firstSeen)
        #expect(try await federation["south"].forks(limit: 10).count == 1, "the proof stays")
        federation.closeWithoutCheckpoint("south")
        try federation.open("south")
        #expect(try await federation["south"].firstForks() == [healed], "it is read from the file")
        try await expectSame(federation)
    }
}
