import ParkSyncReports
import ParkSyncStore

/// The conflict inbox through the local API.
extension StoreNodeAPI {
    func conflicts(limit: Int, includesEqual: Bool) async throws -> [ConflictReport] {
        try await withProblems { try await store.conflicts(limit: limit, includesEqual: includesEqual) }
    }

    func confirm(_ request: ConfirmationRequest) async throws -> ConfirmationReport {
        try await withProblems {
            try await store.confirm(request.ids, author: request.author ?? "", note: request.note ?? "")
        }
    }
}
