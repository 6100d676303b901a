import ParkSyncCore

/// Looks whether entries stand for what the file keeps of votes, fences and entries that were taken back: a program could have written there, too, and
/// what stands there decides which entries count.
///
/// Of an entry that is archived it is believed, until `log verify` reads the archive; so is that nothing is missing.
struct ControlSoundness {
    private struct Entry: Hashable {
        var ordinal: Int64
        var seq: UInt64
    }

    let connection: Connection
    let state: StoreState
    private var known: [Entry: [ControlRecord]?] = [:]

    private init(_ connection: Connection, _ state: StoreState) { (self.connection, self.state) = (connection, state) }

    /// - Throws: `StoreError.damaged` that names the first that no entry says.
    static func check(_ connection: Connection, _ state: StoreState) throws {
        var soundness = Self(connection, state)
        try soundness.check()
    }

    private mutating func check() throws {
        for withdrawal in try WithdrawalTable.all(connection, state) {
            let (of, first, last) = (withdrawal.origin, withdrawal.first, withdrawal.last)
            try expect(withdrawal.by, 1, "takes \(of):\(first) to \(last) back") { record in
                if case .withdrawal(of, first, last) = record { true } else { false }
            }
        }
        for fence in try FenceTable.all(connection, state) {
            try expect(fence.by, fence.seq, "fences \(fence.park) after \(fence.after)") { record in
                if case .fence(let park, let after) = record { park.isExactly(fence.park) && after == fence.after } else { false }
            }
        }
        for decision in try VoteTable.decisions(connection, state) {
            try expect(decision.by, decision.seq, "takes \(decision.park) \(decision.side.rawValue)") { record in
                switch (decision.side, record) {
                case (.out, .fence(let park, _)): park.isExactly(decision.park)
                case (.back, .lift(let park, let fences)): park.isExactly(decision.park) && fences == decision.fences
                default: false
                }
            }
        }
        var votes: [Vote] = []
        try VoteTable.each(connection, state) { votes.append($0) }
        for vote in votes {
            try expect(vote.by, vote.seq, "wants \(vote.park) \(vote.side.rawValue)") { record in
                if case .vote(let park, let side, let members) = record {
                    park.isExactly(vote.park) && side == vote.side && members == vote.members
                } else {
                    false
                }
            }
        }
    }

    private mutating func expect(_ by: OriginID, _ seq: UInt64, _ what: String, _ isIt: (ControlRecord) -> Bool) throws {
        guard let index = state.index(of: by) else { return }
        let entry = Entry(ordinal: state.origins[index].ordinal, seq: seq)
        let records = try known[entry] ?? read(entry)
        known[entry] = records
        if let records, !records.contains(where: isIt) {
            throw LogSoundness.damage("the file says that \(by):\(seq) \(what), and the log does not")
        }
    }

    /// What the entry says of other parks; nil if it is archived.
    private func read(_ entry: Entry) throws -> [ControlRecord]? {
        guard try LogTable.holds(connection, ordinal: entry.ordinal, seq: entry.seq) else {
            return try SegmentTable.newest(connection, ordinal: entry.ordinal, upTo: .max).map { $0.last >= entry.seq } == true ? nil : []
        }
        return try LogTable.withPayload(connection, ordinal: entry.ordinal, seq: entry.seq) { (try? Self.records($0)) ?? [] }
    }

    /// - Throws: `DecodingFailure` for an entry that counts nowhere.
    private static func records(_ payload: UnsafeRawBufferPointer) throws -> [ControlRecord] {
        var records: [ControlRecord] = []
        var reader = try ChangeReader(payload)
        while let change = try reader.next(), let block = reader.block {
            guard block.name.isExactly(ControlRecord.tableName) else { continue }
            records.append(try ControlRecord(change, block: block, key: reader.key, payload: payload))
        }
        return records
    }
}
