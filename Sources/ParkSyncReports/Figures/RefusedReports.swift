/// A captured write that the node will not sign, because no park would apply it. It is kept aside,
/// named, and everything else goes on. Element of the answer of `GET /v1/refused`.
package struct RefusedRowReport: Codable, Hashable, Sendable {
    package var id: Int64
    /// Unix milliseconds.
    package var foundAt: UInt64
    package var table: String
    /// What was captured, for people.
    package var row: String
    package var cause: String
    package init(id: Int64, foundAt: UInt64, table: String, row: String, cause: String) {
        (self.id, self.foundAt, self.table, self.row, self.cause) = (id, foundAt, table, row, cause)
    }
    enum CodingKeys: String, CodingKey { case id, foundAt = "found_at", table, row, cause }
}

/// What of that the status says.
package struct RefusedRowsStatus: Codable, Hashable, Sendable {
    /// All that were not dropped yet, also those that were only counted.
    package var count: Int64
    /// The newest of them, the newest first.
    package var newest: [RefusedRowReport]
    package init(count: Int64 = 0, newest: [RefusedRowReport] = []) { (self.count, self.newest) = (count, newest) }
}

/// Body of `POST /v1/refused/drops`: `ids`, or `all`.
package struct DropRefusedRequest: Codable, Hashable, Sendable {
    package var ids: [Int64]?
    package var all: Bool?
    package init(ids: [Int64]? = nil, all: Bool? = nil) { (self.ids, self.all) = (ids, all) }
    enum CodingKeys: String, CodingKey, CaseIterable { case ids, all }
}

/// Answer of `POST /v1/refused/drops`.
package struct DropRefusedReport: Codable, Hashable, Sendable {
    package var dropped: Int64
    package init(dropped: Int64) { self.dropped = dropped }
}

/// What is to say of captured writes that were not signed.
enum RefusedVerdict {
    static func reasons(_ refused: RefusedRowsStatus) -> [Verdict.Reason] {
        guard refused.count > 0 else { return [] }
        let first = refused.newest.first.map { ", as \($0.table): \($0.row): \(Sentence.ended($0.cause))" } ?? "."
        return [
            Verdict.Reason(
                .degraded, .rowsRefused,
                "\(refused.count) captured writes were not signed, because no park would apply them\(first) No "
                    + "program may write ParkSync's own "
                    + "tables; `syncctl refused` lists them, `syncctl refused drop --all` forgets them.")
        ]
    }
}
