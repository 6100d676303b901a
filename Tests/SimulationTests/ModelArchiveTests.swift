import Foundation
import ParkSyncCore
import ParkSyncReplication
import ParkSyncStore
import Testing

@testable import ParkSyncSimulation

/// The witness reads archived entries like others, and no file that is not what the database says.
@Suite struct ModelArchiveTests {
    /// Two parks whose logs are acknowledged, and South's archived but for the newest entries.
    private func archived() async throws -> (SmallFederation, before: NodeObservation) {
        let federation = try SmallFederation(["south", "west"])
        for index in 0..<12 {
            for park in federation.parks {
                try await federation.write(
                    park, "INSERT INTO item(id, a) VALUES('\(park) \(index)', hex(randomblob(40)))")
            }
        }
        for (from, to) in [("south", "west"), ("west", "south")] {
            try await federation.exchange(from: from, to: to, bytesMax: 1)
        }
        for park in federation.parks {
            try await federation.write(park, "INSERT INTO parent VALUES('\(park)', 'seen')")
        }
        try await federation.exchange(from: "west", to: "south", bytesMax: 1)
        try await federation["south"].housekeep()
        let before = try federation.observe("south")
        federation.clock.advance(1)
        #expect(try await federation["south"].archive(ArchivePolicy(keepEntries: 3, keepMilliseconds: 0)).segments == 2)
        return (federation, before)
    }

