import ParkSyncReplication
import ParkSyncReports
import ParkSyncStore

/// Tells of clients' statements that take long, and of a disk that is full.
struct StatementWatch: Sendable {
    let journal: Journal
    let clock: any NodeClock
    /// From so long on; 0 for never.
    let slowMilliseconds: @Sendable () -> UInt64

    private static let work = "committing transactions"
    /// Of a statement's text so much is told.
    static let textBytesMax = 200

    /// - Parameter sql: of the first statement.
    func transaction<T>(_ sql: String, _ body: () async throws -> T) async throws -> T {
        let begin = clock.monotonicMilliseconds()
        defer { tell("transaction", sql, clock.monotonicMilliseconds() &- begin) }
        do {
            let result = try await withProblems(body)
            journal.done(Self.work)
            return result
        } catch let problem as ProblemDetails where problem.code == "disk-full" {
            journal.fullDisk("\(ErrorText.sentence(problem.detail)) \(problem.remedy)")
            throw problem
        }
    }

    func query(_ sql: String) -> Query { Query(watch: self, sql: sql) }

    /// What one query takes. The time that the client needs to read its rows does not count.
    struct Query {
        fileprivate let watch: StatementWatch
        fileprivate let sql: String
        private var milliseconds: UInt64 = 0

        fileprivate init(watch: StatementWatch, sql: String) { (self.watch, self.sql) = (watch, sql) }

        mutating func during<T>(_ body: () async throws -> T) async throws -> T {
            let begin = watch.clock.monotonicMilliseconds()
            defer { milliseconds &+= watch.clock.monotonicMilliseconds() &- begin }
            return try await body()
        }

        func end() { watch.tell("query", sql, milliseconds) }
    }

    private func tell(_ kind: String, _ sql: String, _ milliseconds: UInt64) {
        let slow = slowMilliseconds()
        guard slow > 0, milliseconds >= slow else { return }
        journal.write(
            .slowStatement(
                kind, milliseconds: milliseconds,
                sql: String(decoding: sql.utf8.prefix(Self.textBytesMax), as: UTF8.self)))
    }
}
