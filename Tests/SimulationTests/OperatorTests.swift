import Foundation
import Testing

@testable import ParkSyncSimulation

/// Commands of operators in histories that are written by hand, so that each is met where it does
/// something.
@Suite struct OperatorTests {
    /// Entries at all nodes, a few milliseconds apart.
    private func writes(_ nodes: Int, from time: UInt64, _ count: UInt64) -> [Step] {
        (0..<count).flatMap { number in
            (0..<nodes).map {
                Step(time + number * 20 + UInt64($0), .write, [$0], 1 + time * 31 + number * 7 + UInt64($0))
            }
        }
    }

    private func run(_ steps: [Step], nodes: Int = 3, seed: UInt64 = 5) throws -> Outcome {
        let history = History(seed: seed, profile: .calm, nodes: nodes, steps: steps.sorted { $0.time < $1.time })
        let (first, second) = (try World.run(history), try World.run(history))
        #expect(first.trace == second.trace && first.counters == second.counters)
        #expect(first.broken == nil, "\(first.broken.map { "\($0)" } ?? "")")
        return first
    }

    @Test func entriesAreArchivedCarriedAndTakenInASnapshot() throws {
        let steps =
            writes(3, from: 1_000, 10) + writes(3, from: 3_000, 3)
            + [
                Step(5_000, .archive, [0], 2), Step(5_100, .isolate, [2]), Step(5_200, .write, [0], 77),
                Step(5_300, .bundle, [0, 2], 2),
                Step(5_400, .join, [2]), Step(9_000, .snapshot, [1, 0]), Step(12_000, .compact, [0]),
            ]
        let counters = try run(steps).counters
        for name in [
            "archived entries", "entries in bundles", "bundle taken twice", "snapshot taken", "recovered", "compact",
            "acknowledged",
        ] {
            #expect(counters[name] > 0, "\(name): \(counters.sorted)")
        }
        #expect(counters["bundle refused"] == 0)
    }

    /// Wherever the power fails, the command ends and the world goes on.
    @Test(arguments: [1, 2, 4, 7, 11] as [UInt64]) func aMachineMayDieInACommand(_ write: UInt64) throws {
        let steps =
            writes(3, from: 1_000, 10) + writes(3, from: 3_000, 3)
            + [
                Step(5_000, .powerAtWrite, [0], write - 1), Step(5_000, .archive, [0]), Step(6_000, .start, [0]),
                Step(8_000, .powerAtWrite, [1], write - 1), Step(8_000, .bundle, [0, 1], 1), Step(9_000, .start, [1]),
                Step(10_000, .powerAtWrite, [0], write - 1), Step(10_000, .compact, [0]), Step(11_000, .start, [0]),
            ]
        #expect(try run(steps).counters["died in a disk write"] > 0)
    }

    @Test func nothingIsLeftOfAWorld() throws {
        let steps = writes(2, from: 1_000, 8) + writes(2, from: 2_000, 2) + [Step(4_000, .archive, [0], 1)]
        let path: String
        do {
            let world = try World(History(seed: 5, profile: .calm, nodes: 2, steps: steps), hasCanary: false, tell: nil)
            path = world.folder.path
            world.run(6_000)
            #expect(world.counters["archived entries"] > 0 && FileManager.default.fileExists(atPath: path))
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func aDiskMayLieAboutSyncs() throws {
        let steps = writes(3, from: 1_000, 10) + [Step(1_040, .lyingSync, [0], 120), Step(4_000, .start, [0])]
        let counters = try run(steps).counters
        #expect(
            counters["power loss on a lying disk"] == 1 && counters["disk lostSync"] > 0 && counters["recovered"] == 1)
    }

    @Test func anOldBackupTakesThePlaceOfTheFile() throws {
        let steps =
            writes(3, from: 1_000, 5)
            + [Step(2_000, .backup, [0])] + writes(3, from: 2_100, 5) + [Step(4_000, .restore, [0])]
            + writes(3, from: 8_000, 3)
        let counters = try run(steps).counters
        #expect(
            counters["old backup restored"] == 1 && counters["head guard: fetched own entries"] == 1
                && counters["recovered"] == 1)
        #expect(counters["incarnation opened"] == 0)
    }

    /// Both machines have written: what nobody has of the first one's is written anew by a later
    /// incarnation.
    @Test func aCloneTakesOverAndTheFirstMachineComesBack() throws {
        let steps =
            writes(3, from: 1_000, 5)
            + [
                Step(2_000, .swap, [0]), Step(3_000, .isolate, [0]), Step(3_100, .write, [0], 501),
                Step(3_200, .write, [0], 502),
                Step(4_000, .swap, [0]),
            ]
            + writes(3, from: 8_000, 3) + [Step(12_000, .swap, [0])] + writes(3, from: 16_000, 3)
        let counters = try run(steps).counters
        #expect(
            counters["clone took over"] == 2 && counters["head guard: set a branch aside"] == 1
                && counters["incarnation opened"] >= 1)
    }

    /// Nobody is there to compare with: no writes, until the operator says so.
    @Test func aLonelyNodeWaitsForTheOperator() throws {
        let lonely =
            writes(2, from: 1_500, 3) + [Step(2_000, .isolate, [0]), Step(3_000, .kill, [0]), Step(3_500, .start, [0])]
        let refused = try run(lonely + [Step(6_000, .write, [0], 9)]).counters
        #expect(refused["transaction failed: notReady"] > 0 && refused["writes accepted without peers"] == 0)
        let accepted = try run(lonely + [Step(5_000, .accept, [0]), Step(6_000, .write, [0], 9)]).counters
        #expect(accepted["writes accepted without peers"] == 1 && accepted["transaction failed: notReady"] == 0)
    }

    @Test func aParkIsTakenOutAndComesBack() throws {
        let steps =
            writes(4, from: 1_000, 6)
            + [Step(3_000, .fence, [0, 3]), Step(5_000, .start, [3]), Step(9_000, .write, [3], 99)]
        let out = try run(steps, nodes: 4).counters
        #expect(out["fence"] == 1 && out["fence heard"] > 0 && out["transaction failed: fenced"] > 0)
        let back = try run(steps + [Step(12_000, .comeBack, [3]), Step(40_000, .write, [3], 100)], nodes: 4).counters
        #expect(back["park came back"] == 1)
    }
}
