import ParkSyncCore
import ParkSyncReports
import ParkSyncServer
import ParkSyncWire
import Testing

/// A refusal of the peer interface is a goodbye of few bytes, and no JSON.
@Suite struct PeerRefusalTests {
    @Test func aPeersRefusalIsAGoodbye() throws {
        let problem = ProblemDetails(
            code: "snapshot-pending", title: "Wait", status: 503, detail: "It is being made.", remedy: "Ask again.")
        let refusal = PeerRefusal(problem)
        #expect(try PeerRefusal(status: 503, decoding: refusal.encode()) == refusal)
        #expect(
            refusal.kind == "snapshot-pending" && refusal.reason == "Wait: It is being made."
                && refusal.remedy == "Ask again.")
        let long = PeerRefusal(
            status: 400, kind: String(repeating: "k", count: 99), reason: String(repeating: "城", count: 9_999),
            remedy: "")
        #expect(long.encode().count <= PeerRefusal.bytesMax)
        #expect(try PeerRefusal(status: 400, decoding: long.encode()).reason.utf8.count <= 4_096)
    }

    @Test func anythingElseIsNoGoodbye() {
        let whole = PeerRefusal(status: 403, kind: "a", reason: "b", remedy: "c").encode()
        for length in 0..<whole.count {
            #expect(throws: DecodingFailure.self) {
                try PeerRefusal(status: 403, decoding: Array(whole.prefix(length)))
            }
        }
        for place in whole.indices {
            for value: UInt8 in [0, 1, 0x7F, 0x80, 0xFF] where value != whole[place] {
                var changed = whole
                changed[place] = value
                // A changed letter is a goodbye of other words; everything else is none. Neither
                // ends the process.
                if let other = try? PeerRefusal(status: 403, decoding: changed) { #expect(other.encode() == changed) }
            }
        }
        #expect(throws: DecodingFailure.self) { try PeerRefusal(status: 403, decoding: whole + [0]) }
        #expect(throws: DecodingFailure.self) {
            try PeerRefusal(status: 403, decoding: [UInt8](repeating: 0x5B, count: PeerRefusal.bytesMax + 1))
        }
    }
}
