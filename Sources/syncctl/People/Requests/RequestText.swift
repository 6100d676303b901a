import ParkSyncCatalog

/// A request for people.
enum RequestText {
    static func lines(_ shown: ShownRequest, _ language: Language) -> [String] {
        guard let request = shown.request.first else { return [] }
        var lines = PeopleTable.pairs(head(request, language) + shown.fields.map { ItemText.pair($0, language) })
        if shown.request.count > 1 {
            lines += ["", language.pick("日志分叉后的各分支", "branches after a fork")]
            lines += PeopleTable.lines(shown.request, branchColumns, language).map { "  \($0)" }
        }
        lines += ItemText.section(
            language.pick("办理过程\(ShanghaiText.zone(.zh))", "what became of it\(ShanghaiText.zone(.en))"), shown.history,
            historyColumns, language)
        if !shown.reasons.isEmpty {
            lines += ["", language.pick("理由", "reasons")]
            lines += shown.reasons.flatMap { TextLayout.wrap("  \($0.sentence(language))", hanging: 4) }
        }
        lines += ItemText.section(
            language.pick("待答复", "not answered yet"), shown.waiting, waitingColumns, language)
        lines += ItemText.section(
            language.pick("文件", "documents"), shown.documents, ItemText.documentColumns, language)
        lines += ItemText.section(
            language.pick("可办理", "what can be done"), shown.possible, Possible.columns, language)
        return lines
    }

    private static func head(_ row: RequestRow, _ language: Language) -> [(label: String, value: String?)] {
        func named(_ zh: String?, _ en: String?, _ id: String) -> String {
            language.name(zh, en).map { "\($0)  \(id)" } ?? id
        }
        let times = PeopleWords.interval(row.startsAt, row.endsAt)
        return [
            (language.pick("编号", "id"), row.id), (language.pick("类别", "kind"), language.pick(row.kindZh, row.kindEn)),
            (language.pick("资源", "subject"), named(row.subjectZh, row.subjectEn, row.subjectID)),
            (language.pick("申请方", "for"), named(row.partyZh, row.partyEn, row.partyID)),
            (language.pick("经办人", "by"), row.byID), (language.pick("用户类别", "class"), row.userClass),
            (language.pick("时间", "time"), times.map { $0 + ShanghaiText.zone(language) }),
            (language.pick("数量", "weight"), "\(row.weight)"),
            (language.pick("金额", "amount"), row.amount.map { "\($0)  \(row.unitID ?? "")" }),
            (language.pick("账户", "account"), row.accountID),
            (language.pick("状态", "state"), "\(language.pick(row.stateZh, row.stateEn))  \(row.state)"),
            (language.pick("等待", "waits for"), row.waitsFor.isEmpty ? nil : PeopleWords.people(row.waitsFor, language)),
            (language.pick("受理园区", "decided at"), row.arbiterPark),
        ]
    }

    static var columns: [PeopleColumn<RequestRow>] {
        [
            .init("编号", "id") { $0.id },
            .init("类别", "kind") { row, language in language.pick(row.kindZh, row.kindEn) },
            .init("申请方", "for") { row, language in language.name(row.partyZh, row.partyEn) ?? row.partyID },
            .init("时间\(ShanghaiText.zone(.zh))", "time\(ShanghaiText.zone(.en))") {
                PeopleWords.interval($0.startsAt, $0.endsAt)
            },
            .init("状态", "state") { row, language in language.pick(row.stateZh, row.stateEn) },
        ]
    }

    private static var branchColumns: [PeopleColumn<RequestRow>] {
        [
            .init("分支", "branch") { $0.branch }, .init("步", "step") { "\($0.n)" },
            .init("状态", "state") { row, language in language.pick(row.stateZh, row.stateEn) },
        ]
    }

    private static var historyColumns: [PeopleColumn<HistoryRow>] {
        [
            .init("步", "n") { "\($0.n)" }, .init("何时", "when") { ShanghaiText.shown($0.at) },
            .init("动作", "act") { row, language in PeopleWords.act(row.act, language) },
            .init("状态", "state") { row, language in language.name(row.stateZh, row.stateEn) ?? row.state },
            .init("时间", "time") { PeopleWords.interval($0.startsAt, $0.endsAt) },
            .init("应付", "claim") { row in row.amount.map { "\($0) \(row.unitID ?? "")" } },
            .init("经办人", "by") { $0.actedBy ?? $0.byID },
            .init("理由", "reasons") { $0.reasons?.texts.joined(separator: " ") },
        ]
    }

    private static var waitingColumns: [PeopleColumn<WaitingAct>] {
        [
            .init("何时", "when") { ShanghaiText.shown($0.at) },
            .init("动作", "act") { row, language in PeopleWords.act(row.act, language) },
            .init("经办人", "by") { $0.byID },
        ]
    }
}
