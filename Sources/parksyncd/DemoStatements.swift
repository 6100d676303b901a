import ArgumentParser
import Crypto
import Foundation
import ParkSyncCatalog
import ParkSyncReports

/// `parksyncd demo-data`
struct DemoStatements: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo-data", abstract: "Print a park's demo data as a transaction for `syncctl exec --file -`.",
        discussion:
            """
            The same seed gives the same bytes each time. Stage 2 refers to what the other parks load in stage \
            1: let the nodes agree in between.
            """
    )

    @Option(help: "The park whose data is wanted.")
    var park: String

    @Option(help: "1: what the park has. 2: what it does with what the others have.")
    var stage = 1

    @Option(help: "Decides all names and numbers.")
    var seed: UInt64 = 1

    @Option(help: "Multiplies the number of everything.")
    var scale = 1

    func validate() throws {
        guard DemoData.parks.contains(park) else {
            throw ValidationError("There is no park \(park). Parks: \(DemoData.parks.joined(separator: ", ")).")
        }
        guard stage == 1 || stage == 2 else { throw ValidationError("--stage is 1 or 2.") }
        guard (1...DemoData.scaleMax).contains(scale) else {
            throw ValidationError("--scale is from 1 to \(DemoData.scaleMax).")
        }
    }

    func run() throws {
        let data = DemoData(seed: seed, scale: scale) { Array(SHA256.hash(data: $0)) }
        let statements = (stage == 1 ? data.ownStatements(park: park) : data.useStatements(park: park)) ?? []
        let request = TransactionRequest(
            statements: statements.map { SQLStatement($0.sql, $0.parameters.map(JSONValue.init)) })
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        print(String(decoding: try encoder.encode(request), as: UTF8.self))
    }
}
