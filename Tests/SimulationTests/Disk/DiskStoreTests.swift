import Crypto
import ParkSyncCore
import ParkSyncFiles
import ParkSyncReplication
import ParkSyncReports
import ParkSyncSimulation
import ParkSyncStore
import Testing

/// The shipped store on a virtual disk.
@Suite struct DiskStoreTests {
    private struct StoppedClock: NodeClock {
        func monotonicMilliseconds() -> UInt64 { 1_790_000_000_000 }
        func wallMilliseconds() -> UInt64 { 1_790_000_000_000 }
        /// Time does not come to an end that anybody could wait for.
        func sleep(until deadline: UInt64) async throws { throw CancellationError() }
    }

    private struct Machine {
        let disk: VirtualDisk
        let key = Curve25519.Signing.PrivateKey()
        let schema: CompiledSchema
        let origin: OriginID

        init(_ name: String) throws {
            disk = try VirtualDisk(name: name, seed: 1)
            origin = try #require(OriginID("south"))
            schema = try CompiledSchema([
                SchemaFile(
                    name: "001-test.sql",
                    sql:
                        """
                        -- parksync: schema 1\n-- parksync: writer any\nCREATE TABLE plain(id TEXT NOT NULL \
                        PRIMARY KEY, a);\n
                        """
                )
            ])
        }

        func start() throws -> ParkStore {
            try ParkStore(
                StoreOptions(
                    path: disk.path("park.sqlite"), origin: origin, identity: key,
                    members: ["south": Array(key.publicKey.rawRepresentation)],
                    schema: schema, clock: StoppedClock(), locksFile: false))
        }
    }

    /// Writes until an error.
    ///
    /// - Returns: how many were acknowledged.
    private func write(_ store: ParkStore, _ numbers: Range<Int>) async -> Int {
        for number in numbers {
            let statement = StoreStatement(
                sql: "INSERT INTO plain(id, a) VALUES('k\(number)', \(number))", parameters: [])
            do { _ = try await store.transact(StoreTransaction(statements: [statement])) } catch {
                return number - numbers.lowerBound
            }
        }
        return numbers.count
    }

    private func expectIntact(_ store: ParkStore, _ machine: Machine, entries: ClosedRange<Int>) async throws {
        let found = Int(store.state().logged[machine.origin])
        #expect(entries.contains(found))
        #expect(try await store.verify().findings == [])
        let cursor = try await QueryCursor.open(
            "SELECT count(*) FROM plain", [], on: store, timeoutMilliseconds: 10_000)
        defer { cursor.finish() }
        #expect(try await cursor.rest() == [[.integer(Int64(found))]])
    }

    @Test func acknowledgedEntriesSurviveCrashes() async throws {
        let machine = try Machine("store-crashes")
        var stale: [ParkStore] = []
        var store = try machine.start()
        #expect(await write(store, 0..<20) == 20)
        machine.disk.kill()
        stale.append(store)

        store = try machine.start()
        try await expectIntact(store, machine, entries: 20...20)
        #expect(await write(store, 20..<30) == 10)
        machine.disk.losePower(PowerLoss(seed: 3, keptPermille: 0, droppedPermille: 500))
        stale.append(store)

        store = try machine.start()
        try await expectIntact(store, machine, entries: 30...30)
        // The stores of the dead processes fail, and their end disturbs nothing.
        for old in stale { #expect(await write(old, 100..<101) == 0) }
        stale = []
        #expect(await write(store, 30..<40) == 10)
        try await expectIntact(store, machine, entries: 40...40)
        try await store.close()
        #expect(machine.disk.files.map(\.name).contains("park.sqlite"))
    }

    @Test func thePowerMayFailAtAnyWrite() async throws {
        var reached: Set<Int> = []
        for change in stride(from: 1, to: 160, by: 4) {
            let machine = try Machine("store-power")
            machine.disk.arm(.powerLoss, .at(UInt64(change)))
            var acknowledged = 0
            if let store = try? machine.start() { acknowledged = await write(store, 0..<40) }
            try #require(machine.disk.isDead)
            machine.disk.losePower(PowerLoss(seed: UInt64(change) &* 0x9E37_79B9_7F4A_7C15))
            let store = try machine.start()
            try await expectIntact(store, machine, entries: acknowledged...(acknowledged + 1))
            reached.insert(acknowledged)
        }
        #expect(reached.contains(0) && reached.count > 3, "\(reached.sorted())")
    }

    @Test func aLyingDiskLosesEntries() async throws {
        let machine = try Machine("store-lying")
        var store = try machine.start()
        #expect(await write(store, 0..<5) == 5)
        machine.disk.arm(.lostSync, .always)
        #expect(await write(store, 5..<15) == 10)
        machine.disk.losePower(PowerLoss(seed: 1, keptPermille: 0, droppedPermille: 1_000))
        machine.disk.heal()
        store = try machine.start()
        try await expectIntact(store, machine, entries: 5...14)
        #expect(machine.disk.fired(.lostSync) >= 10)
    }
}
