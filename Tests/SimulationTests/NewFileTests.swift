import Crypto
import Dispatch
import ParkSyncCore
import Synchronization
import Testing

@testable import ParkSyncSimulation

/// New files are made once and kept for all worlds of the process: which world came first must not
/// show in any of them.
@Suite struct NewFileTests {
    private func park(_ index: Int, wallAhead milliseconds: Int64 = 0) throws -> SimulatedPark {
        let clock = ParkClock { 0 }
        clock.offset = milliseconds
        let origin = try #require(OriginID(World.parkNames[index]))
        return try SimulatedPark(
            index: index, origin: origin, disk: try World.makeDisk(seed: 1), clock: clock, upgradesSoftware: false)
    }

    private func members(_ indices: Range<Int>) throws -> [String: [UInt8]] {
        try indices.map { try park($0) }.reduce(into: [:]) {
            $0[$1.origin.park] = Array($1.identity.publicKey.rawRepresentation)
        }
    }

    /// What a disk is like that begins with the file.
    private func disk(_ file: VirtualDisk.Snapshot) throws -> VirtualDisk {
        let disk = try World.makeDisk(seed: 9)
        disk.restore(file)
        return disk
    }

    @Test func aFileIsThatOfItsZone() throws {
        let work = try WorldWork(.light, seed: 1)
        for nodes in [3, 5, 3] {
            let zone = try members(0..<nodes)
            let disk = try disk(try work.newFile(of: try park(0), members: zone))
            let file = try SQLiteFile(disk.path(SimulatedPark.file))
            let known = try file.rows("SELECT park FROM _parksync_member ORDER BY park")
            #expect(known == zone.keys.sorted().map { [.text(Array($0.utf8))] }, "\(nodes) nodes")
        }
    }

    /// Zones that no other test has.
    @Test func theClockOfWhoMakesItIsNotInIt() throws {
        let work = try WorldWork(.light, seed: 1)
        let contents = try ([0, 7_200_000] as [Int64]).enumerated().map { index, offset in
            let zone = try members(1..<4 + index).merging(try members(5..<6)) { first, _ in first }
            let disk = try disk(try work.newFile(of: try park(1, wallAhead: offset), members: zone))
            defer { withExtendedLifetime(disk) {} }
            let file = try SQLiteFile(disk.path(SimulatedPark.file))
            return try ["meta", "origin", "schema"].map { try file.rows("SELECT * FROM _parksync_\($0) ORDER BY 1") }
        }
        #expect(contents[0] == contents[1])
    }

    @Test func worldsThatMakeItAtATimeHaveOne() throws {
        let work = try WorldWork(.full, seed: 1)
        let (park, zone) = (try park(1), try members(1..<4))
        let found = Mutex<[ObjectIdentifier]>([])
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            guard let made = try? work.newFile(of: park, members: zone) else { return }
            found.withLock { $0.append(ObjectIdentifier(made)) }
        }
        #expect(found.withLock { $0.count } == 4)
        #expect(Set(found.withLock { $0 }).count == 1)
    }
}
