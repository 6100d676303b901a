/// The sentences of the schema's guards, in the order in which they are looked for.
extension SchemaRefusal {
    private static let unknownParty = (
        what: Wording("没有这个单位或人员", "there is no such organisation or person"),
        remedy: Wording("填写本园区单位或人员的编号", "give the id of an organisation or a person of this park")
    )
    private static let otherForm = (
        what: Wording("不符合要求", "a check of the schema refuses it"), remedy: Wording("核对填写的内容", "check what was given")
    )

    static let requests: [SchemaRefusal] = [
        .init("request: (kind, machine) is no row of kind", "wrong_kind", .init("kind", "申请类别", "kind")),
        .init("request: kind is no kind of request", "wrong_kind", .init("kind", "申请类别", "kind")),
        .init(
            "request: party_id is no organisation", "unknown_party", .init("party_id", "申请方", "for whom"),
            unknownParty.what, unknownParty.remedy),
        .init("request: this kind of request is not for", "wrong_kind", .init("kind", "申请类别", "kind")),
        .init(
            "request: account_id is no account", "unknown_account", .init("account_id", "账户", "account"),
            Wording("不是本园区的账户", "it is no account of the park that asks"),
            Wording("填写本园区账户的编号", "give the id of an account of this park")),
        .init(
            "request: an amount has a unit", "missing_unit", .init("unit_id", "计量单位", "unit"),
            Wording("金额没有单位", "an amount has no unit"), Wording("金额与计量单位须同时填写", "give both the amount and its unit")),
        .init(
            "request: class is no code", "bad_class", .init("class", "用户类别", "class of user"),
            Wording("没有这类用户", "there is no such class of user"), Wording("从用户类别表中选择", "choose a code of user_class")),
        .init("request: detail lacks a field", "bad_detail", .init("detail", "填报内容", "details")),
        .init("request: a field of detail has another type", "bad_detail", .init("detail", "填报内容", "details")),
        .init("request: a field of detail holds no code", "bad_detail", .init("detail", "填报内容", "details")),
        .init("CHECK constraint failed: starts_at", "bad_interval", .init("starts_at", "开始时间", "start")),
        .init("CHECK constraint failed: ends_at", "bad_interval", .init("ends_at", "结束时间", "end")),
        .init("CHECK constraint failed: typeof(weight)", "bad_weight", .init("weight", "数量", "quantity")),
    ]

    static let acts: [SchemaRefusal] = [
        .init("act: (machine, act) is no row of move", "not_this_state", .init("act", "办理动作", "act")),
        .init(
            "act: there is no such request", "unknown_request", .init("request_id", "申请编号", "request"),
            Wording("没有这项申请", "there is no such request"), Wording("核对申请编号", "check the id of the request")),
        .init("act: this machine has no such act", "not_this_state", .init("act", "办理动作", "act")),
        .init("act: it leads to no such state", "not_this_state", .init("to_state", "办理结果", "where it leads")),
        .init("act: only the park that", "not_party", .init("by_id", "办理人", "who does it")),
        .init(
            "act: by_id is no organisation", "unknown_party", .init("by_id", "办理人", "who does it"),
            unknownParty.what, unknownParty.remedy),
        .init(
            "act: reasons holds no code", "unknown_reason", .init("reasons", "理由", "reasons"),
            Wording("没有这个理由代码", "there is no such reason"), Wording("从理由表中选择", "choose a code of the rows of reason")),
        .init("act: machine is not", "wrong_kind", .init("machine", "事项类别", "kind")),
        .init("step: no such move", "not_this_state", .init("act", "办理动作", "act")),
        .init("step: no room", "no_room", .init("weight", "数量", "quantity")),
    ]

