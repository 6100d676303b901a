import Crypto
import Foundation
import ParkSyncCatalog
import ParkSyncCore
import ParkSyncStore

/// Reads what the arbiter has to know out of a park's store.
struct CatalogueReader: Sendable {
    let store: ParkStore
    let park: String

    func machines() async throws -> Machines {
        let askers = try await rows(CatalogueSQL.machines).compactMap { $0.first?.utf8Text.map { ExactText($0) } }
        let states = try await rows(CatalogueSQL.states).compactMap { row -> Machines.State? in
            var fields = FieldReader(row)
            guard let machine = fields.text(), let name = fields.text() else { return nil }
            return Machines.State(
                machine: machine, name: name, occupies: fields.flag(), ends: fields.flag(), waitsFor: fields.text(),
                deadline: fields.text())
        }
        let moves = try await rows(CatalogueSQL.moves).compactMap { row -> Machines.Move? in
            var fields = FieldReader(row)
            guard let machine = fields.text(), let from = fields.text(), let to = fields.text(),
                let act = fields.text(), let byWhom = fields.text()
            else { return nil }
            return Machines.Move(machine: machine, from: from, to: to, act: act, byWhom: byWhom)
        }
        let reasons = try await rows(CatalogueSQL.reasons).compactMap { row -> Machines.Reason? in
            var fields = FieldReader(row)
            guard let code = fields.text() else { return nil }
            return Machines.Reason(
                code: code, overrideBy: fields.string().flatMap { Machines.Authority(rawValue: $0) })
        }
        return Machines(decidedByAsker: Set(askers), states: states, moves: moves, reasons: reasons)
    }

    func open() async throws -> Set<ExactText> {
        let rows: [[Value]]
        do { rows = try await self.rows(CatalogueSQL.open, parkValue) } catch let error as StoreError
            where error.code == .tooLarge
        { rows = try await self.rows(CatalogueSQL.ownSubjects, parkValue) }
        return Set(rows.compactMap { $0.first?.utf8Text.map { ExactText($0) } })
    }

    func hasWrongPlaces() async throws -> Bool { try await !rows(CatalogueSQL.wrongPlaces, parkValue).isEmpty }

    func moments() async throws -> [ExactText: Instant] {
        var moments: [ExactText: Instant] = [:]
        for row in try await rows(CatalogueSQL.moments, parkValue) {
            var fields = FieldReader(row)
            if let subject = fields.text(), let moment = fields.instant() { moments[subject] = moment }
        }
        return moments
    }

    /// The first text that a statement of one parameter gives; nil also for one that is longer than
    /// an id can be.
    func text(_ sql: String, _ parameter: ExactText) async throws -> ExactText? {
        do {
            return try await rows(sql, .string(parameter.text)).first?.first?.utf8Text.map { ExactText($0) }
        } catch let error as StoreError where error.code == .tooLarge { return nil }
    }

    // MARK: a subject

    func load(_ id: ExactText, now: Instant) async throws -> CatalogueSubject {
        var subject = CatalogueSubject(id: id)
        let cited = try await text(CatalogueSQL.itemOfRequest, id)
        subject.isDecidedByAsker = cited != nil
        let requests = try await readable(CatalogueSQL.requests, of: id.text)
        for row in requests.rows { subject.read(request: row) }
        for request in requests.tooLong { subject.note(unreadable: request.text, CatalogueSubject.tooLong) }
        guard !subject.requests.isEmpty else { return subject }
        let acts = try await readable(CatalogueSQL.acts, of: id.text)
        for row in acts.rows { subject.read(act: row) }
        for act in acts.tooLong { subject.note(unreadable: act.text, CatalogueSubject.tooLong) }
        let steps = try await pieces(subject.requests.map(\.id)) { ids in
            try await rows(CatalogueSQL.steps, .string(id.text), ids)
        }
        for row in steps.rows { subject.read(step: row) }
        let item = cited ?? id
        guard let row = try await rows(CatalogueSQL.item, .string(item.text)).first else { return subject }
        subject.read(item: row, id: item)
        try await readSurroundings(of: item, &subject, now)
        return subject
    }

    private func readSurroundings(of item: ExactText, _ subject: inout CatalogueSubject, _ now: Instant) async throws {
        let home = subject.id.park
        let (itemValue, parkID) = (Value.string(item.text), Value.string("\(home):park"))
        let today = Value.string(Shanghai.day(of: now).text)
        if !subject.isDecidedByAsker {
            subject.read(windows: try await rows(CatalogueSQL.windows, itemValue, parkID))
            subject.read(rates: try await rows(CatalogueSQL.rates, itemValue))
        }
        // Of an item of another park, its managers are not the ones who decide here.
        let around = subject.isDecidedByAsker ? parkID : itemValue
        subject.read(links: try await rows(CatalogueSQL.links, around, parkID, today))
        let actors =
            subject.requests.flatMap { [$0.party] + [$0.by].compactMap { $0 } + $0.others } + subject.acts.map(\.by)
            + subject.steps.compactMap(\.by)
        let people = Set(actors).sorted()
        subject.read(
            people: try await pieces(people) { try await rows(CatalogueSQL.people, $0, today) }.rows, home: home)
        if let code = subject.item?.trainingCode {
            let code = Value.string(code.text)
            subject.read(
                credentials: try await pieces(people) { try await rows(CatalogueSQL.credentials, $0, code) }.rows)
        }
        let ranking = ranking(of: subject)
        subject.item?.ranking = ranking
    }