    private func file(_ federation: SmallFederation, _ origin: String) throws -> URL {
        let folder = URL(fileURLWithPath: "\(federation.folder)/south.archive/\(origin)")
        return try #require(
            try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil).first)
    }

    @Test func archivedEntriesAreReadLikeOthers() async throws {
        let (federation, before) = try await archived()
        let kept = try SQLiteFile(federation.path("south")).rows("SELECT count(*) FROM _parksync_log")
        #expect(kept == [[.integer(6)]])
        let after = try federation.observe("south")
        #expect(after.log == before.log && after.logged == before.logged && after.archiveFaults == [])
        #expect(after.log.values.map(\.count) == [13, 13])
        var oracle = ModelOracle(schemas: federation.schemas)
        try federation.inform(&oracle)
        #expect(Checks.all([after], oracle: oracle, members: federation.members) == [])
        // Without the folder nobody can tell what is in it.
        let south = try SQLiteFile(federation.path("south"))
        #expect(throws: NodeWitness.Unreadable.self) { try NodeWitness.observe(south, schemas: federation.schemas) }
        let vectors = try NodeWitness.observe(south, schemas: federation.schemas, withLog: false)
        #expect(vectors.logged == before.logged && vectors.log.isEmpty)
    }

    @Test func aFileThatWasTouchedIsNotRead() async throws {
        let (federation, before) = try await archived()
        let file = try file(federation, "west")
        let sound = try Data(contentsOf: file)
        var unnoticed = 0
        for position in stride(from: 0, to: sound.count, by: max(1, sound.count / 150)) {
            var damaged = sound
            damaged[position] ^= 0x10
            try damaged.write(to: file)
            let observed = try federation.observe("south")
            if observed.archiveFaults.isEmpty {
                // A bit of a frame's header may say the same in another way.
                #expect(observed.log == before.log, "byte \(position)")
                unnoticed += 1
            } else {
                let broken = Checks.evidence(observed, members: federation.members)
                #expect(
                    broken.contains { $0.detail.contains("archived entries cannot be read: west:1 to") },
                    "byte \(position)")
            }
        }
        #expect(unnoticed <= 2, "\(unnoticed)")
        // Another origin's segment in its place; one that ends early; none.
        for bytes in [try Data(contentsOf: try self.file(federation, "south")), Data(sound.dropLast()), nil] {
            try? FileManager.default.removeItem(at: file)
            try bytes?.write(to: file)
            #expect(try federation.observe("south").archiveFaults.count == 1)
        }
        try sound.write(to: file)
        #expect(try federation.observe("south").log == before.log)
    }

    /// Files that are whole and list what the database lists, but are wrong inside.
    @Test func aSegmentThatContradictsItselfIsNotRead() async throws {
        let (federation, before) = try await archived()
        let west = try federation.origin("west")
        let entries = try #require(before.log[west]).prefix(10)
        func faults(_ body: (inout Forged) -> Void) throws -> [String] {
            var forged = Forged(origin: west, entries: Array(entries))
            body(&forged)
            let bytes = try forged.file()
            try Data(bytes).write(to: try file(federation, "west"))
            let program = try SQLiteFile(federation.path("south"), canWrite: true)
            let ordinal = try program.rows("SELECT ordinal FROM _parksync_origin WHERE name = 'west'")[0][0]
            try program.rows(
                "UPDATE _parksync_segment SET hash = ?, digest = ?, bytes = ? WHERE id >> 40 = ?",
                [.blob(forged.head), .blob(forged.digest), .integer(Int64(bytes.count)), ordinal])
            return try federation.observe("south").archiveFaults
        }
        #expect(try faults { _ in } == [])
        #expect(try federation.observe("south").log == before.log)
        #expect(try faults { $0.entries[4].hash[0] ^= 1 }.first?.contains("the chain breaks at entry 5") == true)
        #expect(try faults { $0.entries[4].payload[30] ^= 1 }.first?.contains("the chain breaks at entry 5") == true)
        #expect(try faults { $0.entries.swapAt(2, 3) }.first?.contains("the chain breaks at entry 3") == true)
        #expect(try faults { $0.previous[31] = 1 }.first?.contains("the chain breaks at entry 1") == true)
        #expect(try faults { $0.signature[0] ^= 1 }.first?.contains("is not the head") == true)
        #expect(try faults { $0.last = 11 }.first?.contains("says to be west:1 to 11") == true)
        #expect(try faults { $0.trailing = [0] }.first?.contains("follow the end") == true)
        #expect(try faults { $0.length = 100 }.first?.contains("does not come to 100 bytes") == true)
    }

    /// A segment file, well formed whatever it says; its content is compressed by not compressing
    /// it.
    private struct Forged {
        var origin: OriginID
        var entries: [NodeObservation.LoggedEntry]
        var previous = [UInt8](repeating: 0, count: 32)
        var last: UInt64
        var head: [UInt8]
        var signature: [UInt8]
        var trailing: [UInt8] = []
        var length: Int?

        init(origin: OriginID, entries: [NodeObservation.LoggedEntry]) {
            (self.origin, self.entries, last) = (origin, entries, UInt64(entries.count))
            (head, signature) = (entries.last?.hash ?? [], entries.last?.signature ?? [])
        }

        private var content: [UInt8] {
            var bytes: [UInt8] = []
            for entry in entries {
                bytes += SpecEncoding.prefixed(entry.payload) + entry.hash
                bytes.append(entry.signature == nil ? 0 : 1)
                bytes += entry.signature ?? []
            }
            return bytes + trailing
        }
        var digest: [UInt8] { SpecEncoding.sha256(content) }

        func file() throws -> [UInt8] {
            let content = content
            try #require(content.count < 1 << 17)
            // RFC 8878: the magic, a single segment with a content size of four bytes, one raw
            // block, which is the last.
            var frame: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0xA0]
            frame += (0..<4).map { UInt8(truncatingIfNeeded: content.count >> (8 * $0)) }
            frame += (0..<3).map { UInt8(truncatingIfNeeded: (content.count << 3 | 1) >> (8 * $0)) }
            let names = SpecEncoding.prefixed(origin.utf8) + SpecEncoding.varint(1) + SpecEncoding.varint(last)
            let parts = [
                Array("PARKLOG".utf8), [1], names, previous, head, signature,
                SpecEncoding.varint(UInt64(length ?? content.count)), digest,
            ]
            return parts.flatMap { $0 } + frame + content
        }
    }
}
