/// What becomes of demo requests: chains of declared moves, by hand. A test compares them with the
/// rows of `move`.
package enum CatalogueChains {
    package enum Actor: Sendable {
        /// The node that decides, or its clock: no act is answered.
        case node
        case asker
        /// A person of the park that decides.
        case manager
        case reviewer
        /// A party that is neither.
        case party
    }

    package struct Move: Sendable {
        package var to: String
        package var act: String
        package var actor: Actor
        package var reasons: [String]
    }

    /// In each machine the request is taken up first; then this. Empty: nothing more.
    package typealias Chain = [Move]

    private static func node(_ to: String, _ act: String = "ask", _ reasons: String...) -> Move {
        Move(to: to, act: act, actor: .node, reasons: reasons)
    }
    private static func asker(_ act: String, _ to: String, _ reasons: String...) -> Move {
        Move(to: to, act: act, actor: .asker, reasons: reasons)
    }
    private static func manager(_ act: String, _ to: String, _ reasons: String...) -> Move {
        Move(to: to, act: act, actor: .manager, reasons: reasons)
    }
    private static func reviewer(_ to: String) -> Move { Move(to: to, act: "score", actor: .reviewer, reasons: []) }
    private static func party(_ act: String, _ to: String, _ reasons: String...) -> Move {
        Move(to: to, act: act, actor: .party, reasons: reasons)
    }

    /// The state in which a machine begins.
    package static func initial(_ machine: String) -> String {
        switch machine {
        case "tolerance": "filed"
        case "approval": "listed"
        default: "asked"
        }
    }

    // MARK: bookings

    private static let used = [node("confirmed"), manager("start", "in_use"), manager("finish", "used")]

    /// Of bookings whose time is over, or running.
    package static let pastBookings: [Chain] = [
        used + [asker("confirm", "settled")],
        used + [node("settled", "clock", "silence")],
        used,
        used + [asker("dispute", "disputed")],
        [node("confirmed"), node("no_show", "clock", "not_arrived"), node("settled", "clock", "silence")],
        [node("held"), manager("decide", "confirmed"), manager("start", "in_use"), manager("finish", "used")]
            + [asker("confirm", "settled")],
        [node("confirmed"), asker("withdraw", "late_cancelled", "too_late")],
        used + [asker("dispute", "disputed"), manager("decide", "settled", "waived")],
        [node("confirmed"), manager("start", "in_use")],
        [node("confirmed"), node("no_show", "clock", "not_arrived")],
        [node("held"), node("expired", "clock", "silence")],
    ]

    /// Of bookings to come. The last two want what another one has.
    package static let futureBookings: [Chain] = [
        [node("confirmed")],
        [node("held")],
        [node("held"), manager("decide", "confirmed")],
        [node("confirmed"), asker("amend", "confirmed")],
        [node("confirmed"), asker("withdraw", "withdrawn")],
        [node("held"), manager("decide", "refused", "by_home")],
        [node("confirmed"), manager("end", "home_cancelled", "broken_down")],
        [node("confirmed"), asker("dispute", "confirmed", "not_this_state")],
        [node("waitlisted")],
        [node("refused", "ask", "no_room")],
    ]

    // MARK: the other machines

    private static let signed = [manager("counter", "countered"), asker("agree", "signed")]
    private static let delivered = [
        manager("decide", "signed"), manager("decide", "registered"), manager("finish", "delivered"),
    ]
    private static let reviewed = [
        node("formality"), manager("decide", "review"), reviewer("review"), reviewer("review"),
    ]
    private static let publicised = reviewed + [manager("decide", "publicised")]
    private static let contracted = publicised + [node("awarded", "clock"), asker("agree", "contracted")]
    private static let accepting = contracted + [asker("finish", "acceptance")]
    private static let listed = [node("scored", "clock"), reviewer("scored"), manager("decide", "listed")]
    private static let consented = [
        party("consent", "asked"), party("consent", "asked"), party("consent", "consented"),
    ]
    private static let active = consented + [node("active", "clock")]
    private static let diligence = [manager("decide", "diligence"), reviewer("diligence")]
    private static let assigned = [manager("decide", "assigned")]

    package static let others: [(machine: String, chains: [Chain])] = [
        (
            "lend",
            [
                [node("held")], [node("lent")], [node("lent"), manager("end", "recalled", "by_home")],
                [
                    node("lent"), manager("end", "recalled", "by_home"),
                    asker("agree", "home_cancelled", "by_agreement"),
                ],
                [node("held"), manager("decide", "lent"), asker("finish", "returned")],
                [node("held"), manager("decide", "refused", "by_home")],
            ]
        ),
        (
            "move_home",
            [
                [], [manager("decide", "handed_over")], [manager("decide", "refused", "by_home")],
                [asker("withdraw", "withdrawn")],
            ]
        ),
        (
            "access",
            [
                [], [node("agreed"), manager("finish", "delivered")], [manager("decide", "conditional")],
                [manager("decide", "conditional"), asker("agree", "agreed", "accepted_terms")],
                [manager("decide", "refused", "restricted")], [node("expired", "clock", "silence")],
            ]
        ),
        (
            "signup",
            [
                [node("admitted")], [node("admitted"), manager("start", "attended")], [node("waitlisted")],
                [node("admitted"), manager("start", "attended"), manager("decide", "certified")],
                [node("admitted"), asker("withdraw", "withdrawn")],
                [node("admitted"), node("absent", "clock", "not_arrived")],
            ]
        ),
        (
            "adoption",
            [
                [manager("decide", "adopted")], [manager("decide", "adapted")], [], [manager("decide", "declined")],
                [manager("decide", "adopted"), manager("end", "superseded", "superseded")],
                [node("refused", "ask", "bad_hash")],
            ]
        ),
        (
            "offer",
            [
                signed, [], [manager("counter", "countered")], delivered + [asker("confirm", "performed")],
                delivered + [asker("dispute", "disputed")],
                [manager("decide", "signed"), manager("decide", "registered")],
            ]
        ),
        (
            "pledge",
            [
                [manager("decide", "pledged")], [],
                [manager("decide", "pledged"), asker("agree", "released", "by_agreement")],
                [manager("decide", "pledged"), asker("dispute", "enforcing", "not_performed")],
                [manager("decide", "refused", "by_home")],
                [
                    manager("decide", "pledged"), asker("dispute", "enforcing", "not_performed"),
                    manager("decide", "realised"),
                ],
            ]
        ),
        (
            "award",
            [
                contracted, [node("formality")],
                [node("formality"), manager("decide", "supplement", "missing_document")],
                accepting + [manager("decide", "accepted")], publicised, accepting,
                [node("refused", "ask", "not_eligible")],
                publicised + [party("dispute", "objected", "objection")], publicised + [node("awarded", "clock")],
                accepting + [manager("decide", "tolerated")],
                contracted + [manager("decide", "terminated", "not_performed")],
                reviewed,
            ]
        ),
        (
            "pick",
            [
                [], listed + [node("selected", "clock")], listed, [node("scored", "clock"), reviewer("scored")],
                listed + [node("not_selected", "clock", "rank")], listed + [party("dispute", "disputed", "objection")],
            ]
        ),
        (
            "second",
            [
                active, [party("consent", "asked")], consented, active + [asker("amend", "extending")],
                active + [asker("amend", "extending")]
                    + [party("consent", "extending"), party("consent", "extending"), party("consent", "extended")],
                active + [party("finish", "returned")],
            ]
        ),
        (
            "tolerance",
            [
                diligence + [manager("decide", "exempt")], [], diligence, diligence + [manager("decide", "rectify")],
                diligence + [manager("decide", "not_exempt")], [manager("decide", "refused", "bad_detail")],
            ]
        ),
        (
            "task",
            [
                assigned, [], assigned + [party("finish", "done")],
                assigned + [party("finish", "done"), asker("confirm", "solved")],
                assigned + [node("overdue", "clock", "overdue")], [manager("decide", "dropped", "by_agreement")],
            ]
        ),
        (
            "approval",
            [
                [manager("decide", "delegated")], [], [manager("decide", "kept")], [manager("decide", "merged")],
                [manager("decide", "cancelled")],
            ]
        ),
    ]
}
