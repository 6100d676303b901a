import ParkSyncCore
import ParkSyncReports
import ParkSyncStore

/// What the store found of rows, as the local API says it.
enum RowReporting {
    static func status(_ standing: RowStanding) -> RowsStatus {
        var status = RowsStatus(
            verifiedAt: standing.verifiedAt, verifiedRows: standing.verifiedRows, differing: standing.differing,
            differences: standing.differences.map(difference),
            suspected: standing.suspicions.map { RowsStatus.Suspicion(table: $0.table, since: $0.since) })
        status.failure = standing.failure.map { RowsStatus.Failure(cause: $0.cause, isOfFile: $0.isOfFile) }
        return status
    }

    static func difference(_ found: RowDifference) -> RowDifferenceReport {
        let kind: RowDifferenceReport.Kind =
            switch found.kind {
            case .changed: .changed
            case .missing: .missing
            case .extra: .extra
            case .clock: .clock
            }
        return RowDifferenceReport(
            table: found.table, key: found.key.map(JSONValue.init), kind: kind,
            columns: found.columns.map {
                RowDifferenceReport.Column(
                    name: $0.name, here: $0.here.map(JSONValue.init), logged: $0.logged.map(JSONValue.init), isKnown: $0.isKnown)
            },
            foundAt: found.foundAt)
    }

    /// A row's table and key, for the node's own log.
    static func name(_ found: RowDifference) -> String {
        let key = found.key.map { value -> String in
            switch value {
            case .text(let bytes): String(decoding: bytes, as: UTF8.self)
            case .integer(let number): "\(number)"
            case .blob(let bytes): "a blob of \(bytes.count) bytes"
            case .real(let bits): "\(Double(bitPattern: bits))"
            case .null: "NULL"
            }
        }
        return "\(found.table) (\(key.joined(separator: ", ")))"
    }
}
