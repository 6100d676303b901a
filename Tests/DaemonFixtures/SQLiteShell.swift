import Foundation

/// SQLite's own shell, `sqlite3`: a program of the park that knows nothing of ParkSync.
extension TestProcess {
    /// A program waits for the lock as long as a test for anything.
    private static let busyMilliseconds = Int(TestZone.agreementSeconds * 1_000)

    /// Executes SQL on a file as it stands, each statement in a transaction of its own: for one
    /// statement, or a file that no node has open.
    package static func sqlite(_ database: String, _ sql: String) async throws -> (status: Int32, output: String) {
        try await run(
            "/usr/bin/env", ["sqlite3", "-batch", "-bail", "-cmd", ".timeout \(busyMilliseconds)", database, sql])
    }
}

extension TestZone {
    /// Writes into a park's file, whether its node runs or not.
    ///
    /// In one transaction: what a node does about the first statement, such as putting a trigger
    /// back, cannot come between two.
    package func foreign(_ park: String, _ sql: String) async throws {
        try await Self.foreign(path: database(park), "BEGIN IMMEDIATE; \(sql); COMMIT;")
    }

    /// Executes SQL on a file that no node has open.
    package static func foreign(path: String, _ sql: String) async throws {
        let done = try await TestProcess.sqlite(path, sql)
        guard done.status == 0 else { throw RawHTTPConnection.Failure(description: "sqlite3: \(done.output)") }
    }
}
