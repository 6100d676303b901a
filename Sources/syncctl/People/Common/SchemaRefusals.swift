/// The sentences of the schema's guards.
extension SchemaRefusal {
    private typealias Words = (zh: String, en: String, remedyZh: String, remedyEn: String)

    private static let unknownParty: Words = (
        "没有这个单位或人员", "there is no such organisation or person", "填写本园区单位或人员的编号",
        "give the id of an organisation or a person of this park"
    )
    private static let otherForm: Words = (
        "不符合要求", "a check of the schema refuses it", "核对填写的内容", "check what was given"
    )

    private static let creditCode = PeopleField("credit_code", "统一社会信用代码")

    static let requests: [SchemaRefusal] = [
        .init("request: (kind, machine) is no row of kind", "wrong_kind", .init("kind", "申请类别")),
        .init("request: kind is no kind of request", "wrong_kind", .init("kind", "申请类别")),
        .init(
            phrase: "request: party_id is no organisation", code: "unknown_party", field: .init("party_id", "申请方"),
            words: unknownParty),
        .init("request: this kind of request is not for", "wrong_kind", .init("kind", "申请类别")),
        .init(
            phrase: "request: account_id is no account", code: "unknown_account", field: .init("account_id", "账户"),
            words: (
                "不是本园区的账户", "it is no account of the park that asks", "填写本园区账户的编号",
                "give the id of an account of this park"
            )),
        .init(
            phrase: "request: an amount has a unit", code: "missing_unit", field: .init("unit_id", "计量单位"),
            words: ("金额没有单位", "an amount has no unit", "金额与计量单位须同时填写", "give both the amount and its unit")),
        .init(
            phrase: "request: class is no code", code: "bad_class", field: .init("class", "用户类别"),
            words: (
                "没有这类用户", "there is no such class of user", "填写 own、zone、sme、external 或 partner",
                "choose a code of user_class, as in zone or sme"
            )),
        .init("request: detail lacks a field", "bad_detail", .init("detail", "填报内容")),
        .init("request: a field of detail has another type", "bad_detail", .init("detail", "填报内容")),
        .init("request: a field of detail holds no code", "bad_detail", .init("detail", "填报内容")),
        .init("CHECK constraint failed: starts_at", "bad_interval", .init("starts_at", "开始时间")),
        .init("CHECK constraint failed: ends_at", "bad_interval", .init("ends_at", "结束时间")),
        .init("CHECK constraint failed: typeof(weight)", "bad_weight", .init("weight", "数量")),
    ]

    static let acts: [SchemaRefusal] = [
        .init("act: (machine, act) is no row of move", "not_this_state", .init("act", "办理动作")),
        .init(
            phrase: "act: there is no such request", code: "unknown_request", field: .init("request_id", "申请编号"),
            words: ("没有这项申请", "there is no such request", "核对申请编号", "check the id of the request")),
        .init("act: this machine has no such act", "not_this_state", .init("act", "办理动作")),
        .init("act: it leads to no such state", "not_this_state", .init("to_state", "办理结果")),
        .init("act: only the park that", "not_party", .init("by_id", "办理人")),
        .init(
            phrase: "act: by_id is no organisation", code: "unknown_party", field: .init("by_id", "办理人"),
            words: unknownParty),
        .init(
            phrase: "act: reasons holds no code", code: "unknown_reason", field: .init("reasons", "理由"),
            words: ("没有这个理由代码", "there is no such reason", "从理由表中选择", "choose a code of the rows of reason")),
        .init("act: machine is not", "wrong_kind", .init("machine", "事项类别")),
        .init("step: no such move", "not_this_state", .init("act", "办理动作")),
        .init("step: no room", "no_room", .init("weight", "数量")),
    ]

