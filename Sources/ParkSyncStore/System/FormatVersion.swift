/// Whether something that another version of ParkSync wrote can be read here.
package enum FormatVersion {
    /// - Parameter what: what has the format, as the beginning of a sentence.
    /// - Throws: `StoreError` that tells a newer format, which an upgrade makes readable, from one
    ///   that never was or is no longer known.
    package static func check(_ found: Int64, known: Int64, of what: String) throws {
        if found == known { return }
        if found > known {
            throw StoreError(
                .format, "\(what) has format \(found), which is newer than this program's (\(known))",
                remedy: "Upgrade this node and its syncctl to the version that wrote it.")
        }
        throw StoreError(
            .format, "\(what) has format \(found), this program knows \(known) only",
            remedy: found > 0
                ? "Open it with the version that wrote it, and let that version make a new one."
                : "It was altered, or ParkSync did not write it.")
    }
}
