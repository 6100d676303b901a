extension SQLStatement: StrictBody {
    package init(strictlyFrom decoder: any Decoder) throws {
        let members = try decoder.members(["sql", "parameters"])
        self.init(try members.decode(String.self, forKey: "sql"), try members.decodeIfPresent([JSONValue].self, forKey: "parameters"))
    }
}

extension TransactionRequest: StrictBody {
    package init(strictlyFrom decoder: any Decoder) throws {
        let members = try decoder.members(["statements", "author", "note", "timeout_ms"])
        self.init(
            statements: try members.decode([Strict<SQLStatement>].self, forKey: "statements").map(\.body),
            author: try members.decodeIfPresent(String.self, forKey: "author"),
            note: try members.decodeIfPresent(String.self, forKey: "note"),
            timeoutMilliseconds: try members.decodeIfPresent(Int.self, forKey: "timeout_ms"))
    }
}

extension QueryRequest: StrictBody {
    package init(strictlyFrom decoder: any Decoder) throws {
        let members = try decoder.members(["sql", "parameters", "timeout_ms"])
        self.init(
            sql: try members.decode(String.self, forKey: "sql"),
            parameters: try members.decodeIfPresent([JSONValue].self, forKey: "parameters"),
            timeoutMilliseconds: try members.decodeIfPresent(Int.self, forKey: "timeout_ms"))
    }
}

extension CompactRequest: StrictBody {
    package init(strictlyFrom decoder: any Decoder) throws {
        let members = try decoder.members(["archive", "vacuum"])
        self.init(
            archive: try members.decodeIfPresent(Bool.self, forKey: "archive"), vacuum: try members.decodeIfPresent(Bool.self, forKey: "vacuum"))
    }
}

extension ConfirmationRequest: StrictBody {
    package init(strictlyFrom decoder: any Decoder) throws {
        let members = try decoder.members(["ids", "author", "note"])
        self.init(
            ids: try members.decode([String].self, forKey: "ids"), author: try members.decodeIfPresent(String.self, forKey: "author"),
            note: try members.decodeIfPresent(String.self, forKey: "note"))
    }
}

extension RowVerifyRequest: StrictBody {
    package init(strictlyFrom decoder: any Decoder) throws {
        self.init(tables: try decoder.members(["tables"]).decodeIfPresent([String].self, forKey: "tables"))
    }
}

extension RepairRequest: StrictBody {
    package init(strictlyFrom decoder: any Decoder) throws {
        let members = try decoder.members(["table", "keys", "way", "author", "note"])
        self.init(
            table: try members.decode(String.self, forKey: "table"), keys: try members.decodeIfPresent([[JSONValue]].self, forKey: "keys"),
            way: try members.decode(Way.self, forKey: "way"), author: try members.decodeIfPresent(String.self, forKey: "author"),
            note: try members.decodeIfPresent(String.self, forKey: "note"))
    }
}

extension DropRefusedRequest: StrictBody {
    package init(strictlyFrom decoder: any Decoder) throws {
        let members = try decoder.members(["ids", "all"])
        self.init(
            ids: try members.decodeIfPresent([Int64].self, forKey: "ids"), all: try members.decodeIfPresent(Bool.self, forKey: "all"))
    }
}

extension FenceRequest: StrictBody {
    package init(strictlyFrom decoder: any Decoder) throws {
        let members = try decoder.members(["park", "lift"])
        self.init(park: try members.decode(String.self, forKey: "park"), lift: try members.decodeIfPresent(Bool.self, forKey: "lift"))
    }
}

extension AcceptWritesRequest: StrictBody {
    package init(strictlyFrom decoder: any Decoder) throws {
        self.init(reason: try decoder.members(["reason"]).decode(String.self, forKey: "reason"))
    }
}

extension BundleRequest: StrictBody {
    package init(strictlyFrom decoder: any Decoder) throws {
        let members = try decoder.members(["to", "since"])
        self.init(to: try members.decode(String.self, forKey: "to"), since: try members.decodeIfPresent(String.self, forKey: "since"))
    }
}

extension SnapshotRequest: StrictBody {
    package init(strictlyFrom decoder: any Decoder) throws {
        let members = try decoder.members(["from", "without_confirmation"])
        self.init(
            from: try members.decode(String.self, forKey: "from"),
            withoutConfirmation: try members.decodeIfPresent(Bool.self, forKey: "without_confirmation"))
    }
}

extension ReissueRequest: StrictBody {
    package init(strictlyFrom decoder: any Decoder) throws {
        let members = try decoder.members(["reason", "author"])
        self.init(reason: try members.decode(String.self, forKey: "reason"), author: try members.decodeIfPresent(String.self, forKey: "author"))
    }
}
