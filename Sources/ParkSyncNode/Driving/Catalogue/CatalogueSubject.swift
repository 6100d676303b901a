import ParkSyncCatalog
import ParkSyncCore

/// What the desk reads of one subject: an item, or a request that its own park decides on.
struct CatalogueSubject {
    struct PaidRate {
        var unit: String
        var fen: Int64
        /// What is paid: an item of kind unit.
        var unitID: ExactText
    }

    var id: ExactText
    var isDecidedByAsker = false
    var item: Arbiter.Subject?
    var requests: [Arbiter.Request] = []
    var acts: [Arbiter.Act] = []
    var steps: [Arbiter.Step] = []
    /// The account of each request, and the item's.
    var accounts: [ExactText: ExactText] = [:]
    var payee: ExactText?
    var paidRates: [ExactText: PaidRate] = [:]
    /// Requests and acts that cannot be read, and requests whose steps could not be written.
    var unreadable: [UnansweredRequest] = []

    init(id: ExactText) { self.id = id }

    /// How much was read.
    var size: Int { requests.count + acts.count + steps.count }

    /// The requests for which others have to have seen a step, with the parks that they are at.
    func waitingParks(home: String) -> [ExactText: Set<ExactText>] {
        guard !isDecidedByAsker else { return [:] }
        var parks: [ExactText: Set<ExactText>] = [:]
        for request in requests {
            let others = Set(([request.id] + request.others).map(\.park)).subtracting([ExactText(home)])
            if !others.isEmpty { parks[request.id] = others }
        }
        return parks
    }

    // MARK: rows, as the statements of `CatalogueSQL` give them

    mutating func read(request row: [Value]) {
        var fields = FieldReader(row)
        let (id, kind, machine) = (fields.text(), fields.text(), fields.text())
        let (party, by, userClass) = (fields.text(), fields.text(), fields.text())
        let (start, end) = (fields.string(), fields.string())
        let (weight, amount) = (fields.integer(), fields.integer())
        guard let id, let kind, let machine, let party, let weight else {
            return note(unreadable: Self.name(row), "a column that its answer needs is no text or no whole number")
        }
        guard Self.isID(id) else { return note(unreadable: id.text, "its id is not of the form park:kind:tail") }
        let bytes = stepKeyBytes(id)
        guard bytes <= CoreLimits.keyBytesMax else {
            return note(
                unreadable: id.text,
                "the key of its steps would have \(bytes) bytes of at most \(CoreLimits.keyBytesMax)")
        }
        accounts[id] = fields.text()
        var request = Arbiter.Request(
            id: id, kind: kind, machine: machine, party: party, by: by,
            // A party of the zone is one of the zone's organisations if it says nothing else.
            userClass: userClass ?? "zone",
            interval: start.flatMap { start in end.flatMap { Interval(start: start, end: $0) } },
            weight: weight, amount: amount)
        request.mayWait = fields.flag()
        request.others = fields.texts()
        request.inputs = fields.numbers()
        let (minutes, samples) = (fields.integer(), fields.integer())
        if let minutes { request.usage = Usage(minutes: minutes, samples: samples ?? 0) }
        request.paid = fields.integer() ?? 0
        requests.append(request)
    }

    mutating func read(act row: [Value]) {
        var fields = FieldReader(row)
        let (id, request, by) = (fields.text(), fields.text(), fields.text())
        let (name, onN, onStep, to) = (fields.text(), fields.integer(), fields.text(), fields.text())
        let (hasInterval, start, end) = (fields.flag(), fields.string(), fields.string())
        guard let id, let request, let by, let name else {
            return note(unreadable: Self.name(row), "an act's id, request, actor or name is no text in UTF-8")
        }
        var act = Arbiter.Act(id: id, request: request, by: by, act: name, onN: onN, onStep: onStep, to: to)
        if hasInterval { act.interval = Arbiter.IntervalWish(start: start ?? "", end: end ?? "") }
        (act.weight, act.amount) = (fields.integer(), fields.integer())
        act.reasons = Set(fields.texts())
        act.party = fields.text()
        act.inputs = fields.numbers()
        act.listing = fields.listing()
        acts.append(act)
    }

    mutating func read(step row: [Value]) {
        var fields = FieldReader(row)
        let (id, request, n, follows) = (fields.text(), fields.text(), fields.integer(), fields.text())
        let (machine, from, to) = (fields.text(), fields.text(), fields.text())
        let (act, actID) = (fields.text(), fields.text())
        let (start, end, weight) = (fields.string(), fields.string(), fields.integer())
        let (owed, rate, reasons) = (fields.integer(), fields.text(), fields.texts())
        let (by, at, price) = (fields.text(), fields.instant(), fields.integer())
        guard let id, let request, let n, let machine, let from, let to, let act, let start, let end, let weight,
            let at, let interval = Interval(start: start, end: end)
        else { return }
        var step = Arbiter.Step(
            id: id, request: request, n: n, follows: follows, machine: machine, from: from, to: to, act: act,
            actID: actID, terms: Arbiter.Terms(interval, weight: weight, amount: price), rate: rate, owed: owed,
            reasons: reasons, by: by, at: at)
        step.inputs = fields.numbers()
        step.listing = fields.listing()
        step.party = fields.text()
        steps.append(step)
    }

    /// Of each of its steps: a number has as many bytes as any other.
    private func stepKeyBytes(_ request: ExactText) -> Int {
        let step = CatalogueAnswer.stepID(park: id.park.text, 0, 0)
        return KeyCoding.encode([.string(id.text), .string(request.text), .integer(1), .string(step.text)])?.count ?? 0
    }

    /// Whether a step of it can be written: no step has an id of another form.
    private static func isID(_ id: ExactText) -> Bool {
        let parts = id.text.utf8.split(separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts.allSatisfy({ !$0.isEmpty }), let first = parts[0].first else { return false }
        return (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first) && !id.text.utf8.contains(0)
    }

    /// Whether something may be decided on at a subject of that id.
    static func isSubject(_ id: ExactText) -> Bool {
        !id.text.utf8.contains(0) && id.text.utf8.count > id.park.text.utf8.count + 1
    }

    private static func name(_ row: [Value]) -> String {
        if case .text(let bytes) = row.first { String(decoding: bytes, as: UTF8.self) } else { "without an id" }
    }

    static let tooLong = "a text of it is too long to be read"

    mutating func note(unreadable name: String, _ cause: String) {
        unreadable.append(
            UnansweredRequest(subject: id.text, request: name, cause: cause, isOfRequest: true))
    }
}
