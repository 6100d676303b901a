import ArgumentParser
import Foundation
import ParkSyncCatalog
import ParkSyncReports

/// `syncctl meter`: what a request, or an item without one, was used for.
struct Meter: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Record how long an item was used, or list what was recorded.",
        discussion: """
            At the node of the item's park. With --minutes the use of a request is recorded and the request goes on \
            to its settlement, both in one transaction; the user countersigns it by `syncctl act ID confirm`, or \
            disputes it by `syncctl act ID dispute`. Without a request name the item and --party. A wrong record is \
            taken back with --reverse, and the right one may be given with it.

            Examples:
              syncctl meter bio:booking:3f2a9c5b7d1e8a40
              syncctl meter bio:booking:3f2a9c5b7d1e8a40 --starts "2026-12-07 14:00" --minutes 110 \\
                --preparation 10 --after 5 --samples 4 --by science:person:0002
              syncctl meter science:instrument:0001 --party bio:organisation:0003 --source card \\
                --starts "2026-12-07 14:00" --minutes 45 --by science:person:0002
              syncctl meter bio:booking:3f2a9c5b7d1e8a40 --reverse science:usage:0a1b2c3d4e5f6071 \\
                --starts "2026-12-07 14:00" --minutes 80 --by science:person:0002
            """)

    @OptionGroup var people: PeopleOptions

    @Argument(help: "The request, or the item.")
    var id: String

    @Option(help: "When preparation began: Asia/Shanghai, as in \"2026-12-07 14:00\".")
    var starts: String?

    @Option(help: "How many minutes it ran.")
    var minutes: Int64?

    @Option(help: "Minutes of preparation.")
    var preparation: Int64 = 0

    @Option(help: "Minutes of clearing away.")
    var after: Int64 = 0

    @Option(help: "How many samples.")
    var samples: Int64 = 0

    @Option(help: "How it was recorded: meter, card or hand.")
    var source = "meter"

    @Option(help: "Who used it, where there is no request.")
    var party: String?

    @Option(help: "A record that is taken back.")
    var reverse: String?

    @Option(help: "The person who does it; without it the environment variable PARKSYNC_PERSON.")
    var by: String?

    @Option(help: "Why, for the log.")
    var note: String?

    @Option(help: Answering.waitHelp)
    var wait: Double?

    @Option(help: "How many records at most.")
    var limit = 100

    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit is a number from 1 to 10000.") }
        if let wait { guard wait >= 0, wait < 1e6 else { throw ValidationError("--wait is a number of seconds.") } }
        if minutes != nil, starts == nil { throw ValidationError("--minutes needs --starts.") }
        if minutes == nil, starts != nil { throw ValidationError("--starts needs --minutes.") }
    }

    func run() async throws {
        try await people.atDesk("meter") { desk in
            let what = try await desk.rows(
                ItemScreens.whatIs, [.text(try Given.id(id, field: Self.field))], as: WhatIs.self
            ).first?.what
            guard what == "request" || what == "item" else { throw Given.unknown(id, field: Self.field) }
            let request = what == "request" ? try await Answering.request(id, at: desk) : nil
            guard minutes != nil || reverse != nil else { return try await list(request != nil, desk) }
            let work = try await Metering(command: self, request: request, desk: desk)
            try await work.write()
            try await answer(request, work, desk)
        }
    }

    static let field = PeopleField("id", "编号")

    /// A person of this park who does something; nil if nobody is named.
    static func person(_ by: String?, park: String) throws -> String? {
        let environment = ProcessInfo.processInfo.environment
        let field = PeopleField("--by", "经办人")
        guard let named = by ?? environment[TermOptions.personVariable], !named.isEmpty else { return nil }
        let id = try Given.id(named, field: field)
        try TermOptions.check(id, isOf: park, field: field)
        return id
    }

    private func list(_ isRequest: Bool, _ desk: ParkDesk) async throws {
        let sql = isRequest ? UseScreens.ofRequest : UseScreens.ofItem
        let rows = try await desk.rows(sql, [.text(id), .integer(Int64(limit))], as: UsageRow.self)
        try people.show(rows, UsageRow.columns, none: ("没有使用记录", "no use was recorded"))
    }

    /// What was recorded, and what became of the request.
    private func answer(_ request: RequestRow?, _ work: Metering, _ desk: ParkDesk) async throws {
        var records: [UsageRow] = []
        for id in work.records { records += try await desk.rows(UseScreens.record, [.text(id)], as: UsageRow.self) }
        var answer: AskAnswer?
        if let request, let act = work.act {
            answer = try await Answering.read(request.id, waitSeconds: wait, at: desk) { _ in
                try await Answering.answer(onAct: act, desk)
            }
        }
        let metered = MeteredUse(records: records, answer: answer)
        if people.json {
            try Console.json(metered)
        } else {
            for line in PeopleTable.lines(records, UsageRow.columns, people.language) { print(line) }
            for line in answer?.lines(people.language, isAct: true) ?? [] { print(line) }
        }
        if wait != nil, let exit = answer?.exit { throw exit }
    }
}

/// What `syncctl meter` has written.
struct MeteredUse: Codable, Hashable, Sendable {
    var records: [UsageRow]
    /// Absent where no request goes on.
    var answer: AskAnswer?
}
