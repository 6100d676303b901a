/// Words for what the schema refuses.
extension SchemaRefusal {
    typealias Words = (zh: String, en: String, remedyZh: String, remedyEn: String)

    /// By the code. Those that are rows of `reason` are not repeated here.
    static let words: [String: Words] = [
        "answered_already": (
            "该办理已答复", "this act was answered already", "无需再次办理", "nothing is to be done"
        ),
        "bad_amount": ("余额超出可记录的范围", "the sum is beyond what a balance can hold", "减少金额", "pay less"),
        "bad_class": (
            "没有这类用户", "there is no such class of user", "填写 own、zone、sme、external 或 partner",
            "choose a code of user_class, as in zone or sme"
        ),
        "bad_form": ("不符合要求", "a check of the schema refuses it", "核对填写的内容", "check what was given"),
        "bad_id": ("编号不符合要求", "the id has another form", "编号须以写入的园区开头", "begin it with the park that writes it"),
        "bad_minutes": ("使用时长不能为负", "minutes are below zero", "填写不小于 0 的整数", "give whole numbers from 0"),
        "bad_reversal": (
            "冲正须与原记录一致，且不超过未冲正的部分", "a reversal is that of its record, and no more than is left of it", "核对原记录",
            "check the record that it takes back"
        ),
        "beyond_clock": (
            "使用时长超过实际经过的时间", "more minutes than the clock has gone on", "核对开始时间和使用时长",
            "check when it began and the minutes"
        ),
        "kept_by_node": (
            "该表由步骤和转账自动维护", "steps and transfers keep this table", "改为写入步骤或转账", "insert a step or a transfer"
        ),
        "missing_unit": (
            "没有填写计量单位，或没有这个计量单位", "the unit is missing, or there is no such unit", "填写计量单位的编号",
            "give the id of an item of kind unit"
        ),
        "never_changed": ("这项内容不能修改", "this is never changed", "另增一条记录", "insert another record"),
        "not_deleted": (
            "已被引用，不能删除", "others refer to it, so it is not deleted", "改为终止，并填写接续方",
            "end it, and name its successor"
        ),
        "not_last": ("没有接在最后一步之后", "it does not follow the last step", "重新读取后再办理", "read the request again"),
        "not_smaller": (
            "须指向编号较小的一条", "it points to the smaller id, which is the one that is counted", "对调两个编号", "swap the two ids"
        ),
        "paid_already": ("该款项已支付", "this was paid already", "无需再次支付", "nothing is to be done"),
        "reversed_already": ("该记录已更正", "this record was reversed already", "无需再次更正", "nothing is to be done"),
        "unknown_account": (
            "没有这个账户，或不是本园区的账户", "there is no such account, or it is another park's", "核对账户编号",
            "check the id of the account"
        ),
        "unknown_claim": (
            "没有对应的应付款项", "no such claim is for these accounts, this unit and this amount", "核对应付款项",
            "check what is due"
        ),
        "unknown_code": ("没有这个代码", "there is no such code", "从代码表中选择", "choose one of the rows of code"),
        "unknown_party": (
            "没有这个单位或人员", "there is no such organisation or person", "填写本园区单位或人员的编号",
            "give the id of an organisation or a person of this park"
        ),
        "unknown_reason": (
            "没有填写理由，或没有这个理由代码", "the reason is missing, or there is none of this code", "从理由表中选择",
            "choose a code of the rows of reason"
        ),
        "unknown_request": ("没有这项申请", "there is no such request", "核对申请编号", "check the id of the request"),
    ]

    /// Columns and fields, in Chinese.
    static let columns: [String: String] = [
        "account_id": "账户", "act": "办理动作", "act_id": "办理记录", "amount": "金额", "application_number": "申请号",
        "because_id": "原转账", "body": "内容", "by_id": "办理人", "capacity": "容量", "class": "用户类别", "code": "代码",
        "credit_code": "统一社会信用代码", "detail": "填报内容", "ends_at": "结束时间", "follows": "上一步", "from_id": "付款账户",
        "id": "编号", "item_id": "资源编号", "kind": "类别", "machine": "事项类别", "minutes": "使用时长", "object_id": "关联对象",
        "orcid": "ORCID", "owner_id": "所有者", "party_id": "单位或人员", "payer_id": "付款账户", "reasons": "理由",
        "relation": "关系", "request_id": "申请编号", "reverses_id": "更正的记录", "ror": "ROR", "share_class": "共享方式",
        "source": "计量方式", "starts_at": "开始时间", "subject_id": "资源编号", "talent_class": "人才层次", "to_id": "收款账户",
        "to_state": "办理结果", "unit": "计价单位", "unit_id": "计量单位", "weight": "数量",
    ]

    /// What SQLite says of a CHECK, and the node of a constant table. The first that fits counts.
    static let phrases: [(phrase: String, refusal: SchemaRefusal)] = [
        ("request: (kind, machine) is no row of kind", .init("wrong_kind", "kind")),
        ("act: (machine, act) is no row of move", .init("not_this_state", "act")),
        ("CHECK constraint failed: starts_at", .init("bad_interval", "starts_at")),
        ("CHECK constraint failed: ends_at", .init("bad_interval", "ends_at")),
        ("CHECK constraint failed: typeof(weight)", .init("bad_weight", "weight")),
        ("CHECK constraint failed: reverses_id IS NOT NULL OR 60", .init("beyond_clock", "minutes")),
        ("CHECK constraint failed: CASE WHEN reverses_id", .init("bad_minutes", "minutes")),
        ("CHECK constraint failed: length(credit_code)", .init("bad_identifier", "credit_code")),
        ("CHECK constraint failed: length(ror)", .init("bad_identifier", "ror")),
        ("CHECK constraint failed: length(orcid)", .init("bad_identifier", "orcid")),
        ("CHECK constraint failed", .init("bad_form")),
    ]
}
