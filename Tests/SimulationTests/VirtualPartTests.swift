import ParkSyncCore
import ParkSyncReplication
import Testing

@testable import ParkSyncSimulation

/// The parts that a virtual federation is made of.
@Suite struct VirtualPartTests {
    @Test func eventsComeByTimeAndThenInOrder() {
        var queue = VirtualQueue<Int>()
        var random = SplitMix64(state: 7)
        var expected: [(time: UInt64, event: Int)] = []
        for event in 0..<500 {
            let time = random.below(50)
            queue.add(event, at: time)
            expected.append((time, event))
            // Slots are used again.
            if event % 5 == 4, let first = queue.removeFirst() { expected.removeAll { $0.event == first.event } }
        }
        expected.sort { $0.time == $1.time ? $0.event < $1.event : $0.time < $1.time }
        #expect(queue.nextTime == expected.first?.time)
        var found: [Int] = []
        while let next = queue.removeFirst() { found.append(next.event) }
        #expect(found == expected.map(\.event) && queue.nextTime == nil)
    }

    @Test func whoReachesWhom() {
        for count in [2, 3, 12, 60] {
            for shape in [
                Topology.mesh, .hub, .hubs(members: ScaleRun.root(count)), .relay(chord: ScaleRun.root(count)),
            ] {
                for a in 0..<count {
                    #expect(!shape.joins(a, a, of: count))
                    for b in 0..<count { #expect(shape.joins(a, b, of: count) == shape.joins(b, a, of: count)) }
                }
            }
        }
        let neighbours = { (shape: Topology, node: Int) in (0..<60).filter { shape.joins(node, $0, of: 60) } }
        #expect(neighbours(.mesh, 5).count == 59 && neighbours(.hub, 5) == [0] && neighbours(.hub, 0).count == 59)
        #expect(
            neighbours(.hubs(members: 7), 5) == [0]
                && neighbours(.hubs(members: 7), 56) == [0, 7, 14, 21, 28, 35, 42, 49, 57, 58, 59])
        #expect(ScaleRun.root(60) == 7 && neighbours(.relay(chord: 7), 5) == [4, 6, 12, 58])
        #expect(ScaleRun.root(12) == 3 && ScaleRun.root(300) == 17)
    }

    @Test func anUplinkSendsOneByteAfterTheOther() {
        var uplink = Uplink()
        #expect(uplink.send(1_000_000, now: 10, bytesPerMillisecond: nil) == 10)
        #expect(uplink.send(1_000, now: 10, bytesPerMillisecond: 100) == 20)
        #expect(uplink.send(150, now: 12, bytesPerMillisecond: 100) == 22)
        #expect(uplink.send(50, now: 12, bytesPerMillisecond: 100) == 22)
        #expect(uplink.send(100, now: 40, bytesPerMillisecond: 100) == 41, "what was not used is not saved up")
    }

    @Test func digestsAgreeWhateverTheOrder() throws {
        let names = ScaleRun.names(3)
        let authors = names.map { VirtualLog($0, hasDigests: true) }
        for (number, author) in authors.enumerated() {
            for seq in 0..<3 { author.append([UInt8(number), UInt8(seq)]) }
        }
        func copy(_ order: [Int]) throws -> StateDigest? {
            let log = VirtualLog(names[0], hasDigests: true)
            for number in order {
                let after = log.vector[names[number]]
                try log.store(try #require(try authors[number].read(origin: names[number], after: after, bytesMax: 1)))
            }
            return log.state().digest
        }
        let (first, second) = (try copy([0, 0, 1, 2, 1]), try copy([1, 2, 1, 0, 0]))
        #expect(first != nil && first == second)
        #expect(try copy([1, 2, 1, 0, 2]) != first)
        #expect(VirtualLog(names[0]).state().digest == nil)
    }

    @Test func whatIsDroppedIsMissing() throws {
        let names = ScaleRun.names(3)
        let log = VirtualLog(names[2])
        log.drop(names[0])
        for author in [VirtualLog(names[0]), VirtualLog(names[1])] {
            author.append([7])
            try log.store(try #require(try author.read(origin: author.origin, after: 0, bytesMax: 1)))
        }
        #expect(log.vector[names[0]] == 0 && log.vector[names[1]] == 1)
    }
}
