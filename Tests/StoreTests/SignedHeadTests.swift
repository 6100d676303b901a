import Crypto
import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import Testing

@testable import ParkSyncStore

/// What a store makes of heads that peers name.
@Suite("Signed heads", .serialized) struct SignedHeadTests {
    private func zone() async throws -> Federation {
        let federation = try Federation(["south", "west", "airport"], schema: shapes)
        for index in 0..<5 {
            try await federation.write("south", "INSERT INTO plain(id, a) VALUES('s\(index)', \(index))")
            try await federation.converge()
        }
        return federation
    }

    private func head(
        _ seq: UInt64, _ byte: UInt8, signedBy park: String?, of origin: OriginID, _ federation: Federation
    ) throws -> LogBranch.Head {
        var head = LogBranch.Head(
            seq: seq, hash: [UInt8](repeating: byte, count: 32), signature: [UInt8](repeating: byte, count: 64))
        let message = EntryChain.headMessage(origin: origin, seq: seq, hash: head.hash)
        if let park { head.signature = Array(try federation.key(park).signature(for: message)) }
        return head
    }

    @Test(
        "A head of the own log counts if it is here, or if it is signed with the own key",
        arguments: [1, 3, 5, 6, 1_000_000] as [UInt64])
    func ownHeads(_ seq: UInt64) async throws {
        let federation = try await zone()
        let (south, origin) = (try federation["south"], try federation.origin("south"))
        for signer in [nil, "west"] {
            let finding = south.compare(
                LogBranch(origin: origin, heads: [try head(seq, 9, signedBy: signer, of: origin, federation)]))
            #expect(finding == BranchFinding(.same, proven: 0, fault: "south:\(seq)"))
        }
        let proof = south.compare(
            LogBranch(origin: origin, heads: [try head(seq, 9, signedBy: "south", of: origin, federation)]))
        #expect(proof.fault == nil && proof.proven == seq)
        #expect(seq > 5 ? proof.fit == .more : proof.fit == .differs(common: seq == 1 ? 0 : nil, from: seq))
        // A later incarnation is the park's as well.
        let later = try #require(OriginID("south~2"))
        #expect(
            south.compare(LogBranch(origin: later, heads: [try head(seq, 9, signedBy: "west", of: later, federation)]))
                .fault != nil)
        #expect(
            south.compare(LogBranch(origin: later, heads: [try head(seq, 9, signedBy: "south", of: later, federation)]))
                .proven == seq)
        // What is here needs no signature.
        var known = try #require(try federation["west"].head(of: origin, upTo: min(seq, 5)))
        known.signature = []
        #expect(south.compare(LogBranch(origin: origin, heads: [known])) == BranchFinding(.same, proven: min(seq, 5)))
    }

    /// Entries that came in one piece have one signature; the others show where two logs part,
    /// below a head that is signed.
    @Test("Hashes without a signature count below a signed head, and nowhere else") func hashesWithoutSignature()
        async throws
    {
        let federation = try await zone()
        let (south, origin) = (try federation["south"], try federation.origin("south"))
        func hint(_ seq: UInt64) throws -> LogBranch.Head {
            var hint = try head(seq, 9, signedBy: nil, of: origin, federation)
            hint.signature = []
            return hint
        }
        #expect(try south.compare(LogBranch(origin: origin, heads: [hint(4)])).fault == "south:4")
        var known = try #require(try south.head(of: origin, upTo: 2))
        known.signature = []
        let newest = try head(5, 8, signedBy: "south", of: origin, federation)
        let finding = south.compare(LogBranch(origin: origin, heads: [newest, try hint(4), try hint(3), known]))
        #expect(finding == BranchFinding(.differs(common: 2, from: 3), proven: 5))
        // Of another park's log they are no proof, and no lie.
        let west = try federation["west"]
        #expect(try west.compare(LogBranch(origin: origin, heads: [hint(4)])) == BranchFinding(.same, proven: 0))
        try await west.housekeep()
        #expect(try west.isForked(origin) == false)
    }

    @Test("Each of two stores with two logs of a park keeps the other's head as proof") func equivocation() async throws
    {
        let federation = try await zone()
        let airport = try federation.origin("airport")
        var one = ForgedLog(federation, park: "airport")
        let shared = try one.entry([])
        var other = one
        for name in ["south", "west"] { try await federation[name].receive(shared) }
        try await federation["south"].receive(try one.entry([]))
        try await federation["west"].receive(
            try other.entry([.init(table: "nowhere", columns: 1, changes: [.init(key: [.integer(1)], values: [.null])])]
            ))
        for (park, peer) in [("south", "west"), ("west", "south")] {
            let theirs = LogBranch(origin: airport, heads: try federation[peer].heads(of: airport, from: 2))
            #expect(try federation[park].isForked(airport) == false)
            let finding = try federation[park].compare(theirs)
            #expect(finding.fit == .differs(common: 1, from: 2) && finding.fault == nil)
            // The queue keeps it.
            try await federation[park].housekeep()
            let forks = try await federation[park].forks(limit: 10)
            let known = try #require(try federation[peer].head(of: airport, upTo: 2))
            #expect(
                forks.map(\.seq) == [2] && forks.first?.otherHash == Hex.encode(known.hash)
                    && forks.first?.otherSignature == Hex.encode(known.signature))
            #expect(forks.first?.keptSignature != nil)
            #expect(try federation[park].isForked(airport))
            // Told again, it is no second proof.
            _ = try federation[park].compare(theirs)
            try await federation[park].housekeep()
            #expect(try await federation[park].forks(limit: 10).count == 1)
        }
        let forged = try head(2, 9, signedBy: "west", of: airport, federation)
        #expect(try federation["south"].compare(LogBranch(origin: airport, heads: [forged])).fault == "airport:2")
        // What is not here yet proves nothing, whoever signed it.
        let early = try head(7, 9, signedBy: "west", of: airport, federation)
        #expect(
            try federation["south"].compare(LogBranch(origin: airport, heads: [early]))
                == BranchFinding(.same, proven: 0))
    }

    @Test("Archived entries have heads as well") func archivedHeads() async throws {
        let federation = try await zone()
        let (west, origin) = (try federation["west"], try federation.origin("south"))
        let before = try west.heads(of: origin, from: 5)
        #expect(before.map(\.seq) == [5, 4, 3, 2, 1])
        #expect(try await west.archive(ArchivePolicy(keepEntries: 1, keepMilliseconds: 0)).entries == 4)
        #expect(try west.heads(of: origin, from: 5) == before)
        let stranger = try #require(OriginID("nobody"))
        #expect(try west.head(of: origin, upTo: 0) == nil)
        #expect(try west.head(of: stranger, upTo: 3) == nil)
    }
}
