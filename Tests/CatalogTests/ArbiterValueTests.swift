import ParkSyncCore
import Testing

@testable import ParkSyncCatalog

/// Metered use, its price, and what is paid because of it.
@Suite struct ArbiterValueTests {
    typealias Desk = ArbiterDesk
    private let manager: ExactText = "home:person:manager"

    private func used(_ usage: Usage?, _ rates: [Rate]) -> (Desk, ExactText) {
        var desk = Desk()
        desk.subject?.rates = rates
        let a = desk.ask("a", Desk.hours(9, 11))
        desk.requests[0].userClass = "sme"
        desk.comeToRest()
        desk.now = Desk.hour(9)
        desk.act("start", a, by: manager)
        desk.comeToRest()
        desk.requests[0].usage = usage
        desk.now = Desk.hour(11)
        desk.act("finish", a, by: manager)
        desk.comeToRest()
        return (desk, a)
    }

    @Test func pricesAreRoundedToTheNearestFen() {
        func price(_ unit: Rate.Unit, _ fen: Int64, _ minutes: Int64, samples: Int64 = 0, weight: Int64 = 1) -> Int64 {
            Prices.price(Rate(id: "r", unit: unit, fen: fen), Usage(minutes: minutes, samples: samples), weight: weight)
        }
        #expect(price(.hour, 100, 60) == 100 && price(.hour, 100, 59) == 98 && price(.hour, 1, 30) == 1)
        #expect(price(.hour, 1, 29) == 0 && price(.hour, 3, 10) == 1 && price(.hour, 100, 0) == 0)
        #expect(price(.day, 1_440, 1) == 1 && price(.month, 43_200, 10) == 10)
        #expect(price(.sample, 500, 99, samples: 3) == 1_500 && price(.use, 500, 99) == 500)
        #expect(price(.seat, 500, 0, weight: 4) == 2_000)
        #expect(price(.hour, 100, -5) == 0, "corrections beyond what there was")
        #expect(price(.hour, .max, .max) == .max && price(.seat, .max, 0, weight: 2) == .max)
        #expect(price(.hour, 150_000_000_000_000, 60) == 150_000_000_000_000)
        #expect(Prices.share(19_999, basisPoints: 5_000) == 10_000)
        // Against arithmetic that cannot go wrong at this size.
        var random = DemoRandom(seed: 1, stream: "prices")
        for _ in 0..<2_000 {
            let (fen, minutes) = (Int64(random.below(100_000)), Int64(random.below(10_000)))
            let exact = fen * minutes
            #expect(price(.hour, fen, minutes) == exact / 60 + (exact % 60 >= 30 ? 1 : 0))
        }
    }

    @Test func theRateOfTheClassAndTheDay() {
        let day = { (days: Int64) in Desk.hour(0).adding(days: days) }
        let rates = [
            Rate(id: "all 1", unit: .hour, fen: 100),
            Rate(id: "all 2", version: 2, unit: .hour, fen: 90, validFrom: day(10)),
            Rate(id: "sme 1", userClass: "sme", unit: .hour, fen: 50, validFrom: day(5)),
            Rate(id: "sme 2", userClass: "sme", version: 2, unit: .hour, fen: 40, validFrom: day(5)),
        ]
        func rate(_ name: ExactText, _ days: Int64) -> ExactText? {
            Prices.rate(rates.reversed(), userClass: name, at: day(days))?.id
        }
        #expect(rate("zone", 0) == "all 1" && rate("zone", 9) == "all 1" && rate("zone", 10) == "all 2")
        #expect(rate("sme", 4) == "all 1" && rate("sme", 5) == "sme 2" && rate("sme", 99) == "sme 2")
        #expect(Prices.rate([rates[2]], userClass: "zone", at: day(9)) == nil)
    }

