import ParkSyncCore

/// What the file remembers of this node's own log from one start to the next: one row of
/// `_parksync_meta`, read and written here alone. Whoever asks whose log a node writes asks this.
package struct OwnLogRecord: Hashable, Sendable {
    /// When an incarnation was opened last, and why.
    package struct Incarnation: Hashable, Sendable {
        package enum Cause: String, Hashable, Sendable, CaseIterable { case fork, reissue, homecoming }
        /// Unix milliseconds.
        package var at: UInt64
        package var cause: Cause
    }

    /// The origin that the node writes as; nil as long as it is the park's first.
    package var origin: OriginID?
    /// Nil if own entries are not fetched.
    package var fetch: OwnLog.Fetch?
    /// Own entries were taken back when the park came back into the zone, and wait to be written
    /// anew.
    package var owesReturn = false
    package var incarnation: Incarnation?
    /// The newest own entry when this node accepted writes after it had lost its file, until it has
    /// written on.
    package var recovered: UInt64?

    static let key = "own log"

    // MARK: in the file

    /// - Throws: `StoreError.damaged` if the file says what no node has written.
    package static func load(_ connection: Connection, park: String) throws -> OwnLogRecord {
        try OwnLogRecord(park: park) { try StoreFile.meta(connection, $0) }
    }

    func save(_ connection: Connection) throws { try StoreFile.setMeta(connection, Self.key, .string(text)) }

    /// Reads, changes and writes. Within the caller's transaction.
    package static func change(_ connection: Connection, park: String, _ body: (inout OwnLogRecord) -> Void) throws {
        let before = try load(connection, park: park)
        var after = before
        body(&after)
        if after != before { try after.save(connection) }
    }

    /// Brings what an earlier version has written into the present form. Within the caller's
    /// transaction, where a node's own file is opened, and where a backup's rows have become one.
    static func migrate(_ connection: Connection, park: String) throws {
        if try StoreFile.meta(connection, key) == nil { try load(connection, park: park).save(connection) }
        let names = OldOwnLogKeys.all.map(literal).joined(separator: ", ")
        try connection.execute("DELETE FROM _parksync_meta WHERE name IN (\(names))")
    }

    // MARK: as a text

    private static let version = "1"
    private static let none = "-"
    private static let owing = "returning"

    /// `1;ORIGIN;CAUSE;SIGNED;FORKED-AT;returning;OPENED-AT;WHY;RECOVERED`, with `-` for what is
    /// not so.
    var text: String {
        let words: [String?] = [
            Self.version, origin?.name, fetch?.cause.rawValue, fetch.map { "\($0.signed)" },
            fetch?.forkedAt.map { "\($0)" },
            owesReturn ? Self.owing : nil, incarnation.map { "\($0.at)" }, incarnation?.cause.rawValue,
            recovered.map { "\($0)" },
        ]
        return words.map { $0 ?? Self.none }.joined(separator: ";")
    }

    /// Nil for anything but what `text` gives.
    init?(parsing text: String) {
        self.init()
        let words = text.split(separator: ";", omittingEmptySubsequences: false).map { word -> String? in
            word == Self.none ? nil : String(word)
        }
        guard words.count == 9, words[0] == Self.version else { return nil }
        if let name = words[1] {
            guard let found = OriginID(name) else { return nil }
            origin = found
        }
        if let name = words[2] {
            guard let cause = OwnLog.Fetch.Cause(rawValue: name),
                let signed = words[3].flatMap({ Self.entryNumber($0) })
            else {
                return nil
            }
            fetch = OwnLog.Fetch(cause, signed: signed)
        }
        if let number = words[4] {
            guard let forkedAt = Self.entryNumber(number), forkedAt > 0 else { return nil }
            fetch?.forkedAt = forkedAt
        }
        if let word = words[5] {
            guard word == Self.owing else { return nil }
            owesReturn = true
        }
        if let number = words[6] {
            guard let at = UInt64(number), let cause = words[7].flatMap({ Incarnation.Cause(rawValue: $0) }) else {
                return nil
            }
            incarnation = Incarnation(at: at, cause: cause)
        }
        if let number = words[8] {
            guard let seq = Self.entryNumber(number) else { return nil }
            recovered = seq
        }
        // A number without its cause, a sign or a zero in front of a number: nobody has written
        // that here.
        guard self.text == text else { return nil }
    }

    private static func entryNumber(_ text: String) -> UInt64? {
        guard let number = UInt64(text), number <= CoreLimits.entryNumberMax else { return nil }
        return number
    }

    init() {}

    /// - Parameters:
    ///   - park: whose file it is.
    ///   - meta: the value of a name in the file's meta table.
    init(park: String, reading meta: (String) throws -> Value?) throws {
        switch try meta(Self.key) {
        case .text(let bytes)?:
            guard let text = String(validating: bytes, as: UTF8.self), let found = OwnLogRecord(parsing: text) else {
                throw Self.damage
            }
            self = found
        case .null?, nil: try self.init(old: meta)
        default: throw Self.damage
        }
        guard origin.map({ $0.park == park }) ?? true else { throw Self.damage }
    }

    private static var damage: StoreError {
        StoreError(.damaged, "what the file says of its own log is unreadable", remedy: StoreError.damageRemedy)
    }
}

