import Foundation
import ParkSyncCore

/// What PostgreSQL's logical replication needs for the same work in the same run.
struct PostgreSQLFigures {
    /// From the moment the subscription is enabled until its last row is visible at the subscriber.
    var catchUpRowsPerSecond: Double
    /// TCP payload that the publisher sent, by row.
    var wireBytesPerRow: Double
    /// For each one-row commit, from its acknowledgement until another connection sees the row at
    /// the subscriber.
    var visibleMilliseconds: [Double]
}

/// Two PostgreSQL clusters on loopback, one of which follows the other by logical replication:
/// catch-up and latency on the bench's row.
struct PostgreSQLBench {
    let rows: Int
    /// Rows of one transaction.
    let batch: Int
    let latencyCommits: Int
    let table: FigureTable

    private static let create = """
        CREATE TABLE sample(
          id text PRIMARY KEY, kind text, name text, owner text, place text, price bigint, state text, note text)
        """
    /// Commits before the first latency sample, so that every process has the table's pages and
    /// plans.
    private static let warmUpCommits = 100
    /// Latency is measured at no more than 500 commits/s: the time a commit takes, not the time it
    /// waits behind others.
    private static let commitInterval = Duration.milliseconds(2)
    private static let pollMicroseconds: UInt32 = 20

    func run() async throws -> PostgreSQLFigures {
        let installation = try PostgreSQLInstallation.find()
        let library = try LibPQ()
        let publisher = try PostgreSQLCluster(name: "publisher", installation: installation)
        defer { publisher.stop() }
        try publisher.start(library)
        let subscriber = try PostgreSQLCluster(name: "subscriber", installation: installation)
        defer { subscriber.stop() }
        try subscriber.start(library)

        let source = try publisher.connect(library)
        let target = try subscriber.connect(library)
        for connection in [source, target] {
            try connection.execute("SET client_min_messages = warning")
            try connection.execute(Self.create)
        }
        try source.execute("CREATE PUBLICATION bench FOR TABLE sample")
        // The slot is there before the first row and nothing is copied: every row comes through the
        // log, as with ParkSync.
        try target.execute(
            """
            CREATE SUBSCRIPTION bench CONNECTION '\(publisher.connectionParameters)' PUBLICATION bench WITH \
            (enabled = false, copy_data = false)
            """
        )

        let catchUp = try catchUp(publisher, subscriber, source, target)
        for connection in [source, target] {
            for command in ["VACUUM ANALYZE sample", "CHECKPOINT"] { try connection.execute(command) }
        }
        let visible = try visible(subscriber, source, target)

        table.add("postgresql_catchup_rows_per_s", "rows/s", catchUp.rowsPerSecond)
        table.add("postgresql_wire_bytes_per_row", "bytes", catchUp.bytesPerRow)
        table.add("postgresql_visible_after_ack_ms_p50", "ms", Figure.percentile(visible, 50))
        table.add("postgresql_visible_after_ack_ms_p99", "ms", Figure.percentile(visible, 99))
        return PostgreSQLFigures(
            catchUpRowsPerSecond: catchUp.rowsPerSecond, wireBytesPerRow: catchUp.bytesPerRow,
            visibleMilliseconds: visible)
    }

    private func catchUp(
        _ publisher: PostgreSQLCluster, _ subscriber: PostgreSQLCluster, _ source: PQConnection, _ target: PQConnection
    ) throws -> (rowsPerSecond: Double, bytesPerRow: Double) {
        let lastKey = try load(source)
        // The publisher's pages are written out before, not beside the catch-up.
        try source.execute("CHECKPOINT")
        try target.prepare("last", "SELECT 1 FROM sample WHERE id = $1")
        let start = ContinuousClock.now
        let deadline = start + .seconds(max(120, rows / 1_000))
        try target.execute("ALTER SUBSCRIPTION bench ENABLE")
        // Transactions are applied in the order of their commits, so the last row comes last;
        // asking for it costs next to nothing.
        while try target.run("last", [lastKey]) == nil {
            guard ContinuousClock.now < deadline else { throw late("the last of \(rows) rows", subscriber) }
            usleep(1_000)
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let count = try target.execute("SELECT count(*) FROM sample")
        guard count == String(rows) else {
            throw PeerError(
                "PostgreSQL's subscriber has \(count ?? "no") rows instead of \(rows)",
                remedy: "Run again with fresh clusters.")
        }
        guard
            let port = try source.execute(
                "SELECT client_port FROM pg_stat_replication WHERE application_name = 'bench'")
        else {
            throw PeerError(
                "PostgreSQL's publisher shows no subscriber", remedy: "Run again; its log ends: \(publisher.logTail())")
        }
        return (Double(rows) / seconds, try publisher.bytesSent(toPort: port) / Double(rows))
    }

    /// Fills the publisher and returns the key of the last row.
    private func load(_ source: PQConnection) throws -> String {
        var random = SplitMix64(state: 1)
        var lastKey = ""
        for start in stride(from: 0, to: rows, by: batch) {
            var lines: [UInt8] = []
            for number in start..<min(rows, start + batch) {
                let row = BenchTable.row(number, &random)
                for (column, value) in row.enumerated() {
                    if column > 0 { lines.append(UInt8(ascii: "\t")) }
                    lines.append(contentsOf: Self.text(value).utf8)
                }
                lines.append(UInt8(ascii: "\n"))
                if let key = row.first { lastKey = Self.text(key) }
            }
            try source.copy(into: "sample", lines)
        }
        return lastKey
    }

    private func visible(_ subscriber: PostgreSQLCluster, _ source: PQConnection, _ target: PQConnection) throws
        -> [Double]
    {
        try source.prepare("insert", "INSERT INTO sample VALUES($1, $2, $3, $4, $5, $6, $7, $8)")
        try target.prepare("see", "SELECT 1 FROM sample WHERE id = $1")
        var random = SplitMix64(state: 2)
        var samples: [Double] = []
        samples.reserveCapacity(latencyCommits)
        for number in 0..<(Self.warmUpCommits + latencyCommits) {
            let next = ContinuousClock.now + Self.commitInterval
            let row = BenchTable.row(number, &random).map(Self.text)
            try source.run("insert", row)
            let acknowledged = ContinuousClock.now
            while try target.run("see", [row[0]]) == nil {
                guard ContinuousClock.now - acknowledged < .seconds(30) else {
                    throw late("a committed row", subscriber)
                }
                usleep(Self.pollMicroseconds)
            }
            let seen = ContinuousClock.now
            if number >= Self.warmUpCommits { samples.append((seen - acknowledged) / .milliseconds(1)) }
            let pause = (next - seen) / .microseconds(1)
            if pause > 0 { usleep(UInt32(pause)) }
        }
        return samples
    }

    private func late(_ what: String, _ subscriber: PostgreSQLCluster) -> PeerError {
        PeerError(
            "\(what) did not arrive at PostgreSQL's subscriber in time. Its log ends: \(subscriber.logTail())",
            remedy: "Let the machine do nothing else, or measure fewer rows, then run again.")
    }

    /// The bench's rows hold integers and texts without tab, newline or backslash, which COPY takes
    /// as they are.
    private static func text(_ value: Value) -> String {
        switch value {
        case .integer(let number): String(number)
        case .text(let bytes): String(decoding: bytes, as: UTF8.self)
        default: ""
        }
    }
}
