import ParkSyncCore
import ParkSyncReports
import ParkSyncStore

/// Looks at a node's file on the caller's thread and without tasks, beside the store that works on
/// it.
package final class StoreInspection {
    private let reader: SQLReader
    private let schema: SharedSchema

    /// - Parameters:
    ///   - schema: the shared tables that the file has.
    ///   - archivePath: the folder of its segments; nil for the one beside the file.
    /// - Throws: `StoreError` if the file cannot be opened.
    package init(path: String, schema: SharedSchema, archivePath: String? = nil) throws {
        reader = SQLReader(connection: try Connection(path: path, role: .reader, archive: archivePath))
        self.schema = schema
    }

    /// Verifies the log, and every row against the digests. Writes that are not sealed and folded
    /// yet count as findings.
    ///
    /// - Parameter members: raw public keys by park.
    package func verify(members: [String: [UInt8]]) throws -> VerifyReport {
        try reader.snapshot { try Verifier(reader: reader, schema: schema, members: members).run() }
    }
}
