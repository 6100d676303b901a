import ParkSyncCatalog
import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import ParkSyncStore
import Synchronization

/// Decides on everything that is asked of this park, by the machines of the catalogue, in the order
/// of arrival; and pays what this park's accounts owe, as soon as they cover it. When it looks,
/// `ArbitrationSchedule` says; one look at a time.
package final class CatalogueDesk: @unchecked Sendable {
    package typealias News = ArbiterNews

    private let reader: CatalogueReader
    private let clock: any NodeClock
    private let random: @Sendable () -> UInt64
    private let monitor: ArbiterMonitor
    private let tell: @Sendable (News) -> Void
    // Confined to whoever calls.
    private var arbiter: Arbiter?
    /// Subjects that may have something to be decided.
    private var touched: Set<ExactText> = []
    /// Subjects with deadlines, and the first of each.
    private var moments: [ExactText: Instant] = [:]
    /// Subjects with deadlines that do not run until another park has seen a step.
    private var unseen: Set<ExactText> = []
    /// When it has looked last.
    private var lookedAt = Instant.first
    /// Whether something has changed that all items of the park have.
    private var mayAllHaveChanged = false
    /// Whether there may be a claim that can be paid.
    private var mayPay = false
    private var seen = VersionVector()
    private let heardSteps = Mutex(VersionVector())
    private var seenSteps = SeenSteps()
    /// Requests and claims whose answers could not be written.
    private var setAside = SetAside<CatalogueName>()
    /// What no step can answer, by subject: the first, and how many.
    private var unanswerable: [ExactText: (first: UnansweredRequest, count: Int)] = [:]

    static let tables = Set(CatalogueSQL.tables.map { ExactText($0) })
    /// Steps that are written in one go: then come programs that wait to write.
    static let answersAtOnceMax = 200
    /// Of a subject with many requests a part is written before it is read again: others decide how
    /// many there are, and to read them all for each few steps would take days.
    static let partAtOnce = 8
    /// However far a deadline is, the wall clock may be set: it is looked at once a day.
    static let lookMillisecondsMax: UInt64 = 86_400_000

    /// Nil if the schema has no catalogue: one of one's own need not.
    ///
    /// - Parameter random: what ids of steps are drawn from. Two nodes, or one that has lost the
    ///   end of its log, must not draw the same.
    package init?(
        store: ParkStore, park: String, clock: any NodeClock, random: @escaping @Sendable () -> UInt64,
        monitor: ArbiterMonitor, tell: @escaping @Sendable (News) -> Void
    ) {
        guard CatalogueSQL.tables.allSatisfy({ store.schema.index(ofTable: $0) != nil }) else { return nil }
        reader = CatalogueReader(store: store, park: park)
        (self.clock, self.random, self.monitor, self.tell) = (clock, random, monitor, tell)
    }

    /// The newest entries of other parks with steps that these wait for this park to see: their
    /// deadlines run from then.
    package var heard: VersionVector { heardSteps.withLock { $0 } }

    private var now: Instant { Instant(seconds: Int64(clamping: clock.wallMilliseconds() / 1_000)) }

    /// Answers and pays what can be answered and paid now.
    ///
    /// - Parameter isAnew: looks at all that is open. Entries may have taken the place of others
    ///   that had their numbers.
    package func decide(anew isAnew: Bool) async -> Decided {
        var hasRead = false
        do {
            if isAnew || arbiter == nil { arbiter = Arbiter(machines: try await reader.machines()) }
            if isAnew {
                try await putPlacesRight()
                seen = reader.store.state().applied
                // What is in them is not looked at again.
                hear(seen.elements.filter { $0.origin.park != reader.park }.map { ($0.origin, $0.seq) })
                touched.formUnion(try await reader.open())
                moments = try await reader.moments()
                (seenSteps, unseen, mayPay) = (SeenSteps(), [], true)
            }
            try await collect()
            hasRead = true
            return try await decideAll()
        } catch is CancellationError { return .done(.never) } catch {
            failed(error, subject: nil)
            return .failed(hasRead: hasRead)
        }
    }

    /// A subject whose requests cannot be answered keeps no other waiting, nor does a request
    /// another one of its subject.
    private func decideAll() async throws -> Decided {
        var failure: (subject: String?, error: any Error)?
        let (now, due) = (self.now, setAside.due(now: clock.monotonicMilliseconds()))
        touched.formUnion(due.filter { !$0.isPayment }.map(\.subject))
        // A clock that was ahead has put off what runs from a moment of its own.
        touched.formUnion(moments.filter { $0.value <= now || now < lookedAt }.keys)
        lookedAt = now
        if due.contains(where: \.isPayment) { mayPay = true }
        for subject in touched.sorted() {
            do { if try await decide(subject) { touched.remove(subject) } } catch is CancellationError {
                throw CancellationError()
            } catch {
                failure = failure ?? (subject.text, error)
            }
        }
        do {
            // What was just settled may be for this park to pay.
            try await collect()
            try await pay()
        } catch is CancellationError { throw CancellationError() } catch { failure = failure ?? (nil, error) }
        if let failure {
            failed(failure.error, subject: failure.subject)
            return .failed(hasRead: true)
        }
        tell(.looked)
        tellUnanswered()
        if !touched.isEmpty || mayPay { return .done(.now) }
        return .done(nextLook.map { ArbitrationSchedule.Again.at($0) } ?? .never)
    }

    /// When something is due, on the clock that is never set back.
    private var nextLook: UInt64? {
        let deadline = moments.values.min().map { moment in
            let (at, isTooFar) = UInt64(clamping: moment.seconds).multipliedReportingOverflow(by: 1_000)
            let wall = clock.wallMilliseconds()
            let delay = isTooFar || at > wall ? min(isTooFar ? .max : at - wall, Self.lookMillisecondsMax) : 0
            return clock.monotonicMilliseconds() &+ delay
        }
        return [deadline, setAside.nextTryAt].compactMap { $0 }.min()
    }

    // MARK: what has happened

    /// Notes the subjects that the newest entries concern.
    private func collect() async throws {
        while true {
            let entries = try await reader.store.appliedEntries(
                after: seen, limit: DeskLimits.entries, bytes: DeskLimits.entryBytesTarget,
                tables: Self.tables)
            if entries.isEmpty { break }
            for entry in entries {
                // What another park writes tells what it has seen.
                if entry.header.origin.park != reader.park {
                    touched.formUnion(unseen)
                    unseen = []
                }
                for change in entry.changes {
                    try await note(change)
                    if isWaited(change, by: entry.header.origin) { hear([(entry.header.origin, entry.header.seq)]) }
                }
                seen[entry.header.origin] = entry.header.seq
            }
        }
        if mayAllHaveChanged {
            touched.formUnion(try await reader.open())
            mayAllHaveChanged = false
        }
    }

    private func note(_ change: LoggedEntry.Change) async throws {
        guard let key = change.key.first?.utf8Text.map({ ExactText($0) }) else { return }
        switch ExactText(change.table) {
        case "request": touch(try await reader.text(CatalogueSQL.subjectOfRequest, key))
        case "act": touch(try await reader.text(CatalogueSQL.subjectOfAct, key))
        case "item": touch(key)
        // Those of other parks do not count.
        case "rate" where isOwn(key.text): touch(try await reader.text(CatalogueSQL.itemOfRate, key))
        case "window" where isOwn(key.text):
            let item = try await reader.text(CatalogueSQL.itemOfWindow, key)
            if item == ExactText("\(reader.park):park") { mayAllHaveChanged = true } else { touch(item) }
        case "step" where isOwn(change, "payer_id"), "transfer" where isOwn(change, "to_id"): mayPay = true
        default: break
        }
    }

    /// Whether it is a step of another park that this one is told by.
    private func isWaited(_ change: LoggedEntry.Change, by origin: OriginID) -> Bool {
        guard origin.park != reader.park, change.table.isExactly("step"), change.key.count > 1 else { return false }
        if isOwn(change.key[1].utf8Text) { return true }
        let machine = change.values.first { $0.column.isExactly("machine") }?.value.utf8Text
        return machine.map { arbiter?.machines.hasParties(ExactText($0)) ?? false } ?? false
    }

    private func hear(_ entries: [(origin: OriginID, seq: UInt64)]) {
        heardSteps.withLock { heard in
            for entry in entries { heard[entry.origin] = max(heard[entry.origin], entry.seq) }
        }
    }

    private func touch(_ subject: ExactText?) {
        if let subject, subject.park == ExactText(reader.park) { touched.insert(subject) }
    }

    private func isOwn(_ change: LoggedEntry.Change, _ column: String) -> Bool {
        change.values.contains { $0.column.isExactly(column) && isOwn($0.value.utf8Text) }
    }

    private func isOwn(_ id: String?) -> Bool { id?.beginsExactly(with: reader.park + ":") ?? false }

    // MARK: decisions

    /// - Returns: whether all that can be answered was.
    private func decide(_ id: ExactText) async throws -> Bool {
        guard let arbiter else { return true }
        guard id.text.utf8.count <= CoreLimits.keyBytesMax else {
            let cause = "the id of its subject has more bytes than a key may have, \(CoreLimits.keyBytesMax)"
            unanswerable[id] = (
                UnansweredRequest(
                    subject: id.text, request: "of any id", cause: cause, isOfRequest: true), 1
            )
            return true
        }
        // No step can be written there, and nobody has an item of such an id.
        guard CatalogueSubject.isSubject(id) else { return true }
        for _ in 0..<DeskLimits.setAside {
            let (now, monotonic) = (self.now, clock.monotonicMilliseconds())
            var subject = try await reader.load(id, now: now)
            try await seenSteps.mark(&subject, home: reader.park, now: now, store: reader.store)
            forgetGone(subject)
            let waiting = setAside.found.keys.filter { $0.subject == id && setAside.waits($0, now: monotonic) }
            let made = arbiter.decide(
                subject: subject.item, requests: subject.requests, acts: subject.acts, steps: subject.steps, now: now,
                frozen: Set(waiting.map(\.request))
            ) { _, _ in stepID() }
            note(made, of: subject)
            let count = max(Self.answersAtOnceMax, subject.size / Self.partAtOnce)
            let answers = try made.steps.prefix(count).map { try CatalogueAnswer($0, of: subject) }
            guard let failed = try await writeInTurn(answers) else {
                if answers.count < made.steps.count { return false }
                let answered = Set(setAside.due(now: monotonic).filter { $0.subject == id })
                setAside.forget { answered.contains($0) }
                return true
            }
            // The others are decided on anew, with its request as it is.
            setAside.note(failed.name, cause: ErrorWords.of(failed.error), now: monotonic)
        }
        // Of more than are kept, those that were forgotten would come again and again: they wait
        // for the next that is tried once more.
        return setAside.isFull
    }

    private func forgetGone(_ subject: CatalogueSubject) {
        let names = Set(subject.requests.map { CatalogueName(subject: subject.id, request: $0.id) })
        setAside.forget { $0.subject == subject.id && !$0.isPayment && !names.contains($0) }
    }

    private func note(_ made: Arbiter.Decision, of subject: CatalogueSubject) {
        moments[subject.id] = made.nextAt
        if made.unseen.isEmpty { unseen.remove(subject.id) } else { unseen.insert(subject.id) }
        let named =
            subject.unreadable
            + made.unanswerable.map {
                UnansweredRequest(
                    subject: subject.id.text, request: $0.text,
                    cause: "its machine has no move that answers it", isOfRequest: true)
            }
        unanswerable[subject.id] = nil
        if let first = named.first, unanswerable.count < DeskLimits.unanswerableSubjects {
            unanswerable[subject.id] = (first, named.count)
        }
    }

    private func stepID() -> ExactText { CatalogueAnswer.stepID(park: reader.park, random(), random()) }

    // MARK: payments

    private func pay() async throws {
        guard mayPay else { return }
        for _ in 0..<DeskLimits.setAside {
            let (now, monotonic) = (self.now, clock.monotonicMilliseconds())
            let claims = try await reader.claims().filter { claim in
                !setAside.waits(CatalogueAnswer(claim, at: now).name, now: monotonic)
            }
            let balances = try await reader.balances(of: Set(claims.map(\.from)))
            let covered = Claims.payments(claims, balances: balances, paid: [])
            let answers = covered.prefix(Self.answersAtOnceMax).map { CatalogueAnswer($0, at: now) }
            guard let failed = try await write(Array(answers)) else {
                mayPay = answers.count < covered.count
                let paid = Set(setAside.due(now: monotonic).filter(\.isPayment))
                setAside.forget { paid.contains($0) }
                return
            }
            setAside.note(failed.name, cause: ErrorWords.of(failed.error), now: monotonic)
        }
    }

    // MARK: writing

    private func writeInTurn(_ answers: [CatalogueAnswer]) async throws -> (name: CatalogueName, error: StoreError)? {
        var left = answers[...]
        while !left.isEmpty {
            if let failed = try await write(Array(left.prefix(Self.answersAtOnceMax))) { return failed }
            left = left.dropFirst(Self.answersAtOnceMax)
        }
        return nil
    }

    /// After a fork of the own log there are branches that no place is of: they would take no room,
    /// and no step could end one.
    private func putPlacesRight() async throws {
        guard try await reader.hasWrongPlaces() else { return }
        let statement = StoreStatement(sql: CatalogueSQL.putPlacesRight, parameters: [.string(reader.park)])
        let transaction = StoreTransaction(statements: [statement], author: DeskLimits.author)
        do { tell(.wrote(try await reader.store.transact(transaction))) } catch let error as StoreError
            where error.isOfAnswer
        {
            // What has no branches need not wait for that.
            failed(error, subject: nil)
        }
    }

    /// Writes answers together; if that fails by what they are, one by one.
    ///
    /// - Returns: the one that cannot be written, if there is one; those before it are.
    private func write(_ answers: [CatalogueAnswer]) async throws -> (name: CatalogueName, error: StoreError)? {
        guard let first = answers.first else { return nil }
        do {
            try await transact(answers)
            return nil
        } catch let error as StoreError where error.isOfAnswer { if answers.count == 1 { return (first.name, error) } }
        for answer in answers {
            do { try await transact([answer]) } catch let error as StoreError where error.isOfAnswer {
                return (answer.name, error)
            }
        }
        return nil
    }

    private func transact(_ answers: [CatalogueAnswer]) async throws {
        let transaction = StoreTransaction(statements: answers.map(\.statement), author: DeskLimits.author)
        tell(.wrote(try await reader.store.transact(transaction)))
    }

    // MARK: what is told

    private func failed(_ error: any Error, subject: String?) {
        monitor.failed(error, resource: subject, waiting: touched.count, delay: ArbitrationSchedule.retryMilliseconds)
        tell(.failed(error))
    }

    /// Names what is not answered.
    private func tellUnanswered() {
        let found = setAside.first.map {
            UnansweredRequest(
                subject: $0.name.subject.text, request: $0.name.request.text,
                cause: $0.obstacle.cause, isOfRequest: false)
        }
        let count = unanswerable.values.reduce(setAside.found.count) { $0 &+ $1.count }
        guard let first = found ?? unanswerable.min(by: { $0.key < $1.key })?.value.first else {
            tell(.answeredAll)
            return monitor.succeeded()
        }
        let subjects = Set(setAside.found.keys.map(\.subject)).union(unanswerable.keys)
        let now = clock.monotonicMilliseconds()
        let delay = setAside.nextTryAt.map { $0 > now ? $0 - now : 0 }
        tell(
            .setAside(
                monitor.setAside(
                    first, count: count, resources: subjects.count,
                    delay: delay ?? SetAside<CatalogueName>.delayMillisecondsMax)))
    }
}
