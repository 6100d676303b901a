import ParkSyncCore

/// A park's origin by its name.
package func origin(_ name: some StringProtocol) -> OriginID {
    guard let origin = OriginID(name) else { preconditionFailure("\(name) is not an origin") }
    return origin
}
