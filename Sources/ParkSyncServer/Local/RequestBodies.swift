import ParkSyncWire

extension SQLStatement: StrictBody {
    init(strictlyFrom decoder: any Decoder) throws {
        let members = try decoder.members(["sql", "parameters"])
        self.init(try members.decode(String.self, forKey: "sql"), try members.decodeIfPresent([JSONValue].self, forKey: "parameters"))
    }
}

extension TransactionRequest: StrictBody {
    init(strictlyFrom decoder: any Decoder) throws {
        let members = try decoder.members(["statements", "author", "note", "timeout_ms"])
        self.init(
            statements: try members.decode([Strict<SQLStatement>].self, forKey: "statements").map(\.body),
            author: try members.decodeIfPresent(String.self, forKey: "author"),
            note: try members.decodeIfPresent(String.self, forKey: "note"),
            timeoutMilliseconds: try members.decodeIfPresent(Int.self, forKey: "timeout_ms"))
    }

    /// - Throws: `ProblemDetails` that names the limit which is exceeded.
    func checkLimits() throws {
        guard !statements.isEmpty else { throw Problems.invalid("statements: empty") }
        guard statements.count <= WireLimits.statementsPerTransactionMax else {
            throw Problems.invalid("statements: \(statements.count), at most \(WireLimits.statementsPerTransactionMax) are allowed")
        }
        for (index, statement) in statements.enumerated() { try RequestLimits.checkSQL(statement.sql, at: "statements[\(index)].sql") }
        try RequestLimits.checkTimeout(timeoutMilliseconds)
    }
}

extension QueryRequest: StrictBody {
    init(strictlyFrom decoder: any Decoder) throws {
        let members = try decoder.members(["sql", "parameters", "timeout_ms"])
        self.init(
            sql: try members.decode(String.self, forKey: "sql"),
            parameters: try members.decodeIfPresent([JSONValue].self, forKey: "parameters"),
            timeoutMilliseconds: try members.decodeIfPresent(Int.self, forKey: "timeout_ms"))
    }

    func checkLimits() throws {
        try RequestLimits.checkSQL(sql, at: "sql")
        try RequestLimits.checkTimeout(timeoutMilliseconds)
    }
}

extension CompactRequest: StrictBody {
    init(strictlyFrom decoder: any Decoder) throws {
        let members = try decoder.members(["archive", "vacuum"])
        self.init(
            archive: try members.decodeIfPresent(Bool.self, forKey: "archive"), vacuum: try members.decodeIfPresent(Bool.self, forKey: "vacuum"))
    }
}

extension ConfirmationRequest: StrictBody {
    init(strictlyFrom decoder: any Decoder) throws {
        let members = try decoder.members(["ids", "author", "note"])
        self.init(
            ids: try members.decode([String].self, forKey: "ids"), author: try members.decodeIfPresent(String.self, forKey: "author"),
            note: try members.decodeIfPresent(String.self, forKey: "note"))
    }
}

extension RowVerifyRequest: StrictBody {
    init(strictlyFrom decoder: any Decoder) throws {
        self.init(tables: try decoder.members(["tables"]).decodeIfPresent([String].self, forKey: "tables"))
    }
}

extension RepairRequest: StrictBody {
    init(strictlyFrom decoder: any Decoder) throws {
        let members = try decoder.members(["table", "keys", "way", "author", "note"])
        self.init(
            table: try members.decode(String.self, forKey: "table"), keys: try members.decodeIfPresent([[JSONValue]].self, forKey: "keys"),
            way: try members.decode(Way.self, forKey: "way"), author: try members.decodeIfPresent(String.self, forKey: "author"),
            note: try members.decodeIfPresent(String.self, forKey: "note"))
    }

    /// - Throws: `ProblemDetails` that names what is out of range.
    func checkLimits() throws {
        guard let keys else { return }
        guard (1...RepairReport.rowsMax).contains(keys.count) else { throw Problems.invalid("keys: not from 1 to \(RepairReport.rowsMax)") }
    }
}

extension FenceRequest: StrictBody {
    init(strictlyFrom decoder: any Decoder) throws {
        let members = try decoder.members(["park", "lift"])
        self.init(park: try members.decode(String.self, forKey: "park"), lift: try members.decodeIfPresent(Bool.self, forKey: "lift"))
    }
}

/// Body of `PUT /v1/links/{park}`.
struct LinkRequest: StrictBody {
    var paused: Bool
    init(strictlyFrom decoder: any Decoder) throws { paused = try decoder.members(["paused"]).decode(Bool.self, forKey: "paused") }
}

extension ReissueRequest: StrictBody {
    init(strictlyFrom decoder: any Decoder) throws {
        let members = try decoder.members(["reason", "author"])
        self.init(reason: try members.decode(String.self, forKey: "reason"), author: try members.decodeIfPresent(String.self, forKey: "author"))
    }
}

extension AcceptWritesRequest: StrictBody {
    init(strictlyFrom decoder: any Decoder) throws {
        self.init(reason: try decoder.members(["reason"]).decode(String.self, forKey: "reason"))
    }
}

enum RequestLimits {
    static func checkSQL(_ sql: String, at place: String) throws {
        guard sql.utf8.count <= WireLimits.sqlBytesMax else {
            throw Problems.invalid("\(place): longer than \(WireLimits.sqlBytesMax) bytes")
        }
    }

    static func checkTimeout(_ milliseconds: Int?) throws {
        guard let milliseconds else { return }
        guard (1...WireLimits.queryMillisecondsMax).contains(milliseconds) else {
            throw Problems.invalid("timeout_ms: not from 1 to \(WireLimits.queryMillisecondsMax)")
        }
    }
}