    static let usages: [SchemaRefusal] = [
        .init("usage: there is no such item", "unknown_subject", .init("item_id", "资源编号")),
        .init(
            phrase: "usage: the request is not one of this party", code: "not_party",
            field: .init("request_id", "申请编号")),
        .init(
            phrase: "usage: party_id is no organisation", code: "unknown_party", field: .init("party_id", "使用方"),
            words: unknownParty),
        .init("usage: source is no code", "bad_detail", .init("source", "计量方式")),
        .init(
            phrase: "usage: a reversal has", code: "bad_reversal", field: .init("reverses_id", "更正的记录"),
            words: (
                "更正须与原记录一致，数值取负", "a reversal has the negated figures of its record", "按原记录填写更正",
                "reverse the record as it stands"
            )),
        .init(
            phrase: "usage: this record was reversed", code: "reversed_already", field: .init("reverses_id", "更正的记录"),
            words: ("该记录已更正", "this record was reversed already", "无需再次更正", "nothing is to be done")),
        .init(
            phrase: "CHECK constraint failed: reverses_id IS NOT NULL OR 60", code: "beyond_clock",
            field: .init("minutes", "使用时长"),
            words: (
                "使用时长超过实际经过的时间", "more minutes than the clock has gone on", "核对开始时间和使用时长",
                "check when it began and the minutes"
            )),
        .init(
            phrase: "CHECK constraint failed: CASE WHEN reverses_id", code: "bad_minutes",
            field: .init("minutes", "使用时长"),
            words: ("使用时长不能为负", "minutes are below zero", "填写不小于 0 的整数", "give whole numbers from 0")),
    ]

    static let values: [SchemaRefusal] = [
        .init(
            phrase: "transfer: unit_id is no unit", code: "missing_unit", field: .init("unit_id", "计量单位"),
            words: ("没有这个计量单位", "there is no such unit", "填写计量单位的编号", "give the id of an item of kind unit")),
        .init(
            phrase: "transfer: from_id is no account", code: "unknown_account", field: .init("from_id", "付款账户"),
            words: ("没有这个账户", "there is no such account", "核对账户编号", "check the id of the account")),
        .init(
            phrase: "transfer: to_id is no account", code: "unknown_account", field: .init("to_id", "收款账户"),
            words: ("没有这个账户", "there is no such account", "核对账户编号", "check the id of the account")),
        .init("transfer: not covered", "not_covered", .init("amount", "金额")),
        .init(
            phrase: "transfer: this was paid already", code: "paid_already", field: .init("id", "编号"),
            words: ("该款项已支付", "this was paid already", "无需再次支付", "nothing is to be done")),
        .init("transfer: no contract of an award covers this", "over_budget", .init("amount", "金额")),
        .init(
            phrase: "transfer: a reversal goes back", code: "bad_reversal", field: .init("amount", "金额"),
            words: (
                "冲正须沿原转账退回，且不超过余额", "a reversal goes back the way of its transfer, and is no more than is left of it",
                "核对原转账", "check the transfer that it takes back"
            )),
        .init(
            phrase: "transfer: no claim of this id", code: "unknown_claim", field: .init("id", "编号"),
            words: (
                "没有对应的应付款项", "no such claim is for these accounts, this unit and this amount", "核对应付款项",
                "check what is due"
            )),
    ]

    static let cards: [SchemaRefusal] = [
        .init(
            phrase: "transfer: the sum is beyond", code: "bad_amount", field: .init("amount", "金额"),
            words: ("余额超出可记录的范围", "the sum is beyond what a balance can hold", "减少金额", "pay less")),
        .init("item: detail lacks a field", "bad_detail", .init("detail", "填报内容")),
        .init("item: a field of detail", "bad_detail", .init("detail", "填报内容")),
        .init("item: kind is no kind", "wrong_kind", .init("kind", "资源类别")),
        .init("item: more holds at one time", "no_room", .init("capacity", "容量")),
        .init("organisation: credit_code is none", "bad_identifier", creditCode),
        .init("CHECK constraint failed: length(credit_code)", "bad_identifier", creditCode),
        .init("organisation: ror is none", "bad_identifier", .init("ror", "ROR")),
        .init("CHECK constraint failed: length(ror)", "bad_identifier", .init("ror", "ROR")),
        .init("person: orcid is none", "bad_identifier", .init("orcid", "ORCID")),
        .init("CHECK constraint failed: length(orcid)", "bad_identifier", .init("orcid", "ORCID")),
        .init("item: application_number is none", "bad_identifier", .init("application_number", "申请号")),
        .init(phrase: "CHECK constraint failed", code: "bad_form", field: nil, words: otherForm),
    ]
}
