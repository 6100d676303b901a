import ParkSyncCore
import ParkSyncReports

/// What a row says of who wrote it and what it is about, as far as it is compared with a second
/// writing of it.
struct Written: Codable, Hashable, Sendable {
    var byID: String?
    var about: String
    var what: String

    enum CodingKeys: String, CodingKey { case byID = "by_id", about, what }

    /// By their bytes.
    func isSame(as other: Written) -> Bool {
        (byID ?? "").isExactly(other.byID ?? "") && about.isExactly(other.about) && what.isExactly(other.what)
    }
}

extension Office {
    /// Writes a row that has its id from a key, unless it is there already. Without a key the row
    /// is new.
    ///
    /// - Parameters:
    ///   - known: the query that reads a `Written` of the id `?1`.
    ///   - written: what is written now.
    /// - Throws: the fault if the key stands for something else.
    func writeOnce(
        _ statement: SQLStatement, _ id: String, _ key: UInt64?, note: String?, known: String, as written: Written
    ) async throws {
        if try await isWritten(id, key, known: known, as: written) { return }
        do {
            try await write([statement], note: note)
        } catch let fault as OfficeFault {
            // The other writing of it may have come between the look and this one.
            if try await isWritten(id, key, known: known, as: written) { return }
            throw fault
        }
    }

    /// Whether it is there, as it is written now.
    func isWritten(_ id: String, _ key: UInt64?, known: String, as written: Written) async throws -> Bool {
        guard key != nil, let found = try await rows(known, [.text(id)], as: Written.self).first else { return false }
        if found.isSame(as: written) { return true }
        throw OfficeFault(
            .refused, "key_used", OfficeField("Idempotency-Key", "幂等键", "idempotency key"),
            Wording("该键已用于其他事项", "the key stands for something else already"), Wording("换用新的键", "Take a new key"))
    }
}
