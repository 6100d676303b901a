import ParkSyncCore
import ParkSyncStore

/// One transaction of a simulated park, as a value: it can be put into a history, written to a
/// file, left out and played again.
package struct Activity: Codable, Hashable, Sendable {
    package enum Channel: String, Codable, Hashable, Sendable {
        /// Through the store, as the local API does.
        case api
        /// By a program of the park on a connection of its own: BEGIN IMMEDIATE, the statements,
        /// COMMIT.
        case foreign
    }

    package enum Outcome: String, Codable, Hashable, Sendable {
        case succeeds
        /// SQLite or a trigger refuses it, and nothing of it may stay.
        case fails
        /// It depends on what the node holds by then.
        case either
    }

    package struct Statement: Codable, Hashable, Sendable {
        package var sql: String
        package var values: [Value]
        package init(_ sql: String, _ values: [Value] = []) {
            self.sql = sql
            self.values = values
        }
    }

    /// What kind of activity it is, for people.
    package var label: String
    package var channel: Channel
    package var statements: [Statement]
    package var outcome: Outcome
    /// The id of the row of `journal` that the transaction inserts and nothing else does: by it the
    /// entry is found that a foreign program's transaction became. Nil if the transaction has none.
    package var marker: String?

    package init(
        label: String, channel: Channel, statements: [Statement], outcome: Outcome = .succeeds, marker: String? = nil
    ) {
        self.label = label
        self.channel = channel
        self.statements = statements
        self.outcome = outcome
        self.marker = marker
    }

    /// For `ParkStore.transact`.
    package var transaction: StoreTransaction {
        StoreTransaction(
            statements: statements.map { StoreStatement(sql: $0.sql, parameters: $0.values) }, author: "simulation",
            note: label)
    }

    /// Does it as a foreign program.
    ///
    /// - Throws: `SQLiteFile.Failure`; nothing was written then.
    package func run(on file: SQLiteFile) throws {
        try file.execute("BEGIN IMMEDIATE")
        do {
            for statement in statements { try file.rows(statement.sql, statement.values) }
            try file.execute("COMMIT")
        } catch {
            if file.isInTransaction { try? file.execute("ROLLBACK") }
            throw error
        }
    }
}

extension Activity: CustomStringConvertible {
    package var description: String {
        let texts = statements.prefix(4).map { statement in
            let sql = statement.sql.count > 160 ? statement.sql.prefix(160) + "…" : statement.sql[...]
            return statement.values.isEmpty ? "\(sql)" : "\(sql) \(ModelReader.show(Array(statement.values.prefix(6))))"
        }
        let rest = statements.count > 4 ? "; and \(statements.count - 4) more" : ""
        return "\(label) (\(channel.rawValue), \(outcome.rawValue)): \(texts.joined(separator: "; "))\(rest)"
    }
}

/// One word for each value: a letter for its type, then the value. Reals are their bits, texts that
/// are no plain UTF-8 hexadecimal.
extension Value: Codable {
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encode("N")
        case .integer(let number): try container.encode("I\(number)")
        case .real(let bits): try container.encode("R" + String(bits, radix: 16))
        case .text(let bytes):
            let plain = bytes.contains(0) ? nil : String(validating: bytes, as: UTF8.self)
            try container.encode(plain.map { "S" + $0 } ?? "T" + Hex.encode(bytes))
        case .blob(let bytes): try container.encode("B" + Hex.encode(bytes))
        }
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let word = try container.decode(String.self)
        let rest = String(word.unicodeScalars.dropFirst())
        let value: Value? =
            switch word.unicodeScalars.first {
            case "N" where rest.isEmpty: .null
            case "I": Int64(rest).map { .integer($0) }
            case "R": UInt64(rest, radix: 16).map { .real($0) }
            case "S": .text(Array(rest.utf8))
            case "T": Hex.decode(rest).map { .text($0) }
            case "B": Hex.decode(rest).map { .blob($0) }
            default: nil
            }
        guard let value else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(word.prefix(40)) is no value")
        }
        self = value
    }
}
