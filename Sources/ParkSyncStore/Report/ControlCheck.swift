import ParkSyncCore

/// Compares what the file keeps of fences and of entries that were taken back with the entries that said so.
///
/// Both decide which entries count. Rows of these tables that no entry stands for are damage like any other, and so are those that are missing.
/// Of an entry that was taken back, and is no longer in the list of those that were set aside, what it said of other parks may be there or not.
struct ControlCheck {
    private struct Said {
        var fences: [Fence] = []
        var withdrawals: [Withdrawal] = []
        var votes: [Said.Word] = []
        /// A vote, without the list of parks.
        struct Word: Hashable {
            var by: OriginID
            var seq: UInt64
            var park: String
            var side: ControlRecord.Side
            var digest: String
            init(_ vote: Vote) { (by, seq, park, side, digest) = (vote.by, vote.seq, vote.park, vote.side, vote.digest) }
        }
        /// Without the votes that they use up.
        var decisions: [Decision] = []
    }
    private var said = Said()
    /// What each log's first entry had seen.
    private var firsts: [OriginID: VersionVector] = [:]
    /// Entries before these were not read: they lie in segments that are not here.
    private var begins: [OriginID: UInt64] = [:]
    private let quarantined: [OriginID: Set<UInt64>]

    init(_ connection: Connection) throws {
        let rows = try RawStatement(
            connection.handle, "SELECT o.name, q.seq FROM _parksync_quarantine q JOIN _parksync_origin o ON o.ordinal = q.origin")
        var quarantined: [OriginID: Set<UInt64>] = [:]
        while try rows.step() { if let origin = OriginID(rows.string(0)) { quarantined[origin, default: []].insert(rows.uint64(1)) } }
        self.quarantined = quarantined
    }

    mutating func begin(_ origin: OriginID, after seq: UInt64) { begins[origin] = seq }

    /// Takes an applied entry.
    mutating func take(_ payload: UnsafeRawBufferPointer, _ origin: OriginID, _ seq: UInt64) {
        guard var reader = try? ChangeReader(payload) else { return }
        if seq == 1 {
            var header = ByteReader(payload)
            let dependencies = (try? EntryHeader(from: &header))?.dependencies ?? []
            firsts[origin] = VersionVector(dependencies.map { ($0.origin, $0.seq) })
        }
        if quarantined[origin]?.contains(seq) == true { return }
        while let change = try? reader.next(), let block = reader.block {
            guard block.name.isExactly(ControlRecord.tableName),
                let record = try? ControlRecord(change, block: block, key: reader.key, payload: payload)
            else { continue }
            switch record {
            case .fence(let park, let after):
                said.fences.append(Fence(park: park, by: origin, seq: seq, after: after))
                decided(park, .out, VersionVector(), origin, seq)
            case .vote(let park, let side, let members):
                said.votes.append(Said.Word(Vote(park: park, side: side, members: members, by: origin, seq: seq)))
            case .lift(let park, let fences): decided(park, .back, fences, origin, seq)
            case .withdrawal(let of, let first, let last): said.withdrawals.append(Withdrawal(origin: of, first: first, last: last, by: origin))
            case .incarnation, .memberKey, .compaction: break
            }
        }
    }

    private mutating func decided(_ park: String, _ side: ControlRecord.Side, _ fences: VersionVector, _ origin: OriginID, _ seq: UInt64) {
        said.decisions.append(Decision(park: park, side: side, by: origin, seq: seq, fences: fences, votes: VersionVector()))
    }

    /// - Parameter state: the file's origins.
    func findings(_ connection: Connection, _ state: StoreState) throws -> [String] {
        var expected = StoreState()
        expected.withdrawals = Withdrawal.valid(said.withdrawals)
        let fences = said.fences.map { fence in
            var fence = fence
            fence.returned = Set(
                firsts.filter { $0.key.park == fence.park && fence.isIn($0.value) && !expected.isWithdrawn($0.key, 1) }.map(\.key))
            return fence
        }
        let kept = try WithdrawalTable.all(connection, state)
        var findings = differences(kept, expected.withdrawals, by: { ($0.by, 1) }) {
            "\($0.by):1 takes \($0.origin):\($0.first) to \($0.last) back"
        }
        findings += differences(
            try FenceTable.all(connection, state), fences, isSure: { !expected.isWithdrawn($0.by, $0.seq) }, by: { ($0.by, $0.seq) }
        ) { fence in
            "\(fence.by):\(fence.seq) fences \(fence.park) after \(fence.after)"
                + (fence.returned.isEmpty ? "" : ", since when \(fence.returned.sorted().map(\.name).joined(separator: ", ")) came back")
        }
        return try findings + votes(connection, state, expected)
    }

    private func votes(_ connection: Connection, _ state: StoreState, _ expected: StoreState) throws -> [String] {
        let kept = try VoteTable.decisions(connection, state).map { decision in
            var decision = decision
            decision.votes = VersionVector()
            return decision
        }
        var words: [Said.Word] = []
        try VoteTable.each(connection, state) { words.append(Said.Word($0)) }
        return differences(
            words, said.votes, isSure: { !expected.isWithdrawn($0.by, $0.seq) }, by: { ($0.by, $0.seq) }
        ) {
            "\($0.by):\($0.seq) wants \($0.park) \($0.side.rawValue)"
        }
            + differences(kept, said.decisions, isSure: { !expected.isWithdrawn($0.by, $0.seq) }, by: { ($0.by, $0.seq) }) {
                "\($0.by):\($0.seq) takes \($0.park) \($0.side.rawValue)"
            }
    }

    /// - Parameter isSure: whether what the log says has to be in the file.
    private func differences<Record: Hashable>(
        _ kept: [Record], _ expected: [Record], isSure: (Record) -> Bool = { _ in true }, by entry: (Record) -> (origin: OriginID, seq: UInt64),
        _ text: (Record) -> String
    ) -> [String] {
        let (known, wanted) = (Set(kept), Set(expected))
        let invented = kept.filter { record in
            let (origin, seq) = entry(record)
            return !wanted.contains(record) && seq > begins[origin] ?? 0
        }
        return invented.map { "the file says that \(text($0)), and the log does not" }
            + expected.filter { !known.contains($0) && isSure($0) }.map { "the log says that \(text($0)), and the file does not" }
    }
}
