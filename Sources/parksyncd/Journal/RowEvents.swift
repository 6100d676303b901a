import ParkSyncCore
import ParkSyncReports
import ParkSyncStore

/// Rows that are not what they should be.
extension Event {
    static func rowDiffers(_ row: RowDifference) -> Event {
        let what =
            switch row.kind {
            case .changed: "holds other values than the log says, in \(row.columns.map(\.name).joined(separator: ", "))"
            case .missing: "is in the log and not in the table"
            case .extra: "is in the table and not in the log"
            case .clock: "is right, and what the node keeps beside it is damaged"
            }
        return Event(
            .rowDiffers, [Field("table", row.table), Field("kind", row.kind.rawValue)],
            "\(name(row)) \(what). `syncctl status` says how to repair it")
    }

    static func rowsVerified(_ rows: Int64) -> Event {
        Event(.rowsVerified, [Field("rows", "\(rows)")], "\(rows) rows are compared with the log")
    }

    static func rowsNotVerified(_ error: any Error) -> Event {
        Event(.rowsNotVerified, "rows could not be compared with the log; it is tried again: \(ErrorText.of(error))")
    }

    static func rowRefused(_ row: RefusedRowReport) -> Event {
        Event(
            .rowRefused, [Field("table", row.table), Field("id", "\(row.id)")],
            """
            \(row.table): \(row.row) was captured and is not signed: \(ErrorText.sentence(row.cause)) `syncctl \
            refused` lists such writes
            """
        )
    }

    static func foreignDropped(_ object: String) -> Event {
        Event(
            .foreignDropped, [Field("object", object)],
            """
            dropped the \(object): no program may hang anything on ParkSync's own tables. Find the program that \
            made it; all rows are compared anew
            """
        )
    }

    static func constantRestored(_ constant: RestoredConstant) -> Event {
        Event(
            .constantRestored, [Field("table", constant.table)],
            """
            put the rows of the constant table \(constant.table) back, which are those of the schema files: \
            \(constant.difference). Find the program or the hand that changed them
            """
        )
    }

    static func triggersLost(_ tables: [String]) -> Event {
        let list = tables.joined(separator: ", ")
        return Event(
            .triggersLost, [Field("tables", list)],
            """
            somebody removed or altered triggers of \(list); they are back, and what was written meanwhile is \
            being looked for
            """
        )
    }

    /// A row's table and key, for the node's own log.
    private static func name(_ found: RowDifference) -> String {
        let key = found.key.map { key -> String in
            switch key.value {
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
