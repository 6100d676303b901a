import ArgumentParser
import Foundation
import ParkSyncCatalog
import ParkSyncReports

/// `syncctl history`: every write of a record, from the log.
struct History: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show every write of a record: who, when, why, in which entry of the log.",
        discussion: """
            Of all rows that belong to it: of a request also its acts, steps, records of use and transfers, of an \
            item its links, rates, opening hours and documents.

            Examples:
              syncctl history bio:booking:3f2a9c5b7d1e8a40
              syncctl history science:instrument:0001 --lang zh
              syncctl history science:instrument:0001 --depth 100000 --json
            """)

    @OptionGroup var people: PeopleOptions

    @Argument(help: "The record.")
    var id: String

    @Option(help: "How many rows at most.")
    var limit = 1_000

    @Option(help: "How many entries of each log are looked through for rows that change.")
    var depth: UInt64 = 10_000

    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit is a number from 1 to 10000.") }
        guard depth <= 10_000_000 else { throw ValidationError("--depth is at most 10000000.") }
    }

    func run() async throws {
        try await people.atDesk("history") { desk in
            let field = PeopleField("id", "编号")
            let id = try Given.id(id, field: field)
            let rows = try await desk.rows(
                HistoryScreens.rows, [.text(id), .integer(Int64(limit))], as: RecordRow.self)
            var writes = RecordWrites(desk: desk, depth: depth)
            for row in rows { try await writes.read(row) }
            if rows.isEmpty, let deleted = RecordRow.deleted(id) { try await writes.read(deleted) }
            let history = writes.history(of: id)
            guard !history.writes.isEmpty else { throw Given.unknown(id, field: field) }
            if people.json { return try Console.json(history) }
            for line in history.lines(people.language) { print(line) }
        }
    }
}

/// What `syncctl history` shows.
struct RecordHistory: Codable, Hashable, Sendable {
    var id: String
    /// The oldest first.
    var writes: [RecordWrite]
    /// Whether all entries were looked through up to those that made the rows.
    var isComplete: Bool

    enum CodingKeys: String, CodingKey { case id, writes, isComplete = "is_complete" }

    func lines(_ language: Language) -> [String] {
        let columns: [PeopleColumn<RecordWrite>] = [
            .init("时间\(ShanghaiText.zone(.zh))", "when\(ShanghaiText.zone(.en))") { ShanghaiText.shown($0.writtenAt) },
            .init("日志条目", "entry") { "\($0.origin):\($0.seq)" },
            .init("经办", "who") { $0.author }, .init("事由", "why") { $0.note },
            .init("操作", "write") { row, language in RecordWrite.word(row.kind, language) },
            .init("记录", "row") { row in "\(row.table) \(row.key)" },
            .init("字段", "columns") { row in row.kind == "update" ? row.columns.joined(separator: " ") : nil },
        ]
        let rest = language.pick(
            "更早的日志未查找，可加大 --depth", "older entries were not looked through, or are not kept: see --depth")
        return PeopleTable.lines(writes, columns, language) + (isComplete ? [] : [rest])
    }
}
