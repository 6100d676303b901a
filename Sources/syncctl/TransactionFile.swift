import ArgumentParser
import Foundation
import ParkSyncWire

/// A transaction in a file, written as the body of `POST /v1/transactions`.
enum TransactionFile {
    private static let members: Set<String> = ["author", "note", "statements", "timeout_ms"]
    private static let statementMembers: Set<String> = ["parameters", "sql"]

    /// - Parameter path: `-` for standard input.
    static func read(_ path: String) throws -> TransactionRequest {
        let data: Data
        do { data = path == "-" ? try FileHandle.standardInput.readToEnd() ?? Data() : try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
            throw ValidationError("\(path) cannot be read: \(error.localizedDescription)")
        }
        return try parse(data, name: path)
    }

    /// As strict as the node: a misspelt `parameters` would otherwise be dropped here, and the statement run with NULLs.
    static func parse(_ data: Data, name: String) throws -> TransactionRequest {
        guard data.count <= WireLimits.localRequestBytesMax else {
            throw ValidationError("\(name) is longer than \(WireLimits.localRequestBytesMax) bytes. Split it into several transactions.")
        }
        do {
            try checkMembers(JSONSerialization.jsonObject(with: data), name)
            return try JSONDecoder().decode(TransactionRequest.self, from: data)
        } catch let error as DecodingError {
            throw ValidationError("\(name) is not a transaction: \(text(error)). Write it as the body of POST /v1/transactions.")
        } catch let error as ValidationError {
            throw error
        } catch {
            throw ValidationError("\(name) is not JSON: \(error.localizedDescription)")
        }
    }

    private static func checkMembers(_ value: Any, _ name: String) throws {
        guard let object = value as? [String: Any] else { throw ValidationError("\(name) is not a JSON object.") }
        try check(object, members, "\(name): ")
        for (index, statement) in (object["statements"] as? [Any] ?? []).enumerated() {
            guard let statement = statement as? [String: Any] else { continue }
            try check(statement, statementMembers, "\(name): statements[\(index)].")
        }
    }

    private static func check(_ object: [String: Any], _ known: Set<String>, _ place: String) throws {
        guard let unknown = object.keys.sorted().first(where: { !known.contains($0) }) else { return }
        throw ValidationError("\(place)\(unknown): unknown member; known are \(known.sorted().joined(separator: ", ")).")
    }

    private static func text(_ error: DecodingError) -> String {
        let context: DecodingError.Context
        switch error {
        case .typeMismatch(_, let found), .valueNotFound(_, let found), .keyNotFound(_, let found), .dataCorrupted(let found): context = found
        @unknown default: return "\(error)"
        }
        let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
        return (path.isEmpty ? "" : path + ": ") + context.debugDescription.trimmingCharacters(in: CharacterSet(charactersIn: "."))
    }
}