    static let usages: [SchemaRefusal] = [
        .init("usage: there is no such item", "unknown_subject", .init("item_id", "资源编号", "item")),
        .init("usage: the request is not one of this party", "not_party", .init("request_id", "申请编号", "request")),
        .init(
            "usage: party_id is no organisation", "unknown_party", .init("party_id", "使用方", "for whom"),
            unknownParty.what, unknownParty.remedy),
        .init("usage: source is no code", "bad_detail", .init("source", "计量方式", "how it was recorded")),
        .init(
            "usage: a reversal has", "bad_reversal", .init("reverses_id", "更正的记录", "record that is taken back"),
            Wording("更正须与原记录一致，数值取负", "a reversal has the negated figures of its record"),
            Wording("按原记录填写更正", "reverse the record as it stands")),
        .init(
            "usage: this record was reversed", "reversed_already",
            .init("reverses_id", "更正的记录", "record that is taken back"),
            Wording("该记录已更正", "this record was reversed already"), Wording("无需再次更正", "nothing is to be done")),
        .init(
            "CHECK constraint failed: reverses_id IS NOT NULL OR 60", "beyond_clock",
            .init("minutes", "使用时长", "minutes"),
            Wording("使用时长超过实际经过的时间", "more minutes than the clock has gone on"),
            Wording("核对开始时间和使用时长", "check when it began and the minutes")),
        .init(
            "CHECK constraint failed: CASE WHEN reverses_id", "bad_minutes", .init("minutes", "使用时长", "minutes"),
            Wording("使用时长不能为负", "minutes are below zero"), Wording("填写不小于 0 的整数", "give whole numbers from 0")),
    ]

    static let values: [SchemaRefusal] = [
        .init(
            "transfer: unit_id is no unit", "missing_unit", .init("unit_id", "计量单位", "unit"),
            Wording("没有这个计量单位", "there is no such unit"), Wording("填写计量单位的编号", "give the id of an item of kind unit")),
        .init(
            "transfer: from_id is no account", "unknown_account", .init("from_id", "付款账户", "account that pays"),
            Wording("没有这个账户", "there is no such account"), Wording("核对账户编号", "check the id of the account")),
        .init(
            "transfer: to_id is no account", "unknown_account", .init("to_id", "收款账户", "account that is paid"),
            Wording("没有这个账户", "there is no such account"), Wording("核对账户编号", "check the id of the account")),
        .init("transfer: not covered", "not_covered", .init("amount", "金额", "amount")),
        .init(
            "transfer: this was paid already", "paid_already", .init("id", "编号", "id"),
            Wording("该款项已支付", "this was paid already"), Wording("无需再次支付", "nothing is to be done")),
        .init("transfer: no contract of an award covers this", "over_budget", .init("amount", "金额", "amount")),
        .init(
            "transfer: a reversal goes back", "bad_reversal", .init("amount", "金额", "amount"),
            Wording(
                "冲正须沿原转账退回，且不超过余额", "a reversal goes back the way of its transfer, and is no more than is left of it"),
            Wording("核对原转账", "check the transfer that it takes back")),
        .init(
            "transfer: no claim of this id", "unknown_claim", .init("id", "编号", "id"),
            Wording("没有对应的应付款项", "no such claim is for these accounts, this unit and this amount"),
            Wording("核对应付款项", "check what is due")),
        .init(
            "transfer: the sum is beyond", "bad_amount", .init("amount", "金额", "amount"),
            Wording("余额超出可记录的范围", "the sum is beyond what a balance can hold"), Wording("减少金额", "pay less")),
    ]

    static let cards: [SchemaRefusal] = [
        .init("item: detail lacks a field", "bad_detail", .init("detail", "填报内容", "details")),
        .init("item: a field of detail", "bad_detail", .init("detail", "填报内容", "details")),
        .init(
            "item: owner_id is no", "unknown_party", .init("owner_id", "所属", "owner"),
            unknownParty.what, unknownParty.remedy),
        .init(
            "item: account_id is no", "unknown_account", .init("account_id", "收款账户", "account"),
            Wording("没有这个账户", "there is no such account"), Wording("核对账户编号", "check the id of the account")),
        .init("item: share_class is no", "bad_detail", .init("share_class", "共享方式", "shared with")),
        .init("item: kind is no kind", "wrong_kind", .init("kind", "资源类别", "kind")),
        .init("item: more holds at one time", "no_room", .init("capacity", "容量", "capacity")),
        .init(
            "CHECK constraint failed: length(credit_code)", "bad_identifier",
            .init("credit_code", "统一社会信用代码", "credit code")),
        .init("NOT NULL constraint failed", "bad_form", nil, otherForm.what, otherForm.remedy),
        .init("CHECK constraint failed", "bad_form", nil, otherForm.what, otherForm.remedy),
    ]
}
