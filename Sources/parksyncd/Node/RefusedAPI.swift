import ParkSyncReports
import ParkSyncStore

/// Captured writes that were not signed, through the local API.
extension StoreNodeAPI {
    func refused(limit: Int) async throws -> [RefusedRowReport] {
        try await withProblems { try await store.refused(limit: limit).map(RefusedRowReport.init) }
    }

    func dropRefused(_ request: DropRefusedRequest) async throws -> DropRefusedReport {
        try await withProblems { DropRefusedReport(dropped: try await store.dropRefused(request.all == true ? nil : request.ids ?? [])) }
    }
}

extension RefusedRowReport {
    init(_ row: RefusedRow) { self.init(id: row.id, foundAt: row.foundAt, table: row.table, row: row.row, cause: row.cause) }
}

extension RefusedRowsStatus {
    /// Nil if there are none.
    init?(_ found: RefusedRows) {
        guard found.count > 0 else { return nil }
        self.init(count: found.count, newest: found.newest.map(RefusedRowReport.init))
    }
}
