import ParkSyncCore
import ParkSyncReports
import ParkSyncStore

/// The conflict inbox through the local API.
extension StoreNodeAPI {
    func conflicts(limit: Int, includesEqual: Bool) async throws -> [ConflictReport] {
        try await withProblems { try await store.conflicts(limit: limit, includesEqual: includesEqual).map(ConflictReport.init) }
    }

    func confirm(_ request: ConfirmationRequest) async throws -> ConfirmationReport {
        try await withProblems {
            let outcome = try await store.confirm(request.ids, author: request.author ?? "", note: request.note ?? "")
            return ConfirmationReport(origin: store.state().origin.name, seq: outcome.seq, ids: outcome.ids)
        }
    }
}

extension ConflictReport {
    init(_ conflict: OpenConflict) {
        let loser = conflict.loser
        self.init(
            id: conflict.id, table: conflict.table, key: conflict.key.map(JSONValue.init), column: conflict.column, lost: JSONValue(conflict.lost),
            origin: loser.write.origin.name, seq: loser.write.seq, writtenAt: loser.write.stamp.milliseconds, author: loser.author, note: loser.note,
            current: conflict.current.map(JSONValue.init), winner: conflict.winner.map(Winner.init))
    }
}

extension ConflictReport.Winner {
    init(_ side: OpenConflict.Side) {
        self.init(
            origin: side.write.origin.name, seq: side.write.seq, writtenAt: side.write.stamp.milliseconds, author: side.author, note: side.note)
    }
}
