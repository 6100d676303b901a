import ParkSyncCore

/// What people have done about requests, and what the parks have answered.
extension CatalogueDemo {
    struct Told: Sendable {
        var asked: Asked
        var acts: [(park: Int, statement: DemoStatement)]
        /// The park that writes the steps.
        var arbiter: Int
        var steps: [DemoStatement]
        var state: String
        /// What is owed because of which step.
        var claim: (step: String, amount: Int64)?
    }

    /// The requests that the parks have answered.
    var told: [Told] { asked.compactMap { asked in asked.chain.map { tell(asked, $0) } } }

    private struct Step {
        var n = 0
        var id = ""
        var state = ""
        var moment: DemoMoment
        var starts: DemoMoment?
        var ends: DemoMoment?
        var parties = 0
        var reviews = 0
    }

    private func tell(_ asked: Asked, _ chain: CatalogueChains.Chain) -> Told {
        var random = DemoRandom(seed: seed, stream: "steps/\(asked.id)")
        var told = Told(asked: asked, acts: [], arbiter: asked.arbiter.index, steps: [], state: "", claim: nil)
        var step = Step(moment: asked.at, starts: asked.starts, ends: asked.ends)
        let first = CatalogueChains.Move(
            to: CatalogueChains.initial(asked.machine), act: "ask", actor: .asker, reasons: [])
        for move in [first] + chain {
            let last = step
            step.n += 1
            step.id = asked.arbiter.id("step", Self.drawn(&random))
            step.moment = moment(asked, move, after: last.moment)
            let isAmended = move.act == "amend" && asked.machine == "booking"
            if isAmended, let amended = asked.amended, let starts = step.starts, let ends = step.ends {
                step.ends = ends.adding(amended.minutes - starts.minutes)
                step.starts = amended
            }
            var act: String?
            if move.act != "ask", move.actor != .node {
                let by = actor(asked, move, &step)
                let park = Park.all.first { by.hasPrefix($0.id + ":") } ?? asked.arbiter
                let id = park.id("act", "\(asked.id.replacing(":", with: "-"))-\(step.n)")
                told.acts.append(
                    (park.index, self.act(asked, move, id, by: by, onN: last.n, step, isAmended: isAmended)))
                act = id
            }
            let owed = move.to == "settled" ? owed(asked, from: last.state, move) : nil
            if let owed { told.claim = (step.id, owed) }
            told.steps.append(row(asked, move, last, step, act: act, owed: owed))
            step.state = move.to
        }
        told.state = step.state
        return told
    }

