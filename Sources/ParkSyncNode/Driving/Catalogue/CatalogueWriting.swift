import ParkSyncCatalog
import ParkSyncCore
import ParkSyncStore

/// What could not be written: the next step of a request, or the payment of a claim.
struct CatalogueName: Hashable, Comparable, Sendable {
    /// Of a payment, the account that pays.
    var subject: ExactText
    /// Of a payment, the claim.
    var request: ExactText
    var isPayment = false

    static func < (a: Self, b: Self) -> Bool { (a.subject, a.request) < (b.subject, b.request) }
}

/// A row that is about to be written, and what it is of.
struct CatalogueAnswer: Sendable {
    var name: CatalogueName
    var statement: StoreStatement

    init(_ step: Arbiter.Step, of subject: CatalogueSubject) throws {
        name = CatalogueName(subject: subject.id, request: step.request)
        let rate = step.rate.flatMap { subject.paidRates[$0] }
        var claim: [Value] = [.null, .null, .null, .null]
        // Whoever has no account, or uses what is his own, has nothing to pay here. The price stays
        // in the step.
        if let owed = step.owed, owed > 0, let rate, let payer = subject.accounts[step.request],
            let payee = subject.payee, payer != payee
        {
            claim = [.integer(owed), Self.value(rate.unitID), Self.value(payer), Self.value(payee)]
        }
        let interval = step.terms.interval
        statement = StoreStatement(
            sql: CatalogueSQL.insertStep,
            parameters: [
                Self.value(subject.id), Self.value(step.request), .integer(step.n), Self.value(step.id),
                Self.value(step.follows), Self.value(step.machine), Self.value(step.from), Self.value(step.to),
                Self.value(step.act), Self.value(step.actID), .string(interval.start.text),
                .string(interval.end.text), .integer(step.terms.weight),
            ] + claim + [
                rate == nil ? .null : Self.value(step.rate), rate.map { .string($0.unit) } ?? .null,
                rate.map { .integer($0.fen) } ?? .null, try CatalogueJSON.array(step.reasons),
                Self.value(step.by), .string(step.at.text), try CatalogueJSON.detail(of: step),
            ])
    }

    init(_ claim: Claims.Claim, at now: Instant) {
        name = CatalogueName(subject: claim.from, request: claim.key, isPayment: true)
        statement = StoreStatement(
            sql: CatalogueSQL.insertTransfer,
            parameters: [
                Self.value(claim.from), Self.value(claim.key), Self.value(claim.to), Self.value(claim.unit),
                .integer(claim.amount), .string(now.text),
            ])
    }

    /// Of the same length at each draw.
    static func stepID(park: String, _ first: UInt64, _ second: UInt64) -> ExactText {
        let digits = [first, second].map { number in
            let hex = String(number, radix: 16)
            return String(repeating: "0", count: 16 - hex.utf8.count) + hex
        }
        return ExactText("\(park):step:\(digits.joined())")
    }

    private static func value(_ text: ExactText?) -> Value { text.map { .string($0.text) } ?? .null }
}

extension StoreError {
    /// Whether what is written has failed, and not the disk, a lock or the node, which all answers
    /// share.
    var isOfAnswer: Bool { [.sql, .constraint, .tooLarge, .forbidden, .invalidInput].contains(code) }
}