    /// As the document of a yearly round has to have it; nil where nobody was scored.
    private func ranking(of subject: CatalogueSubject) -> Arbiter.Listing? {
        guard let item = subject.item else { return nil }
        let followed = Set(subject.steps.compactMap(\.follows))
        let scored = subject.steps.filter {
            $0.machine == "pick" && Ranking.states.contains($0.to) && !followed.contains($0.id)
        }
        guard !scored.isEmpty else { return nil }
        let ranked = Ranking.rows(
            scored.map { Ranking.Candidate(id: $0.request, inputs: $0.inputs) }, weights: item.scoreWeights)
        let hash = Hex.encode(SHA256.hash(data: Data(Ranking.text(ranked).utf8)))
        return Arbiter.Listing(count: Int64(ranked.count), sha256: ExactText(hash))
    }

    // MARK: payments

    /// In their order, one for each request.
    func claims() async throws -> [Claims.Claim] {
        var requests: Set<ExactText> = []
        return try await readable(CatalogueSQL.due, of: park).rows.compactMap { row in
            var fields = FieldReader(row)
            guard let key = fields.text(), let from = fields.text(), let to = fields.text(), let unit = fields.text(),
                let amount = fields.integer(), let request = fields.text(), requests.insert(request).inserted
            else { return nil }
            return Claims.Claim(key: key, from: from, to: to, unit: unit, amount: amount, because: key)
        }
    }

    func balances(of accounts: Set<ExactText>) async throws -> [Claims.Purse: Int64] {
        var balances: [Claims.Purse: Int64] = [:]
        let found = try await pieces(accounts.sorted()) { try await rows(CatalogueSQL.balances, $0) }
        for row in found.rows {
            var fields = FieldReader(row)
            guard let account = fields.text(), let unit = fields.text(), let amount = fields.integer() else { continue }
            balances[Claims.Purse(account: account, unit: unit)] = amount
        }
        return balances
    }

    // MARK: pieces

    /// The rows of a statement for a subject or a park. Other parks may have written texts that are
    /// too long to be read: their rows are left out, and the others come in the order of their ids.
    private func readable(_ sql: CatalogueSQL.Rows, of subject: String) async throws -> (
        rows: [[Value]], tooLong: [ExactText]
    ) {
        let subject = Value.string(subject)
        do { return (try await rows(sql.all, subject), []) } catch let error as StoreError
            where error.code == .tooLarge
        {}
        let ids = try await rows(sql.ids, subject).compactMap { $0.first?.utf8Text.map { ExactText($0) } }
        return try await pieces(ids) { try await rows(sql.some, subject, $0) }
    }

    /// The rows that a statement gives for some ids after others, so that however many there are
    /// each JSON array of them can be read. Where that fails for its length, its halves are tried.
    private func pieces(
        _ ids: [ExactText], _ read: (Value) async throws -> [[Value]]
    ) async throws -> (rows: [[Value]], tooLong: [ExactText]) {
        var (rows, tooLong): ([[Value]], [ExactText]) = ([], [])
        // The last is next.
        var left = Self.runs(ids).reversed() as [ArraySlice<ExactText>]
        while let run = left.popLast() {
            do { rows += try await read(try CatalogueJSON.array(run)) } catch let error as StoreError
                where error.code == .tooLarge
            {
                if run.count == 1 {
                    tooLong += run
                } else {
                    let middle = run.startIndex + run.count / 2
                    left += [run[middle...], run[..<middle]]
                }
            }
        }
        return (rows, tooLong)
    }

    private static func runs(_ ids: [ExactText]) -> [ArraySlice<ExactText>] {
        var (runs, start, bytes): ([ArraySlice<ExactText>], Int, Int) = ([], 0, 0)
        for (place, id) in ids.enumerated() {
            // JSON escapes at most some of it.
            let length = id.text.utf8.count + 3
            if bytes + length > runBytesMax, place > start {
                runs.append(ids[start..<place])
                (start, bytes) = (place, 0)
            }
            bytes += length
        }
        return start < ids.count ? runs + [ids[start...]] : runs
    }

    /// Of the ids in one array. Whatever a statement calls, its values may be twice as long.
    private static let runBytesMax = 32 << 10

    private var parkValue: Value { .string(park) }

    private func rows(_ sql: String, _ parameters: Value...) async throws -> [[Value]] {
        let cursor = try await QueryCursor.open(
            sql, parameters, on: store, lane: .background, timeoutMilliseconds: 60_000)
        defer { cursor.finish() }
        return try await cursor.rest()
    }
}