    private static func drawn(_ random: inout DemoRandom) -> String {
        let number = random.next()
        return Hex.encode((0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * UInt64($0))) })
    }

    /// When it happened: what the clock moves waits for its deadline.
    private func moment(_ asked: Asked, _ move: CatalogueChains.Move, after last: DemoMoment) -> DemoMoment {
        let day = 1_440
        let soon = last.adding(move.act == "ask" ? 1 : 45)
        let hasTime = asked.machine == "booking" || asked.machine == "signup"
        switch (move.act, move.to) {
        case ("start", _) where hasTime: return max(soon, asked.starts ?? soon)
        case ("finish", _) where hasTime: return max(soon, (asked.ends ?? soon).adding(5))
        case ("confirm", _), ("dispute", _): return last.adding(day)
        case ("clock", "no_show"): return max(soon, (asked.starts ?? soon).adding(30))
        case ("clock", "active"): return max(soon, asked.starts ?? soon)
        case ("clock", "absent"): return max(soon, (asked.ends ?? soon).adding(day))
        case ("clock", "overdue"): return max(soon, asked.ends ?? soon)
        case ("clock", "scored"): return max(soon, DemoMoment(day: roundCloses(asked.home)))
        case ("clock", "expired"): return last.adding((asked.machine == "booking" ? 2 : 14) * day)
        case ("clock", _): return last.adding(7 * day)
        case ("withdraw", "late_cancelled"): return max(soon, (asked.starts ?? soon).adding(-120))
        default: return soon
        }
    }

    private func actor(_ asked: Asked, _ move: CatalogueChains.Move, _ step: inout Step) -> String {
        switch move.actor {
        case .node, .asker: return asked.by
        case .manager: return asked.arbiter.person(move.act == "decide" ? "officer" : "manager")
        case .reviewer:
            step.reviews += 1
            return step.reviews % 2 == 1
                ? asked.home.person("reviewer-1") : Park(index: asked.home.index + 1).person("reviewer-2")
        case .party:
            // A secondment needs the consent of the person, of who sends, and of who receives.
            guard asked.machine == "second" else {
                return Park(index: asked.home.index + (move.act == "dispute" ? 2 : 0)).person("staff")
            }
            defer { step.parties += 1 }
            return [asked.home.talent(1), asked.home.institution(1), asked.party][step.parties % 3]
        }
    }

    private func act(
        _ asked: Asked, _ move: CatalogueChains.Move, _ id: String, by: String, onN: Int, _ step: Step, isAmended: Bool
    ) -> DemoStatement {
        DemoStatement(
            into: "act",
            [
                ("id", .string(id)), ("request_id", .string(asked.id)), ("machine", .string(asked.machine)),
                ("by_id", .string(by)), ("act", .string(move.act)), ("on_n", .integer(Int64(onN))),
                ("to_state", move.act == "decide" ? .string(move.to) : .null),
                ("starts_at", isAmended ? .string(step.starts?.text ?? "") : .null),
                ("ends_at", isAmended ? .string(step.ends?.text ?? "~") : .null),
                (
                    "reasons",
                    move.actor == .manager && !move.reasons.isEmpty ? .string(DemoJSON.array(move.reasons)) : .null
                ),
                ("document_id", move.to == "listed" ? .string(asked.home.id("document", "list")) : .null),
                ("at", .string(step.moment.adding(-1).text)),
            ])
    }

    private func row(
        _ asked: Asked, _ move: CatalogueChains.Move, _ last: Step, _ step: Step, act: String?, owed: Int64?
    ) -> DemoStatement {
        let claim: [(String, Value)] =
            owed.map {
                [
                    ("amount", .integer($0)), ("unit_id", .string(Self.fen)), ("payer_id", .string(asked.account)),
                    ("payee_id", .string(Self.account(of: asked.home.institution(asked.bookable)))),
                    ("rate_id", .string(rateID(asked.home, asked.bookable, asked.group ?? "zone"))),
                    ("rate_unit", .string("hour")),
                    ("rate_fen", .integer(fenPerHour(asked.home, asked.bookable, asked.group ?? "zone"))),
                ]
            } ?? []
        let scored = scored(asked, move.to).map { [("detail", Value.string($0))] } ?? []
        let isByPerson = act != nil && move.actor == .manager
        let by = asked.arbiter.person(move.act == "decide" ? "officer" : "manager")
        return DemoStatement(
            into: "step",
            [
                ("subject_id", .string(asked.decidedAt)), ("request_id", .string(asked.id)),
                ("n", .integer(Int64(step.n))),
                ("id", .string(step.id)), ("follows", last.n == 0 ? .null : .string(last.id)),
                ("machine", .string(asked.machine)),
                ("from_state", .string(last.state)), ("to_state", .string(move.to)), ("act", .string(move.act)),
                ("act_id", act.map { .string($0) } ?? .null), ("starts_at", .string(step.starts?.text ?? "")),
                ("ends_at", .string(step.ends?.text ?? "~")), ("weight", .integer(asked.weight)),
                ("reasons", .string(DemoJSON.array(move.reasons))), ("by_id", isByPerson ? .string(by) : .null),
                ("at", .string(step.moment.text)),
            ] + claim + scored)
    }

    /// The booked time at the rate of the class, and a share of it where nobody came.
    private func owed(_ asked: Asked, from state: String, _ move: CatalogueChains.Move) -> Int64? {
        guard asked.machine == "booking", !move.reasons.contains("waived"), let starts = asked.starts,
            let ends = asked.ends
        else { return nil }
        let whole =
            fenPerHour(asked.home, asked.bookable, asked.group ?? "zone") * Int64(ends.minutes - starts.minutes) / 60
        return state == "no_show" ? whole / 2 : whole
    }
}
