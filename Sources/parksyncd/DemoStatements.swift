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
            it: let the nodes agree in between. No arbiter may answer before all of it is in. With --stage the data \
            is that of the starter schema.
            """
    )

    @Option(help: "The park whose data is wanted.")
    var park: String

    @Option(
        help: """
            \(CatalogueDemo.Phase.allCases.map(\.rawValue).joined(separator: ", ")): what the park has, on what \
            terms, what it asks for, what people do about it, what it has answered, and what was used and paid.
            """)
    var phase: CatalogueDemo.Phase?

    @Option(help: "Of the starter schema, 1: what the park has. 2: what it does with what the others have.")
    var stage: Int?

    @Option(help: "Decides all names and numbers.")
    var seed: UInt64 = 1

    @Option(help: "With --stage: multiplies the number of everything.")
    var scale = 1

    func validate() throws {
        guard DemoData.parks.contains(park) else {
            throw ValidationError("There is no park \(park). Parks: \(DemoData.parks.joined(separator: ", ")).")
        }
        guard (phase == nil) != (stage == nil) else { throw ValidationError("Give either --phase or --stage.") }
        if let stage, stage != 1, stage != 2 { throw ValidationError("--stage is 1 or 2.") }
        guard (1...DemoData.scaleMax).contains(scale) else {
            throw ValidationError("--scale is from 1 to \(DemoData.scaleMax).")
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
        let sha256: @Sendable ([UInt8]) -> [UInt8] = { Array(SHA256.hash(data: $0)) }
        if let phase { return CatalogueDemo(seed: seed, sha256: sha256).statements(park: park, phase) }
        let data = DemoData(seed: seed, scale: scale, sha256: sha256)
        return stage == 1 ? data.ownStatements(park: park) : data.useStatements(park: park)
    }
}

extension CatalogueDemo.Phase: ExpressibleByArgument {}
