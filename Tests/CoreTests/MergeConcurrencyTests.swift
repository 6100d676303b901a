import Testing

@testable import ParkSyncCore

/// Parks that write without hearing of each other, from every state a row can be in, with clocks in
/// every order.
@Suite struct MergeConcurrencyTests {
    /// A row that was never there, is alive, was deleted, and was revived: causal lengths 0 to 3,
    /// known to all parks.
    private static func world(parks: Int, causalLength: Int) -> MergeWorld {
        var world = MergeWorld(parks: parks)
        for step in 0..<causalLength { _ = world.write(0, step == 1 ? .delete : .insert) }
        for park in 1..<parks { _ = world.exchange(from: 0, to: park) }
        return world
    }

    /// Applies the entries in all orders that causality allows.
    /// - Returns: how many orders there were.
    private static func check(_ world: MergeWorld, _ what: @autoclosure () -> String) -> Int {
        let expected = world.oracle()
        let lost = world.inboxOracle()
        var first: MergeWorld.Row?
        var orders = 0
        world.orders { order in
            orders += 1
            var row = MergeWorld.Row()
            for entry in order { row.apply(entry) }
            if let first { #expect(row == first, "\(what()): two orders give different rows") }
            first = row
            #expect(row.values == expected.values && row.count == expected.count, "\(what()): not what the oracle says")
            #expect(row.inbox == lost, "\(what()): not the conflicts that the oracle says")
            guard let clock = row.clock, clock.causalLength.isAlive else { return }
            for column in 0..<2 {
                #expect(clock.winner(of: column) == row.values[column], "\(what()): the clock names another winner")
            }
        }
        return orders
    }

    @Test(arguments: 0...3) func threeParksWriteOnceEach(causalLength: Int) {
        let operations = MergeWorld.Operation.allCases
        let start = Self.world(parks: 3, causalLength: causalLength)
        var orders = 0
        // All orders of three clocks, equal stamps included: then the origin decides.
        for clocks in 0..<27 {
            let stamps = [clocks % 3, clocks / 3 % 3, clocks / 9]
            for choice in 0..<(operations.count * operations.count * operations.count) {
                let chosen = [choice % 6, choice / 6 % 6, choice / 36].map { operations[$0] }
                var world = start
                let isPossible = (0..<3).allSatisfy { world.write($0, chosen[$0], stamp: UInt64(100 + stamps[$0])) }
                if isPossible { orders += Self.check(world, "length \(causalLength), \(chosen), stamps \(stamps)") }
            }
        }
        // A row that is not there can only be inserted.
        #expect(orders == (causalLength % 2 == 1 ? 27 * 216 * 6 : 27 * 1 * 6))
    }

    @Test(arguments: 0...3) func twoParksWriteTwiceEach(causalLength: Int) {
        let operations = MergeWorld.Operation.allCases
        let start = Self.world(parks: 2, causalLength: causalLength)
        var orders = 0
        // Which of the four moments belong to the first park.
        for moments in [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]] {
            let others = (0..<4).filter { !moments.contains($0) }
            for choice in 0..<1_296 {
                let chosen = [choice % 6, choice / 6 % 6, choice / 36 % 6, choice / 216].map { operations[$0] }
                var world = start
                let isPossible = (0..<4).allSatisfy { index in
                    let time = index < 2 ? moments[index] : others[index - 2]
                    return world.write(index / 2, chosen[index], stamp: UInt64(100 + time))
                }
                if isPossible { orders += Self.check(world, "length \(causalLength), \(chosen), moments \(moments)") }
            }
        }
        #expect(orders > (causalLength % 2 == 1 ? 20_000 : 1_000))
    }
}
