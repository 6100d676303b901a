import Testing

@testable import ParkSyncServer

/// Which connection of the peer interface gives way to which.
@Suite struct ConnectionTableTests {
    @Test func theOldestStrangerGivesWay() {
        var table = ConnectionTable()
        var ids: [UInt64] = []
        for _ in 0..<ConnectionTable.strangersPerAddressMax {
            let (id, close) = table.come(from: "192.0.2.1")
            #expect(close.isEmpty)
            ids.append(id)
        }
        #expect(table.come(from: "192.0.2.1").close == [ids[0]])
        // Another address has room of its own, until all strangers together are too many.
        var number = 2
        while table.count < ConnectionTable.strangersMax {
            #expect(table.come(from: "192.0.2.\(number)").close.isEmpty)
            number += 1
        }
        #expect(table.come(from: "192.0.2.\(number)").close == [ids[1]])
        #expect(table.count == ConnectionTable.strangersMax)
    }

    @Test func aParkThatIsKnownIsNoStranger() {
        var table = ConnectionTable()
        var ids: [UInt64] = []
        for _ in 0..<ConnectionTable.connectionsPerParkMax {
            let id = table.come(from: "192.0.2.1").id
            #expect(table.introduce(id, as: "west").isEmpty)
            ids.append(id)
        }
        // Many strangers push none of them out; one more of the park does.
        for _ in 0..<ConnectionTable.strangersMax * 2 {
            #expect(Set(table.come(from: "192.0.2.1").close).isDisjoint(with: ids))
        }
        let other = table.come(from: "192.0.2.1").id
        #expect(table.introduce(other, as: "airport").isEmpty)
        #expect(table.introduce(table.come(from: "192.0.2.1").id, as: "west") == [ids[0]])
        // One that had to go before its handshake was done is told so.
        #expect(table.introduce(ids[0], as: "west") == [ids[0]])
        #expect(Set(table.leaveAll()).isSuperset(of: ids.dropFirst()) && table.count == 0)
    }
}
