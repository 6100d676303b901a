import Foundation
import ParkSyncCatalog
import ParkSyncCurl
import ParkSyncReports

/// A row that belongs to a record, by its table and its key as a JSON array.
struct RecordRow: Codable, Hashable, Sendable {
    var table: String
    var key: String

    /// A row that may have been there: only such are ever deleted.
    static func deleted(_ id: String) -> RecordRow? {
        let parts = id.split(separator: ":")
        guard parts.count >= 2, ["text", "window", "credential"].contains(parts[1]),
            let key = try? DeskRows.jsonText([id])
        else { return nil }
        return RecordRow(table: String(parts[1]), key: key)
    }
}

/// One write of one row.
struct RecordWrite: Codable, Hashable, Sendable {
    /// UTC.
    var writtenAt: String
    var origin: String
    var seq: UInt64
    var author: String
    var note: String
    var table: String
    var key: String
    /// `insert`, `update` or `delete`.
    var kind: String
    var columns: [String]

    enum CodingKeys: String, CodingKey {
        case writtenAt = "written_at", origin, seq, author, note, table, key, kind, columns
    }

    static func word(_ kind: String, _ language: Language) -> String {
        switch kind {
        case "insert": language.pick("新增", "insert")
        case "delete": language.pick("删除", "delete")
        default: language.pick("修改", "update")
        }
    }

    static func time(_ milliseconds: UInt64) -> String {
        Instant(seconds: Int64(clamping: milliseconds / 1_000)).text
    }
}

/// Reads the writes of rows: of those that are written once the node tells who wrote them; of
/// others the log is looked through, backwards from the last write to the one that made the row.
struct RecordWrites {
    /// How many entries are asked for at once.
    static let pageEntries: UInt64 = 200

    let desk: ParkDesk
    let depth: UInt64
    private var writes: [RecordWrite] = []
    private var isComplete = true

    init(desk: ParkDesk, depth: UInt64) { (self.desk, self.depth) = (desk, depth) }

    func history(of id: String) -> RecordHistory {
        let sorted = writes.sorted {
            ($0.writtenAt, $0.origin, $0.seq, $0.table, $0.key) < ($1.writtenAt, $1.origin, $1.seq, $1.table, $1.key)
        }
        return RecordHistory(id: id, writes: sorted, isComplete: isComplete)
    }

    mutating func read(_ row: RecordRow) async throws {
        let report: BlameReport
        do {
            report = try await desk.client.get(LocalPath.blame, [("table", row.table), ("key", row.key)])
        } catch let problem as ProblemDetails where problem.code == "unknown-row" {
            return
        }
        let last = Self.last(report, row)
        if HistoryScreens.appendOnly.contains(row.table) {
            writes += last.prefix(1).map { write in
                var write = write
                write.kind = "insert"
                return write
            }
            return
        }
        var origins = Set(last.map(\.origin))
        if HistoryScreens.ofEverybody.contains(row.table) {
            let status = try await desk.status()
            origins.formUnion([status.park] + status.peers.map(\.park))
        }
        var found: [RecordWrite] = []
        for origin in origins.sorted() {
            let newest = last.filter { $0.origin == origin }.map(\.seq).max()
            found += try await search(row, report.key, origin, from: newest)
        }
        // What the node tells of entries that are not kept any more, or were not looked through.
        let missing = last.filter { write in !found.contains { ($0.origin, $0.seq) == (write.origin, write.seq) } }
        writes += found + missing
        if !missing.isEmpty || !found.contains(where: { $0.kind == "insert" }) { isComplete = false }
    }

    /// The last writes, one for each entry that wrote one of its columns last.
    static func last(_ report: BlameReport, _ row: RecordRow) -> [RecordWrite] {
        var found: [RecordWrite] = []
        for column in report.columns {
            if let place = found.firstIndex(where: { ($0.origin, $0.seq) == (column.origin, column.seq) }) {
                found[place].columns.append(column.name)
                continue
            }
            found.append(
                RecordWrite(
                    writtenAt: RecordWrite.time(column.writtenAt), origin: column.origin, seq: column.seq,
                    author: column.author, note: column.note, table: row.table, key: row.key,
                    kind: report.isAlive ? "update" : "delete", columns: [column.name]))
        }
        return found
    }

    private mutating func search(
        _ row: RecordRow, _ key: [JSONValue], _ origin: String, from newest: UInt64?
    ) async throws -> [RecordWrite] {
        var start = newest
        if start == nil { start = try await head(of: origin) }
        guard var end = start else { return [] }
        var left = depth
        var found: [RecordWrite] = []
        while end > 0, left > 0 {
            let count = min(Self.pageEntries, left, end)
            let entries: [EntryReport] = try await desk.client.get(
                LocalPath.entries,
                [("origin", origin), ("after", "\(end - count)"), ("limit", "\(count)"), ("changes", "1")])
            for entry in entries where entry.seq <= end {
                found += Self.writes(of: row, key, in: entry)
            }
            // One that its home alone writes was made by its first insert.
            if !HistoryScreens.ofEverybody.contains(row.table), found.contains(where: { $0.kind == "insert" }) {
                return found
            }
            end -= count
            left -= count
        }
        if end > 0 { isComplete = false }
        return found
    }

    private func head(of origin: String) async throws -> UInt64? {
        do {
            let newest: [EntryReport] = try await desk.client.get(
                LocalPath.entries, [("origin", origin), ("limit", "1")])
            return newest.first?.seq
        } catch let problem as ProblemDetails where problem.code == "invalid-input" {
            // It has written nothing that is here.
            return nil
        }
    }

    static func writes(of row: RecordRow, _ key: [JSONValue], in entry: EntryReport) -> [RecordWrite] {
        (entry.changes ?? []).filter { $0.table == row.table && $0.key == key }.map { change in
            RecordWrite(
                writtenAt: RecordWrite.time(entry.writtenAt), origin: entry.origin, seq: entry.seq,
                author: entry.author, note: entry.note, table: row.table, key: row.key, kind: change.kind,
                columns: change.values.keys.sorted())
        }
    }
}
