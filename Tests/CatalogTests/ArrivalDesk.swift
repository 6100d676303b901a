import ParkSyncCore
import Testing

@testable import ParkSyncCatalog

/// The arbiter before the same as an `ArrivalBook`, with one look at each arrival.
struct ArrivalDesk {
    typealias Arrival = ArrivalBook.Arrival

    private var desk = ArbiterDesk()
    private let wishes: [ArrivalBook.Wish]
    private(set) var heads: [ExactText: Arbiter.Step] = [:]
    private var looks = 0

    var steps: [Arbiter.Step] { desk.steps }

    init(_ book: ArrivalBook) {
        wishes = book.wishes
        desk.subject?.capacity = Int64(book.capacity)
        desk.subject?.needsApproval = book.needsApproval
        desk.now = Self.hour(-1)
    }

    private static func hour(_ hour: Int) -> Instant { ArbiterDesk.hour(Int64(9 + hour)) }
    static func interval(_ from: Int, _ to: Int) -> Interval { Interval(hour(from), hour(to)) }
    static func id(_ place: Int) -> ExactText { ExactText("west:request:\(place)") }

    /// Arrivals that the home looks at together.
    mutating func receive(_ arrivals: Arrival...) { receive(arrivals) }

    mutating func receive(_ arrivals: [Arrival]) {
        for arrival in arrivals { put(arrival) }
        looks += 1
        for var step in desk.decide().steps {
            // Everybody sees it before the next one arrives.
            step.seenAt = desk.now
            heads[step.request] = step
            desk.steps.append(step)
        }
    }

    private mutating func put(_ arrival: Arrival) {
        switch arrival {
        case .ask(let place):
            let wish = wishes[place]
            desk.requests.append(
                Arbiter.Request(
                    id: Self.id(place), kind: "booking", machine: "booking", party: "west:organisation:1",
                    interval: Self.interval(wish.from, wish.to), weight: Int64(wish.weight), mayWait: wish.mayWait))
        case .hour(let hour): desk.now = Self.hour(hour)
        case .withdraw(let place): act("withdraw", place, by: "west:organisation:1")
        case .amend(let place, let from, let to):
            act("amend", place, by: "west:organisation:1", interval: .another(Self.interval(from, to)))
        case .approve(let place): act("decide", place, by: "home:person:manager", to: "confirmed")
        case .refuse(let place): act("decide", place, by: "home:person:manager", to: "refused")
        }
    }

    private mutating func act(
        _ act: ExactText, _ place: Int, by: ExactText, to: ExactText? = nil, interval: Arbiter.IntervalWish = .same
    ) {
        desk.acts.append(
            Arbiter.Act(
                id: ExactText("\(by.park):act:\(desk.acts.count)"), request: Self.id(place), by: by, act: act,
                onN: heads[Self.id(place)]?.n, to: to, interval: interval))
    }

    /// Whether each request is what the book says.
    ///
    /// - Returns: whether it is.
    func expect(_ book: ArrivalBook, _ story: @autoclosure () -> String) -> Bool {
        for (place, state) in book.states.enumerated() {
            let (head, wish) = (heads[Self.id(place)], book.wishes[place])
            if head?.to == state, head.map({ $0.terms.interval == Self.interval(wish.from, wish.to) }) ?? true {
                continue
            }
            Issue.record(
                """
                \(story()): \(place) is \(head.map { "\($0.to) \($0.terms.interval) \($0.reasons)" } ?? "not there") \
                instead of \(state ?? "not there") \(wish); \(book.states)
                """)
            return false
        }
        return true
    }

    /// That nothing is left to be decided, each act has its answer, and each request that has not
    /// ended waits for somebody, or for a moment that is told.
    func expectRest(_ story: @autoclosure () -> String) -> Bool {
        let decision = desk.decide()
        let answered = Set(desk.steps.compactMap(\.actID))
        let open = desk.acts.filter { heads[$0.request] != nil && !answered.contains($0.id) }
        let endless = heads.values.filter { head in
            let state = SchemaRows.machines.state(head.to, of: head.machine)
            let isTimed = state?.waitsFor == "clock" || state?.deadline != nil
            return state?.ends != true
                && (state?.waitsFor == nil || head.to == "asked" || isTimed && decision.nextAt == nil)
        }
        let isAtRest = decision.steps.isEmpty && decision.unanswerable.isEmpty && open.isEmpty && endless.isEmpty
        if !isAtRest { Issue.record("\(story()): \(decision), without an answer \(open), without end \(endless)") }
        return isAtRest
    }
}
