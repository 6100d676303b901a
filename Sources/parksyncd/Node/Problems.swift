import ParkSyncReports
import ParkSyncStore

extension StoreError {
    /// The error as the local API answers it.
    var problem: ProblemDetails {
        let (code, title, status): (String, String, Int) =
            switch self.code {
            case .sql: ("sql-error", "The SQL is wrong", 400)
            case .constraint: ("constraint", "A constraint refused the write", 409)
            case .timeout: ("timeout", "The time limit has passed", 408)
            case .forbidden: ("forbidden-sql", "This SQL is not allowed here", 403)
            case .tooLarge: ("too-large", "A limit was passed", 413)
            case .busy: ("busy", "The node is busy", 503)
            case .diskFull: ("disk-full", "The disk is full", 507)
            case .damaged: ("damaged", "The database is damaged", 500)
            case .readOnly: ("read-only", "The database cannot be written", 500)
            case .schema: ("schema", "The schema does not fit", 409)
            case .format: ("format", "The format is another version's", 409)
            case .notReady: ("not-ready", "The node accepts no writes now", 503)
            case .fenced: ("fenced", "This park is not in the zone", 409)
            case .clock: ("clock-wrong", "A clock is wrong", 409)
            case .clientGone: ("client-gone", "The client has gone", 400)
            case .unknownTable: ("unknown-table", "There is no such shared table", 404)
            case .unknownRow: ("unknown-row", "There is no such row", 404)
            case .unknownConflict: ("unknown-conflict", "There is no such conflict", 404)
            case .invalidInput: ("invalid-input", "The request does not fit", 400)
            case .internalState: ("internal", "The node has a fault", 500)
            }
        return ProblemDetails(code: code, title: title, status: status, detail: reason, remedy: remedy)
    }
}

/// Runs `body` and turns the store's errors into problem details.
func withProblems<T>(_ body: () async throws -> T) async throws -> T {
    do { return try await body() } catch let error as StoreError { throw error.problem }
}
