import ParkSyncCore
import ParkSyncStore

/// Why a snapshot is not taken, apart from what may fail with any file.
protocol SnapshotRefusal: Error {}

/// A snapshot that is not what the park that signed it says: whoever signs that lies, or has a
/// damaged file.
package struct FalseSnapshot: SnapshotRefusal, CustomStringConvertible {
    package var park: String
    package var error: StoreError

    package init(park: String, error: StoreError) { (self.park, self.error) = (park, error) }

    package var description: String { error.description }
}

/// A snapshot whose log does not reach back to its beginning, which no other park has confirmed.
package struct UnconfirmedSnapshot: SnapshotRefusal, CustomStringConvertible {
    package var park: String
    /// The first log that lacks its beginning.
    package var gap: OriginID
    /// What other parks answered, sentence by sentence.
    package var answers: [String] = []

    package init(park: String, gap: OriginID) { (self.park, self.gap) = (park, gap) }

    package var description: String {
        let said = answers.isEmpty ? "There is no other park that could. " : answers.map { $0 + " " }.joined()
        return
            """
            the snapshot of \(park) does not follow from its log, which lacks the beginning of \(gap), and no \
            other park has confirmed it. \(said)
            """
                + "Nothing was replaced. Repeat when another park is in reach, or, to take the word of \(park) alone: "
                + "syncctl snapshot fetch --from \(park) --without-confirmation"
    }
}

/// Two parks' snapshots that come to different tables at one vector: one of the two does not tell
/// the truth.
package struct DisagreeingSnapshots: SnapshotRefusal, CustomStringConvertible {
    package var parks: [String]
    package var parts: [String]

    package init(parks: [String], parts: [String]) { (self.parks, self.parts) = (parks, parts) }

    package var description: String {
        """
        \(parks.joined(separator: " and ")) differ at one vector: \
        \(parts.prefix(CopyChecks.findingsShownMax).joined(separator: ", "))
        """
    }
}
