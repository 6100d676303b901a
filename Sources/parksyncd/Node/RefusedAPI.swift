import ParkSyncReports
import ParkSyncStore

/// Captured writes that were not signed, through the local API.
extension StoreNodeAPI {
    func refused(limit: Int) async throws -> [RefusedRowReport] {
        try await withProblems { try await store.refused(limit: limit) }
    }

    func dropRefused(_ request: DropRefusedRequest) async throws -> DropRefusedReport {
        try await withProblems {
            DropRefusedReport(dropped: try await store.dropRefused(request.all == true ? nil : request.ids ?? []))
        }
    }
}
