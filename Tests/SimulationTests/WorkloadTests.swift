import Foundation
import ParkSyncCore
import ParkSyncStore
import Testing

@testable import ParkSyncSimulation

/// Work is what its seed says, survives being written down, and does what its outcome says.
@Suite struct WorkloadTests {
    @Test func everyKindIsMadeAndDoesWhatItSays() async throws {
        let federation = try SmallFederation(["south", "west"])
        var workload = Workload(seed: 3)
        workload.massRowsMax = 300
        var made: Set<String> = []
        for round in 0..<4 {
            for kind in Workload.Kind.allCases {
                for park in federation.parks {
                    let place = try federation.place(park)
                    guard let activity = workload.make(kind, at: place) else { continue }
                    let decoded = try JSONDecoder().decode(Activity.self, from: try JSONEncoder().encode(activity))
                    #expect(decoded == activity)
                    made.insert(kind.rawValue)
                    do {
                        try await federation.perform(decoded, at: park)
                        #expect(activity.outcome != .fails, "\(activity)")
                    } catch {
                        #expect(activity.outcome != .succeeds, "\(activity): \(error)")
                        #expect(try federation.place(park).contents == place.contents, "\(activity)")
                    }
                }
            }
            if round > 0 { try await federation.converge() }
        }
        #expect(made == Set(Workload.Kind.allCases.map(\.rawValue)))
        #expect(Set(Workload.weights.map(\.kind.rawValue)) == made)
    }

    @Test func oneSeedGivesOneHistory() throws {
        let federation = try SmallFederation(["south"])
        let place = try federation.place("south")
        func history(_ seed: UInt64) -> [Activity] {
            var workload = Workload(seed: seed)
            return (0..<200).map { _ in workload.next(at: place) }
        }
        #expect(history(5) == history(5))
        #expect(history(5) != history(6))
        let markers = history(5).compactMap(\.marker)
        #expect(Set(markers).count == markers.count && markers.count > 50)
    }

    @Test func valuesAreWrittenAsOneWord() throws {
        let values: [Value] = [
            .null, .integer(.min), .double(-0.0), .text([0xFF]), .text([0]), .text([]), .string("é"),
            .string("e\u{301}"), .string("\u{301}x"),
            .string("\r\n"), .blob([]), .blob([1, 2]), .double(.infinity),
        ]
        #expect(try JSONDecoder().decode([Value].self, from: try JSONEncoder().encode(values)) == values)
        for word in ["", "X", "N1", "Ix", "T0", "Bzz", "Rx"] {
            #expect(throws: DecodingError.self) {
                try JSONDecoder().decode([Value].self, from: try JSONEncoder().encode([word]))
            }
        }
    }

    @Test func instantsAreThoseOfTheSchema() {
        #expect(ValueMix.instant(0) == "1970-01-01T00:00:00Z")
        #expect(ValueMix.instant(1_790_000_000_000) == "2026-09-21T14:13:20Z")
        #expect(
            ValueMix.instant(951_782_399_000) == "2000-02-28T23:59:59Z"
                && ValueMix.instant(951_782_400_000) == "2000-02-29T00:00:00Z")
    }
}
