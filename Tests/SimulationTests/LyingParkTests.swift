import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import ParkSyncStore
import Testing

@testable import ParkSyncSimulation

/// Every lie that the simulator can tell, told to shipped stores: it comes to what it says, on
/// every node alike, and the model agrees.
@Suite struct LyingParkTests {
    @Test(arguments: Lie.allCases) func aLieComesToWhatItSays(_ lie: Lie) async throws {
        let federation = try SmallFederation(["airport", "south", "west"])
        let parks = ["south", "west"]
        var park = LyingPark(try federation.origin("airport"), key: try federation.key("airport"))
        try await federation.write("south", "INSERT INTO parent(id, title) VALUES('p0', 'honest')")
        try await federation.exchange(from: "south", to: "west")
        let told = try park.tell(lie, now: federation.clock.wallMilliseconds(), victim: "south", count: 20)
        for (index, name) in parks.enumerated() {
            // A fork: each of the two hears another one first.
            let slices = told.fate == .forked && index == 1 ? told.slices.reversed() : told.slices
            var refusals: [SliceRefused.Cause] = []
            for slice in slices {
                do { try await federation[name].receive(slice) } catch let refused as SliceRefused {
                    refusals.append(refused.cause)
                }
            }
            let observed = try federation.observe(name)
            let stuck = try federation[name].stuck
            switch told.fate {
            case .applied: #expect(observed.applied[park.origin] == park.seq && stuck.isEmpty && refusals.isEmpty)
            case .quarantined:
                #expect(
                    observed.quarantined == [EntryName(park.origin, 1)] && stuck.first?.state == .quarantined
                        && refusals.isEmpty)
            case .held:
                #expect(
                    observed.applied[park.origin] == 0 && observed.logged[park.origin] == 1
                        && stuck.first?.state == .held)
            case .refused: #expect(observed.logged[park.origin] == 0 && refusals.count == 1)
            case .forked: #expect(observed.logged[park.origin] == 1 && refusals.count == 1)
            }
        }
        guard told.fate != .forked else { return }
        var oracle = ModelOracle(schemas: federation.schemas)
        for name in parks {
            try federation.observe(name).log[try federation.origin(name)]?.forEach { try oracle.add($0.payload) }
        }
        for payload in told.payloads { try oracle.add(payload) }
        for name in parks {
            let observed = try federation.observe(name)
            #expect(observed.tables == oracle.contents(at: observed.applied, schema: observed.schema).dump)
            #expect(Set(oracle.quarantined(at: observed.applied).keys) == observed.quarantined)
        }
    }
}
