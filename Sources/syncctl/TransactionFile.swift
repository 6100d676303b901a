import ArgumentParser
import Foundation
import ParkSyncReplication
import ParkSyncReports
import ParkSyncWire

/// A transaction in a file, written as the body of `POST /v1/transactions`.
enum TransactionFile {
    /// - Parameter path: `-` for standard input.
    static func read(_ path: String) throws -> TransactionRequest {
        let data: Data
        do {
            data =
                path == "-"
                ? try FileHandle.standardInput.readToEnd() ?? Data() : try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw ValidationError(
                """
                \(path) cannot be read: \(ErrorWords.of(error)). Name a file with a transaction, or - for \
                standard input.
                """
            )
        }
        return try parse(data, name: path)
    }

    /// As strict as the node: a misspelt `parameters` would otherwise be dropped here, and the
    /// statement run with NULLs.
    static func parse(_ data: Data, name: String) throws -> TransactionRequest {
        guard data.count <= LocalLimits.localRequestBytesMax else {
            throw ValidationError(
                "\(name) is longer than \(LocalLimits.localRequestBytesMax) bytes. Split it into several transactions.")
        }
        do { return try JSONCoding.decodeStrictly(TransactionRequest.self, from: data) } catch let refusal
            as JSONRefusal
        {
            throw ValidationError("\(name) is not JSON as ParkSync takes it: \(refusal).")
        } catch let error as DecodingError {
            throw ValidationError(
                """
                \(name) is not a transaction: \(Sentence.ended(error.sentence)) Write it as the body of POST \
                /v1/transactions.
                """
            )
        }
    }
}
