import Crypto
import ParkSyncCore

/// One hash over all shared tables' digests: what peers compare at equal vectors.
package enum StateHash {
    /// SHA-256 over `parksync/state/1` and, for each table in order of name: its name, row count
    /// and digest.
    package static func of(_ state: StoreState, schema: SharedSchema) -> [UInt8] {
        of(zip(schema.tables, state.tables).map { ($0.name, $1.rows, $1.digest) })
    }

    package static func of(_ tables: [(name: String, rows: Int64, digest: RowDigest)]) -> [UInt8] {
        var writer = ByteWriter(reserving: 512)
        writer.raw("parksync/state/1".utf8)
        for table in tables {
            writer.prefixed(table.name)
            writer.fixed64(UInt64(bitPattern: table.rows))
            writer.raw(table.digest.encoded)
        }
        return Array(SHA256.hash(data: writer.bytes))
    }
}
