/// A system that ParkSync is compared with could not be measured: what failed, where, and the
/// remedy.
struct PeerError: Error, CustomStringConvertible {
    var reason: String
    var remedy: String

    init(_ reason: String, remedy: String) {
        self.reason = reason
        self.remedy = remedy
    }

    var description: String { "\(reason). \(remedy)" }
}
