import Crypto
import Foundation
import ParkSyncCore
import ParkSyncStore

/// The row that every comparison uses: eight columns, a random text key, about 110 bytes of text.
enum BenchTable {
    static let create = """
        CREATE TABLE sample(
          id TEXT NOT NULL PRIMARY KEY, kind TEXT, name TEXT, owner TEXT, place TEXT, price INTEGER, state TEXT, note \
          TEXT)
        """
    static let schema = "-- parksync: schema 1\n-- parksync: writer any\n" + create + ";\n"
    static let insert = "INSERT INTO sample VALUES(?, ?, ?, ?, ?, ?, ?, ?)"
    static let update = "UPDATE sample SET state = ? WHERE id = ?"
    static let delete = "DELETE FROM sample WHERE id = ?"

    /// Row `number` of a run; keys are random, so neither table nor index is written in order.
    static func row(_ number: Int, _ random: inout SplitMix64) -> [Value] {
        let key = String(random.next(), radix: 36) + String(random.next() & 0xFFFFF, radix: 36)
        return [
            .string(key), .string("instrument"), .string("Mass spectrometer \(number % 1_000)"),
            .string("organisation-\(number % 97)"),
            .string("Building \(number % 13), room \(number % 301)"), .integer(Int64(number) * 37),
            .string("available"),
            .string("calibrated in week \(number % 52)"),
        ]
    }

    static func rows(_ count: Int, seed: UInt64) -> [[Value]] {
        var random = SplitMix64(state: seed)
        return (0..<count).map { row($0, &random) }
    }
}

/// What one round writes, changes and deletes: the same rows in every run.
struct BenchSamples {
    let rows: [[Value]]
    /// Parameters of `BenchTable.update`: all rows, in another order.
    let updates: [[Value]]
    /// Parameters of `BenchTable.delete`: a quarter of them.
    let deletes: [[Value]]

    init(_ count: Int, round number: Int) {
        rows = BenchTable.rows(count, seed: UInt64(number) + 1)
        updates = rows.shuffledForUpdate(seed: UInt64(number) + 99).map { [Value.string("in use"), $0[0]] }
        deletes = updates.prefix(count / 4).map { [$0[1]] }
    }
}

/// Makes stores for a run, in a folder that is removed afterwards.
final class BenchFolder {
    let path: String
    private let keys = ["south": Curve25519.Signing.PrivateKey(), "west": Curve25519.Signing.PrivateKey()]

    init() throws {
        path = NSTemporaryDirectory() + "parksync-bench-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// - Parameter parks: the zone's parks; nil for all.
    func store(_ park: String, _ name: String, parks: Set<String>? = nil) throws -> ParkStore {
        guard let origin = OriginID(park), let key = keys[park] else {
            throw StoreError(.invalidInput, "\(park) is no park of the bench", remedy: "Use south or west.")
        }
        return try ParkStore(
            StoreOptions(
                path: path + "/\(name).sqlite", origin: origin, identity: key,
                members: keys.filter { parks?.contains($0.key) ?? true }.mapValues {
                    Array($0.publicKey.rawRepresentation)
                },
                schema: try CompiledSchema([SchemaFile(name: "bench.sql", sql: BenchTable.schema)]), clock: RealClock()
            ))
    }

    /// Bytes of a database with its write-ahead log.
    func bytes(_ name: String) -> Int {
        ["", "-wal"].reduce(0) { sum, suffix in
            let attributes = try? FileManager.default.attributesOfItem(atPath: path + "/\(name).sqlite\(suffix)")
            return sum + ((attributes?[.size] as? NSNumber)?.intValue ?? 0)
        }
    }
}
