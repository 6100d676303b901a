import ParkSyncStore

/// Where what is asked of a park is decided on. When it looks, `ArbitrationSchedule` says; one look
/// at a time.
package protocol ArbiterDesk: Sendable {
    /// Answers what can be answered now.
    ///
    /// - Parameter isAnew: looks at all that is open. Entries may have taken the place of others
    ///   that had their numbers.
    func decide(anew isAnew: Bool) async -> Decided
}

extension BookingDesk: ArbiterDesk {}
extension CatalogueDesk: ArbiterDesk {}
