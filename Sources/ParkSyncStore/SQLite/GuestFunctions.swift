import ParkSyncCore

/// The functions that SQL from outside may call, and how much each may work on. What is not in this
/// list is refused.
///
/// SQLite interrupts a statement between its instructions and not within one, and a call of a
/// function is one. So the length of values is bounded by what the functions of a statement make of
/// them. docs/reference/sql.md has the same list.
package enum GuestFunctions {
    package enum Kind: Int, CaseIterable {
        /// Looks at a value, or counts.
        case plain
        /// Makes a text or a blob, or reads one through, in linear time.
        case text
        /// Parses JSON, which takes sixteen bytes for each element.
        case json
        /// Compares a text with a pattern at each of its places.
        case pattern

        /// Longest text or blob in a statement that calls up to `callsAtFullLength` functions of
        /// this kind; with more it is shared among them.
        var valueBytesMax: Int {
            switch self {
            case .plain: ReadLimits.valueBytesMax
            case .text: ReadLimits.textValueBytesMax
            case .json: ReadLimits.jsonValueBytesMax
            case .pattern: ReadLimits.patternValueBytesMax
            }
        }

        /// Most calls that one statement may have.
        var callsMax: Int { self == .pattern ? ReadLimits.patternCallsMax : ReadLimits.functionCallsMax }
        var callsAtFullLength: Int { self == .plain ? ReadLimits.plainCallsAtFullLength : ReadLimits.callsAtFullLength }
    }

    /// By kind, sorted; with the virtual tables that are called like functions.
    static let names: [(kind: Kind, names: [String])] = [
        (
            .plain,
            [
                "abs", "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "avg", "bm25", "ceil", "ceiling",
                "changes", "coalesce", "cos",
                "cosh", "count", "cume_dist", "current_date", "current_time", "current_timestamp", "date", "datetime",
                "degrees", "dense_rank",
                "exp", "first_value", "floor", "ifnull", "iif", "julianday", "lag", "last_insert_rowid", "last_value",
                "lead", "length",
                "likelihood", "likely", "ln", "log", "log10", "log2", "match", "max", "min", "mod", "nth_value",
                "ntile", "nullif",
                "percent_rank", "pi", "pow", "power", "radians", "random", "rank", "round", "row_number", "sign", "sin",
                "sinh",
                "sqlite_version", "sqrt", "substr", "substring", "sum", "tan", "tanh", "time", "timediff", "total",
                "total_changes", "trunc",
                "typeof", "unicode", "unixepoch", "unlikely",
            ]
        ),
        (
            .text,
            [
                "char", "concat", "concat_ws", "format", "group_concat", "hex", "highlight", "instr", "json_array",
                "json_group_array",
                "json_group_object", "json_object", "json_quote", "lower", "octet_length", "offsets", "printf", "quote",
                "randomblob", "replace",
                "snippet", "soundex", "strftime", "string_agg", "unhex", "upper", "zeroblob",
            ]
        ),
        (
            .json,
            [
                "->", "->>", "json", "json_array_length", "json_each", "json_extract", "json_insert", "json_patch",
                "json_remove", "json_replace",
                "json_set", "json_tree", "json_type", "json_valid",
            ]
        ),
        (.pattern, ["glob", "like", "ltrim", "rtrim", "trim"]),
    ]

    package static let kinds: [ExactText: Kind] = Dictionary(
        names.flatMap { group in group.names.map { (ExactText($0), group.kind) } },
        uniquingKeysWith: { first, _ in first })

    /// Of the virtual tables that every connection has, those that may be read: the others show
    /// other clients' statements, or pages.
    package static func isOpen(module name: String) -> Bool {
        ["fts3", "fts4", "fts5", "geopoly", "json_each", "json_tree", "rtree", "rtree_i32"].contains {
            $0.isExactly(name)
        }
            || name.beginsExactly(with: "pragma_")
    }
}

/// What the statement that is being compiled calls.
struct GuestUse {
    private var calls = [Int](repeating: 0, count: GuestFunctions.Kind.allCases.count)
    /// Why the statement was refused, when SQLite itself says only that something is not allowed.
    private(set) var refusal: StoreError?

    mutating func allows(function name: String) -> Bool {
        guard let kind = GuestFunctions.kinds[ExactText(name.asciiLowercased)] else {
            refusal = StoreError(
                .forbidden, "the function \(name) is not allowed here",
                remedy: "docs/reference/sql.md lists the functions that are.")
            return false
        }
        calls[kind.rawValue] += 1
        guard calls[kind.rawValue] <= kind.callsMax, calls.reduce(0, +) <= ReadLimits.functionCallsMax else {
            refusal = StoreError(
                .tooLarge,
                "the statement calls \(name) and its like more than \(kind.callsMax) times, or functions more than "
                    + "\(ReadLimits.functionCallsMax) times, triggers and views included",
                remedy: "Split it into several statements.")
            return false
        }
        return true
    }

    /// A table that is called like a function.
    mutating func reads(_ table: String) {
        if let kind = GuestFunctions.kinds[ExactText(table.asciiLowercased)] {
            calls[kind.rawValue] = max(calls[kind.rawValue], 1)
        }
    }

    /// Longest text or blob that the statement may make or read.
    func valueBytesMax(_ sql: String) -> Int {
        var calls = calls
        // An operator is no function, and a text too long for anybody to have written it by hand
        // may have many.
        calls[GuestFunctions.Kind.text.rawValue] += sql.concatenations
        let start =
            sql.utf8.count > ReadLimits.largeValueSQLBytesMax ? ReadLimits.textValueBytesMax : ReadLimits.valueBytesMax
        let limit = GuestFunctions.Kind.allCases.reduce(start) { limit, kind in
            let count = calls[kind.rawValue]
            return count == 0
                ? limit : min(limit, kind.valueBytesMax * kind.callsAtFullLength / max(count, kind.callsAtFullLength))
        }
        return max(limit, ReadLimits.valueBytesMin)
    }

    /// After how many instructions it is asked whether the time is over: each may work on values of
    /// any length that is allowed.
    var progressSteps: Int32 {
        calls[GuestFunctions.Kind.plain.rawValue] == calls.reduce(0, +) ? Self.plainSteps : Self.workingSteps
    }

    private static let plainSteps: Int32 = 200
    private static let workingSteps: Int32 = 10
}

extension String {
    /// How often `||` stands in it, wherever.
    fileprivate var concatenations: Int {
        var (count, wasBar) = (0, false)
        for byte in utf8 {
            let isBar = byte == UInt8(ascii: "|")
            if isBar, wasBar { (count, wasBar) = (count + 1, false) } else { wasBar = isBar }
        }
        return count
    }
}
