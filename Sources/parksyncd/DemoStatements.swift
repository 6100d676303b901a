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
            The same seed gives the same bytes each time. Each phase refers to what all parks load in those before \
            it: let the nodes agree in between. No arbiter may answer before all of it is in.
            """
    )

    @Option(help: "The park whose data is wanted.")
    var park: String

    @Option(
        help: """
            \(CatalogueDemo.Phase.allCases.map(\.rawValue).joined(separator: ", ")): what the park has, on what \
            terms, what it asks for, what people do about it, what it has answered, and what was used and paid.
            """)
    var phase: CatalogueDemo.Phase

    @Option(help: "Decides all names and numbers.")
    var seed: UInt64 = 1

    func validate() throws {
        guard CatalogueDemo.parks.contains(park) else {
            throw ValidationError("There is no park \(park). Parks: \(CatalogueDemo.parks.joined(separator: ", ")).")
        }
    }

    func run() throws {
        let request = TransactionRequest(
            statements: (statements ?? []).map { SQLStatement($0.sql, $0.parameters.map(JSONValue.init)) })
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        print(String(decoding: try encoder.encode(request), as: UTF8.self))
    }

    private var statements: [DemoStatement]? {
        CatalogueDemo(seed: seed) { Array(SHA256.hash(data: $0)) }.statements(park: park, phase)
    }
}

extension CatalogueDemo.Phase: ExpressibleByArgument {}