    @Test func whatWasMeteredIsPricedAtTheRateThatWasGiven() {
        var (desk, a) = used(Usage(minutes: 90), [Rate(id: "home:rate:1", unit: .hour, fen: 300)])
        #expect(desk.state(a) == "used" && desk.head(a)?.terms.amount == 450 && desk.head(a)?.rate == "home:rate:1")
        #expect(desk.head(a)?.owed == nil, "nothing is owed until it is settled")
        // A newer rate changes nothing, a correction does.
        desk.subject?.rates.append(Rate(id: "home:rate:2", version: 2, unit: .hour, fen: 999))
        desk.requests[0].usage = Usage(minutes: 60)
        desk.act("meter", a, by: manager)
        desk.act("confirm", a)
        desk.comeToRest()
        #expect(desk.head(a)?.reasons == ["stale"], "he saw another price")
        desk.act("confirm", a)
        desk.comeToRest()
        #expect(desk.state(a) == "settled" && desk.head(a)?.owed == 300 && desk.head(a)?.rate == "home:rate:1")
    }

    @Test func silenceConfirms() {
        var (desk, a) = used(nil, [Rate(id: "home:rate:1", unit: .hour, fen: 300)])
        #expect(desk.head(a)?.reasons == ["unmetered"] && desk.head(a)?.terms.amount == 600)
        desk.now = desk.now.adding(days: 7)
        desk.comeToRest()
        #expect(desk.state(a) == "settled" && desk.head(a)?.reasons == ["silence"] && desk.head(a)?.owed == 600)
    }

    @Test func whatIsDisputedIsSettledByAPerson() {
        var (desk, a) = used(Usage(minutes: 600), [Rate(id: "home:rate:1", unit: .hour, fen: 300)])
        desk.act("dispute", a)
        desk.comeToRest()
        desk.now = desk.now.adding(days: 99)
        #expect(desk.comeToRest().isEmpty, "no silence ends a dispute")
        desk.act("decide", a, by: manager, to: "settled", amount: 500)
        desk.comeToRest()
        #expect(desk.head(a)?.owed == 500)
    }

    @Test func aNoShowCostsItsShare() {
        var desk = Desk()
        desk.subject?.rates = [Rate(id: "home:rate:1", unit: .hour, fen: 300)]
        desk.subject?.rules.noShowShare = 5_000
        let a = desk.ask("a", Desk.hours(9, 11))
        desk.comeToRest()
        desk.now = Desk.hour(10)
        desk.comeToRest()
        #expect(desk.state(a) == "no_show" && desk.head(a)?.terms.amount == 300)
        desk.act("confirm", a)
        desk.comeToRest()
        #expect(desk.head(a)?.owed == 300)
    }

    @Test func claimsArePaidOnceAndAsFarAsTheyAreCovered() {
        let (desk, a) = used(Usage(minutes: 90), [Rate(id: "home:rate:1", unit: .hour, fen: 300)])
        var settled = desk
        settled.act("confirm", a)
        settled.comeToRest()
        let unit: ExactText = "home:unit:fen"
        func due(_ desk: Desk) -> [Claims.Claim] {
            Claims.due(requests: desk.requests, steps: desk.steps, owner: "home:organisation:owner", unit: unit) {
                ExactText("\($0.park):account:1")
            }
        }
        #expect(due(desk).isEmpty)
        let claims = due(settled)
        #expect(claims.map(\.amount) == [450] && claims[0].from == "west:account:1" && claims[0].to == "home:account:1")
        settled.act("note", a)
        settled.comeToRest()
        #expect(due(settled) == claims, "what follows makes no claim of its own")
        let others = [300, 200, 100].map {
            Claims.Claim(
                key: ExactText("\($0)"), from: "west:account:1", to: "west:account:2", unit: unit, amount: $0,
                because: "x")
        }
        func paid(_ amount: Int64, _ done: Set<ExactText> = []) -> [Int64] {
            let balances = [Claims.Purse(account: "west:account:1", unit: unit): amount]
            return Claims.payments(claims + others + claims, balances: balances, paid: done).map(\.amount)
        }
        #expect(paid(10_000) == [450, 300, 200, 100] && paid(449) == [300, 100] && paid(99) == [])
        #expect(paid(10_000, [claims[0].key]) == [300, 200, 100])
        #expect(Claims.payments(claims, balances: [:], paid: []).isEmpty, "nobody else's account")
    }
}
