import ParkSyncCore

/// The fields of each kind of request.
extension CatalogueDemo {
    func complete(_ asked: inout Asked, _ number: Int) {
        asked.detail = detail(asked, number)
        switch asked.kind {
        case "lending":
            asked.starts = DemoMoment(day: 24, minute: 60)
            asked.ends = DemoMoment(day: 24, minute: 480)
        case "home_change": asked.starts = DemoMoment(day: 30)
        case "policy_adoption":
            asked.document = asked.home.id("document", "policy-1")
            asked.last(from: nil, to: 700)
        case "practice_adoption": asked.last(from: nil, to: 700)
        case "technology_offer":
            asked.amount = 60_000_000 + Int64(number) * 5_000_000
            asked.last(from: nil, to: 365)
        case "demand_response":
            asked.amount = 40_000_000
            asked.last(from: nil, to: 365)
        case "job_application": asked.last(from: nil, to: 365)
        case "backing":
            asked.weight = 10_000_000
            asked.amount = asked.weight
        case "grant_application":
            asked.weight = 100_000_000 + Int64(number) * 10_000_000
            asked.amount = asked.weight
            asked.last(from: -30, to: 335)
        case "secondment":
            asked.weight = 2_000
            asked.last(from: asked.chain?.contains { $0.to == "active" } == true ? -10 : 15, to: 160)
        case "issue", "evaluation_report", "placement", "partner_project":
            asked.last(from: nil, to: asked.chain?.last?.to == "overdue" ? -5 : 45)
        default: break
        }
    }

    private func detail(_ asked: Asked, _ number: Int) -> [(String, DemoJSON)] {
        let technology = technology(asked.asker, number)
        switch asked.kind {
        case "evaluation_report": return evaluationReport(asked, number)
        case "policy_adoption", "practice_adoption", "approval_review", "issue", "tolerance_case", "placement",
            "partner_project":
            return governing(asked, number)
        case "home_change":
            return [("purpose_zh", .text("数据由使用方所在园区继续维护。")), ("successor_id", .text(asked.asker.id("dataset", 2)))]
        case "data_access":
            return [
                ("purpose_zh", .text("用于\(technology.name.zh)研究。")), ("days", .integer(180)),
                ("accepts_terms", .boolean(false)),
            ]
        case "literature_request": return [("purpose_zh", .text("撰写综述。")), ("pages", .text("1—\(12 + number)"))]
        case "event_signup": return [("people", .list([asked.by])), ("entry_zh", .text(technology.name.zh))]
        case "course_signup": return [("student_id", .text(asked.asker.person("student")))]
        case "technology_offer":
            return [
                ("deal_form", .text(number % 2 == 0 ? "assignment" : "equity")), ("exclusive", .boolean(true)),
                ("revenue_share", .integer(7_000)), ("instalments", .integer(2)), ("currency", .text("CNY")),
                ("country", .text("CN")),
            ]
        case "demand_response":
            return [
                ("deal_form", .text("commissioned")), ("plan_zh", .text("分两期完成\(technology.name.zh)样机。")),
                ("instalments", .integer(2)),
            ]
        case "job_application":
            return [("person_id", .text(asked.asker.talent(2))), ("salary", .integer(60_000_000))]
        case "patent_pledge": return [("lender_id", .text(asked.party)), ("loan", .integer(30_000_000))]
        case "grant_application":
            return [
                ("project_zh", .text("\(technology.name.zh)产业化（演示）")),
                ("project_id", .text(asked.asker.id("project", 1))),
                ("own_funds", .integer(asked.weight * 2 + 50_000_000)),
            ]
        case "selection_entry":
            let revenue = revenue(asked.asker, number + 1)
            return [
                ("revenue", .integer(revenue.last)), ("revenue_before", .integer(revenue.before)),
                ("rd_spend", .integer(revenue.last * 8 / 100)), ("staff", .integer(Int64(60 + number * 17))),
                ("patents", .integer(Int64(3 + number))),
            ]
        case "secondment":
            return [
                ("second_type", .text("part_time")), ("person_id", .text(asked.home.talent(1))),
                ("from_id", .text(asked.home.institution(1))), ("to_id", .text(asked.party)),
                ("income_share", .integer(3_000)),
            ]
        default: return [("purpose_zh", .text("\(technology.name.zh)合作。"))]
        }
    }

    private func governing(_ asked: Asked, _ number: Int) -> [(String, DemoJSON)] {
        let technology = technology(asked.asker, number)
        switch asked.kind {
        case "policy_adoption":
            // One cites a text that is not the policy's.
            let isWrong = asked.chain?.last?.reasons == ["bad_hash"]
            return [
                ("sha256", .text(isWrong ? hash("（演示）旧稿") : hash(policyText(asked.home, 1)))),
                ("changes_zh", .text("奖励比例按本园区财力调整。")), ("effective_on", Self.day(20)),
            ]
        case "practice_adoption": return [("changes_zh", .text("办理窗口改为线上。")), ("effective_on", Self.day(20))]
        case "approval_review":
            let proposals = ["delegate", "keep", "keep", "merge", "cancel"]
            return [
                ("proposal", .text(proposals[number % proposals.count])), ("basis_zh", .text("演示清理方案第\(number + 1)条")),
            ]
        case "issue":
            let types = ["policy", "funding", "land", "talent", "approval", "infrastructure"]
            return [
                ("issue_type", .text(types[number % types.count])),
                ("text_zh", .text("企业反映\(technology.name.zh)中试场地不足，请协调。（演示）")),
                ("urgent", .boolean(number % 3 == 0)),
            ]
        case "tolerance_case":
            return [
                ("innovation_zh", .text("\(technology.name.zh)中试探索（演示）")), ("loss", .integer(8_000_000)),
                ("process_zh", .text("经集体决策，按程序实施，未谋取私利。（演示）")),
            ]
        case "placement": return [("seats", .integer(1)), ("project_zh", .text("\(technology.name.zh)团队（演示）"))]
        default:
            return [
                ("project_zh", .text("\(technology.name.zh)联合攻关（演示）")), ("output_share", .integer(5_000)),
                ("tax_share", .integer(3_000)),
            ]
        }
    }
}
