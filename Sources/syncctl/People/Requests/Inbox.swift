import ArgumentParser
import Foundation
import ParkSyncCatalog
import ParkSyncReports

/// `syncctl inbox`: what waits for the people of a park.
struct Inbox: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List what waits for the people of this park, the next deadline first.",
        discussion: """
            With --person only what that person can do: a manager what his organisation has, an officer what the \
            park has, and everybody what he has asked for or is named in. --all also lists what waits for a \
            deadline or for the node itself.

            Examples:
              syncctl inbox
              syncctl inbox --person science:person:0002 --lang zh
              syncctl inbox --all --json
            """)

    @OptionGroup var people: PeopleOptions

    @Option(help: "Only what waits for this person.")
    var person: String?

    @Flag(help: "Also what waits for a deadline or for the node.")
    var all = false

    @Option(help: "How many at most.")
    var limit = 100

    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit is a number from 1 to 10000.") }
    }

    func run() async throws {
        try await people.atDesk("inbox") { desk in
            let park = try await desk.park()
            let field = PeopleField("--person", "人员")
            let person = try person.map { try Given.id($0, field: field) }
            if let person {
                let what = try await desk.rows(ItemScreens.whatIs, [.text(person)], as: WhatIs.self).first?.what
                guard what == "person" || what == "organisation" else { throw Given.unknown(person, field: field) }
            }
            let rows = try await desk.list(
                RequestScreens.inbox(isWhole: all), [.text(park), .text(person), .integer(Int64(limit))],
                as: InboxRow.self)
            try people.show(rows, Self.columns, none: ("没有待办事项", "nothing waits"))
        }
    }

    private static var columns: [PeopleColumn<InboxRow>] {
        [
            .init("期限\(ShanghaiText.zone(.zh))", "due\(ShanghaiText.zone(.en))") { ShanghaiText.shown($0.dueAt) },
            .init("申请", "request") { $0.requestID },
            .init("类别", "kind") { row, language in language.pick(row.kindZh, row.kindEn) },
            .init("资源", "subject") { row, language in
                language.name(row.subjectZh, row.subjectEn) ?? row.subjectID
            },
            .init("申请方", "for") { row, language in language.name(row.partyZh, row.partyEn) ?? row.partyID },
            .init("时间", "time") { PeopleWords.interval($0.startsAt, $0.endsAt) },
            .init("状态", "state") { row, language in language.pick(row.stateZh, row.stateEn) },
            .init("等待", "waits for") { row, language in PeopleWords.people(row.waitsFor, language) },
        ]
    }
}
