import ParkSyncCore

/// What is evaluated each year, and the sites within the parks.
extension CatalogueDemo {
    struct Evaluation: Sendable {
        /// Whose office evaluates.
        var home: Park
        var number: Int
        var type: String
        var name: DemoNames.Name
        /// The park that is evaluated or in which it is; its people send the report.
        var evaluated: Park
        var evaluatedID: String
        /// The organisation that reports.
        var party: String

        var id: String { home.id("evaluation", number) }
    }

    /// The first park evaluates others, each of the others something of its own.
    func evaluation(_ home: Park, _ number: Int) -> Evaluation {
        let types = ["park", "project", "sharing", "programme", "sharing", "project"]
        let type = types[home.index % types.count]
        func own(_ name: DemoNames.Name, _ id: String, party: String) -> Evaluation {
            Evaluation(
                home: home, number: number, type: type, name: name, evaluated: home, evaluatedID: id, party: party)
        }
        switch type {
        case "project":
            let technology = projectTechnology(home, number)
            return own(
                DemoNames.Name(
                    "\(technology.name.zh)成果转化项目2026年度评价", "Project Evaluation 2026: \(technology.name.en)"),
                home.id("project", number), party: projectOwner(home, number))
        case "sharing":
            let institution = institutionName(home, number)
            return own(
                DemoNames.Name("\(institution.zh)2026年度开放共享评价", "Sharing Evaluation 2026: \(institution.en)"),
                home.institution(number), party: home.institution(number))
        case "programme":
            let programme = programmeName(home)
            return own(
                DemoNames.Name("\(programme.zh)2026年度资金绩效评价", "Programme Evaluation 2026, \(programme.en)"),
                home.id("programme", number), party: home.office)
        default:
            let other = Park(index: home.index + number)
            return Evaluation(
                home: home, number: number, type: type,
                name: DemoNames.Name(
                    "\(other.names.name.zh)2026年度园区考核", "Park Evaluation 2026: \(other.names.name.en)"),
                evaluated: other, evaluatedID: other.card, party: other.office)
        }
    }

    /// Of the request with this number, counted from 0: each is about another evaluation.
    static func evaluationNumber(_ request: Int) -> Int { 1 + request / Park.all.count }

    /// Where a report was confirmed, the evaluation has a grade, and its result as a document.
    func evaluations(_ park: Park) -> [DemoStatement] {
        let told = CatalogueChains.others.first { $0.machine == "task" }?.chains ?? []
        return (1...(park.index == 0 ? 2 : 1)).flatMap { number -> [DemoStatement] in
            let evaluation = evaluation(park, number)
            let request = park.index + (number - 1) * Park.all.count
            let isGraded = request < told.count && told[request].last?.to == "solved"
            let tail = "evaluation-\(number)"
            let text = "（演示）\(evaluation.name.zh)：自评属实，任务全部完成，等次为良好。"
            let result: [(String, DemoJSON)] = [
                ("grade", .text("good")), ("published_on", Self.day(0)),
                ("document_id", .text(park.id("document", tail))), ("sha256", .text(hash(text))),
            ]
            let row = item(
                "evaluation", Self.padded(number), park, evaluation.name, owner: park.office, capacity: nil,
                detail: [
                    ("evaluation_type", .text(evaluation.type)), ("evaluated_id", .text(evaluation.evaluatedID)),
                    ("year", .integer(2_026)), ("evaluator_id", .text(park.office)),
                ] + (isGraded ? result : []))
            let report = DemoNames.Name("\(evaluation.name.zh)报告", "Report on the \(evaluation.name.en)")
            return [row]
                + (isGraded
                    ? document(park, tail, about: evaluation.id, "result", report, text, DemoMoment(day: 0)) : [])
        }
    }

    func evaluationReport(_ asked: Asked, _ number: Int) -> [(String, DemoJSON)] {
        let grades = ["good", "excellent", "good", "good", "pass"]
        return [
            ("summary_zh", .text("对照年度任务逐项自查，\(12 + number)项任务均按进度推进。（演示）")),
            ("grade", .text(grades[number % grades.count])), ("sha256", .text(hash("（演示）自评报告：\(asked.subject)"))),
        ]
    }

    /// The ring has grown around the park's university.
    func sites(_ park: Park) -> [DemoStatement] {
        CatalogueNames.sites[park.index].enumerated().map { index, site in
            item(
                "site", Self.padded(index + 1), park,
                DemoNames.Name("\(park.names.name.zh)\(site.name.zh)", "\(park.names.name.en) \(site.name.en)"),
                owner: park.office, capacity: nil, extra: [("scope", .string("public"))],
                detail: [
                    ("site_type", .text(site.type)), ("place_zh", .text("\(park.names.name.zh)（演示）")),
                    ("area", .integer(site.area)),
                ] + (site.region.map { [("region", .text($0))] } ?? [])
                    + (site.type == "knowledge_ring" ? [("partner_id", .text(park.institution(1)))] : []))
        }
    }
}
