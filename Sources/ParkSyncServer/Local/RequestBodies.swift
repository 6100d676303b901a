import ParkSyncReports
import ParkSyncWire

extension TransactionRequest {
    /// - Throws: `ProblemDetails` that names the limit which is exceeded.
    func checkLimits() throws {
        guard !statements.isEmpty else { throw Problems.invalid("statements: empty") }
        guard statements.count <= LocalLimits.statementsPerTransactionMax else {
            throw Problems.invalid(
                "statements: \(statements.count), at most \(LocalLimits.statementsPerTransactionMax) are allowed")
        }
        for (index, statement) in statements.enumerated() {
            try RequestLimits.checkSQL(statement.sql, at: "statements[\(index)].sql")
        }
        try RequestLimits.checkTimeout(timeoutMilliseconds)
    }
}

extension QueryRequest {
    func checkLimits() throws {
        try RequestLimits.checkSQL(sql, at: "sql")
        try RequestLimits.checkTimeout(timeoutMilliseconds)
    }
}

extension RepairRequest {
    /// - Throws: `ProblemDetails` that names what is out of range.
    func checkLimits() throws {
        guard let keys else { return }
        guard (1...RepairReport.rowsMax).contains(keys.count) else {
            throw Problems.invalid("keys: not from 1 to \(RepairReport.rowsMax)")
        }
    }
}

extension DropRefusedRequest {
    /// - Throws: `ProblemDetails` that names what is out of range.
    func checkLimits() throws {
        guard (ids == nil) == (all == true) else { throw Problems.invalid("ids, all: exactly one of them is needed") }
        guard let ids else { return }
        guard (1...LocalLimits.refusedDropsMax).contains(ids.count) else {
            throw Problems.invalid("ids: not from 1 to \(LocalLimits.refusedDropsMax)")
        }
    }
}

enum RequestLimits {
    static func checkSQL(_ sql: String, at place: String) throws {
        guard sql.utf8.count <= LocalLimits.sqlBytesMax else {
            throw Problems.invalid("\(place): longer than \(LocalLimits.sqlBytesMax) bytes")
        }
        guard !sql.utf8.contains(0) else {
            throw Problems.invalid(
                "\(place): has a zero byte, at which SQLite would end it",
                remedy: "Give such a value as a parameter, or write char(0); nothing was executed.")
        }
    }

    static func checkTimeout(_ milliseconds: Int?) throws {
        guard let milliseconds else { return }
        guard (1...LocalLimits.queryMillisecondsMax).contains(milliseconds) else {
            throw Problems.invalid("timeout_ms: not from 1 to \(LocalLimits.queryMillisecondsMax)")
        }
    }
}
