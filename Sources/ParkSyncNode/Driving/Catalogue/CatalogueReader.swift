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
        Set(try await rows(CatalogueSQL.open, parkValue).compactMap { $0.first?.utf8Text.map { ExactText($0) } })
    }

    func moments() async throws -> [ExactText: Instant] {
        var moments: [ExactText: Instant] = [:]
        for row in try await rows(CatalogueSQL.moments, parkValue) {
            var fields = FieldReader(row)
            if let subject = fields.text(), let moment = fields.instant() { moments[subject] = moment }
        }
        return moments
    }

    /// The first text that a statement of one parameter gives.
    func text(_ sql: String, _ parameter: ExactText) async throws -> ExactText? {
        try await rows(sql, .string(parameter.text)).first?.first?.utf8Text.map { ExactText($0) }
    }

    // MARK: a subject

    func load(_ id: ExactText, now: Instant) async throws -> CatalogueSubject {
        var subject = CatalogueSubject(id: id)
        let cited = try await text(CatalogueSQL.itemOfRequest, id)
        subject.isDecidedByAsker = cited != nil
        for row in try await rows(CatalogueSQL.requests, .string(id.text)) { subject.read(request: row) }
        guard !subject.requests.isEmpty else { return subject }
        for row in try await rows(CatalogueSQL.acts, .string(id.text)) { subject.read(act: row) }
        let ids = try CatalogueJSON.array(subject.requests.map(\.id))
        for row in try await rows(CatalogueSQL.steps, .string(id.text), ids) { subject.read(step: row) }
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
        let people = try CatalogueJSON.array(Set(actors))
        subject.read(people: try await rows(CatalogueSQL.people, people, today), home: home)
        if let code = subject.item?.trainingCode {
            subject.read(credentials: try await rows(CatalogueSQL.credentials, people, .string(code.text)))
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

    func claims() async throws -> [Claims.Claim] {
        try await rows(CatalogueSQL.due, parkValue).compactMap { row in
            var fields = FieldReader(row)
            guard let key = fields.text(), let from = fields.text(), let to = fields.text(), let unit = fields.text(),
                let amount = fields.integer()
            else { return nil }
            return Claims.Claim(key: key, from: from, to: to, unit: unit, amount: amount, because: key)
        }
    }

    func balances(of accounts: Set<ExactText>) async throws -> [Claims.Purse: Int64] {
        var balances: [Claims.Purse: Int64] = [:]
        for row in try await rows(CatalogueSQL.balances, try CatalogueJSON.array(accounts)) {
            var fields = FieldReader(row)
            guard let account = fields.text(), let unit = fields.text(), let amount = fields.integer() else { continue }
            balances[Claims.Purse(account: account, unit: unit)] = amount
        }
        return balances
    }

    private var parkValue: Value { .string(park) }

    private func rows(_ sql: String, _ parameters: Value...) async throws -> [[Value]] {
        let cursor = try await QueryCursor.open(
            sql, parameters, on: store, lane: .background, timeoutMilliseconds: 60_000)
        defer { cursor.finish() }
        return try await cursor.rest()
    }
}
