import Testing

@testable import ParkSyncCatalog

/// What the screens of figures say of the demo.
@Suite struct FigureScreenTests {
    private static let demo = CatalogueDemoDatabase(seed: 7)

    @Test func theSumsOfTheDemoAgree() {
        #expect(Self.demo.faults.isEmpty)
        for check in ValueScreens.checks {
            #expect(Self.demo.column(check.faults).isEmpty, "\(check.name)")
            #expect(Self.demo.column(check.examined).count == 1)
        }
        #expect(Self.demo.column(ValueScreens.checks[1].examined) != ["0"])
    }

    /// What a drill lists comes to what the indicator says.
    @Test func recordsAddUpToTheIndicator() {
        for name in ["output", "enterprises", "talents", "patents_granted", "projects", "standards"] {
            let drill = FigureScreens.drills.first { $0.indicator == name }?.sql ?? ""
            let listed = Self.demo.column("SELECT sum(value) FROM (\(drill))")
            let counted = Self.demo.column("SELECT sum(value) FROM indicator_zone WHERE indicator = '\(name)'")
            #expect(listed == counted && listed != [""], "\(name): \(listed), \(counted)")
        }
    }

    /// Each indicator that the codes name can be drilled into.
    @Test func everyIndicatorHasItsRecords() {
        #expect(
            Self.demo.column("SELECT code FROM code WHERE list = 'indicator' ORDER BY code")
                == FigureScreens.drills.map(\.indicator).sorted())
    }

    /// The month's minutes of all items are those of the records.
    @Test func theReportHasAllMinutesOfItsTime() {
        let report = UseScreens.report.replacing("?1", with: "'2000-01-01T00:00:00Z'")
            .replacing("?2", with: "'2100-01-01T00:00:00Z'").replacing("?3", with: "NULL")
        let kinds = "('instrument', 'laboratory', 'facility', 'platform')"
        let reported = Self.demo.column("SELECT sum(minutes) FROM (\(report))")
        let recorded = Self.demo.column(
            "SELECT sum(u.minutes) FROM usage AS u JOIN item AS i ON i.id = u.item_id WHERE i.kind IN \(kinds)")
        #expect(reported == recorded && reported != [""] && reported != ["0"])
    }

    /// The list of a round is of the ranking that its steps lead to.
    @Test func listsAreThoseOfTheRankings() throws {
        let bodies = Self.demo.column(
            "SELECT t.body FROM document AS d JOIN text AS t ON t.id = d.text_id WHERE d.kind = 'list' ORDER BY d.id")
        #expect(bodies.count > 3 && bodies.allSatisfy { $0.hasPrefix("1\t") && $0.hasSuffix("\n") }, "\(bodies)")
        let listed = Self.demo.column(
            """
            SELECT count(*) FROM step AS s JOIN document AS d ON d.about_id = s.subject_id AND d.kind = 'list'
            WHERE s.machine = 'pick' AND json_extract(s.detail, '$.sha256') = d.sha256
                AND s.to_state IN ('listed', 'disputed', 'selected', 'not_selected')
            """)
        let all = Self.demo.column(
            """
            SELECT count(*) FROM step
            WHERE machine = 'pick' AND to_state IN ('listed', 'disputed', 'selected', 'not_selected')
            """)
        #expect(listed == all && all != ["0"])
        for weights in Self.demo.column("SELECT weights FROM round") { #expect(Ranking.weights(weights).count == 5) }
    }

    /// Each round of the demo with those entries that its arbiter ranks.
    @Test func selectionsHaveTheirEntries() {
        let rounds = SelectionScreens.rounds.replacing("?1", with: "NULL").replacing("?2", with: "2026")
        let ids = Self.demo.column(rounds)
        #expect(ids.count == CatalogueDemo.parks.count && ids == ids.sorted())
        let states = "'[" + Ranking.states.map { "\"\($0)\"" }.joined(separator: ",") + "]'"
        let ranked = ids.flatMap { id in
            Self.demo.column(
                SelectionScreens.ranked.replacing("?1", with: "'\(id)'").replacing("?2", with: states))
        }
        let listed = Ranking.states.map { "'\($0)'" }.joined(separator: ",")
        let standing = Self.demo.column(
            """
            SELECT request_id FROM place WHERE machine = 'pick' AND state IN (\(listed)) ORDER BY subject_id, request_id
            """)
        #expect(ranked == standing && !ranked.isEmpty, "\(ranked), \(standing)")
    }
}