/// The names that formats 1 to 4 had for it, each with codes of its own.
enum OldOwnLogKeys {
    /// 0: not fetching; 1: the file was lost; 2: its log is behind or another one than the peers
    /// have.
    static let kind = "recovering"
    static let forkedAt = "forked_at"
    static let signed = "forked_signed"
    static let origin = "origin"
    /// 1: entries that were taken back wait to be written anew.
    static let returning = "returning"
    static let incarnatedAt = "incarnated_at"
    /// 1: a fork; 2: entries written anew; 3: a park that came back.
    static let incarnatedFor = "incarnated_for"
    static let recovered = "recovered"
    /// 1: the tables were shut for a fence, which what is applied says, too.
    static let gate = "gate"
    static let all = [kind, forkedAt, signed, origin, returning, incarnatedAt, incarnatedFor, recovered, gate]
}

extension OwnLogRecord {
    /// The one decoder of the old names.
    init(old meta: (String) throws -> Value?) throws {
        self.init()
        func number(_ name: String) throws -> UInt64? {
            guard case .integer(let value)? = try meta(name), value >= 0 else { return nil }
            return UInt64(value)
        }
        if case .text(let name)? = try meta(OldOwnLogKeys.origin) {
            guard let found = OriginID(utf8: name[...]) else { throw Self.damage }
            origin = found
        }
        let kind = try number(OldOwnLogKeys.kind) ?? 0
        if kind > 0 {
            // As it was: a number beyond all entries is one that nobody reaches.
            let signed = min(try number(OldOwnLogKeys.signed) ?? 0, CoreLimits.entryNumberMax)
            let forkedAt = try number(OldOwnLogKeys.forkedAt).flatMap {
                $0 > 0 ? min($0, CoreLimits.entryNumberMax) : nil
            }
            fetch = OwnLog.Fetch(kind == 1 ? .lost : .behind, signed: signed, forkedAt: forkedAt)
        }
        owesReturn = try number(OldOwnLogKeys.returning) == 1
        recovered = try number(OldOwnLogKeys.recovered).map { min($0, CoreLimits.entryNumberMax) }
        if let at = try number(OldOwnLogKeys.incarnatedAt) {
            let causes = Incarnation.Cause.allCases
            let code = try number(OldOwnLogKeys.incarnatedFor) ?? 1
            incarnation = Incarnation(
                at: at, cause: (1...UInt64(causes.count)).contains(code) ? causes[Int(code) - 1] : .fork)
        }
    }
}
