import ArgumentParser
import ParkSyncCurl
import ParkSyncReports
import ParkSyncWire

/// `syncctl refused`: captured writes that the node did not sign.
struct Refused: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List captured writes that the node did not sign, or forget them.",
        subcommands: [List.self, Drop.self],
        defaultSubcommand: List.self)

    /// `syncctl refused list`
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List captured writes that no park would apply, the newest first.",
            discussion: """
                Only ParkSync's triggers write the tables that capture writes. What another program puts there is \
                judged as the other parks \
                would judge it, and set aside: the table, what was captured, the cause, and when. At most 1,000 are \
                kept, the rest is counted.
                """)

        @OptionGroup var node: NodeAddress

        @OptionGroup var list: ListOptions

        func run() async throws {
            let loop = CurlLoop()
            try await reporting("refused") {
                let rows: [RefusedRowReport] = try await node.client(loop).get(
                    LocalPath.refused, [("limit", "\(list.limit)")])
                if list.json { return try Console.json(rows) }
                if rows.isEmpty { return print("no captured write was refused") }
                for row in rows {
                    let text = "\(row.id)  \(Console.time(row.foundAt))  \(row.table): \(row.row): \(row.cause)"
                    for line in TextLayout.wrap(Console.safe(text), hanging: 4) { print(line) }
                }
            }
        }
    }

    /// `syncctl refused drop`
    struct Drop: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Forget captured writes that were refused.",
            discussion:
                "Nothing that was signed changes. Rows that differ from the log stay named by `syncctl verify --rows`.")

        @OptionGroup var node: NodeAddress

        @Argument(help: "Their numbers, as `syncctl refused` shows them.")
        var ids: [Int64] = []

        @Flag(help: "All of them.")
        var all = false

        @Flag(help: "Print the node's answer as JSON.")
        var json = false

        func validate() throws {
            guard all == ids.isEmpty else { throw ValidationError("Give either numbers or --all.") }
        }

        func run() async throws {
            let loop = CurlLoop()
            try await reporting("refused drop") {
                let request = all ? DropRefusedRequest(all: true) : DropRefusedRequest(ids: ids)
                let report: DropRefusedReport = try await node.client(loop).post(LocalPath.refusedDrops, request)
                if json { return try Console.json(report) }
                print("\(report.dropped) dropped")
            }
        }
    }
}
