import ParkSyncCore

/// A shared table at some vector: how many rows it has, and the digest of all of them.
package struct TableFigures: Codable, Hashable, Sendable {
    package var name: String
    package var rows: Int64
    package var digest: RowDigest
    package init(name: String, rows: Int64, digest: RowDigest) {
        (self.name, self.rows, self.digest) = (name, rows, digest)
    }
}
