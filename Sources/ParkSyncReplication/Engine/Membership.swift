import ParkSyncCore

/// What the log knows about the parks of the zone, beyond the configuration.
package struct Membership: Hashable, Sendable {
    /// Parks that a fence has taken out of the zone, and that have not come back: no peers, and
    /// nothing is waited for from them.
    package var fenced: Set<String>
    /// Parks outside of the configuration whose entries can be checked: others are asked for what
    /// is there of them.
    package var former: Set<String>

    package init(fenced: Set<String> = [], former: Set<String> = []) {
        self.fenced = fenced
        self.former = former
    }

    /// What may still be needed of what a peer has: nobody waits for more of a park that was taken
    /// out.
    package func waitedFor(_ vector: VersionVector) -> VersionVector {
        guard !fenced.isEmpty else { return vector }
        return VersionVector(vector.elements.filter { !fenced.contains($0.origin.park) }.map { ($0.origin, $0.seq) })
    }
}
