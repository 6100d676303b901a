import ParkSyncOffice
import ParkSyncReports

/// What went wrong, as RFC 9457 has it, in the language of the one who asked. The code at the end
/// of `type` is stable, the texts are not.
package struct RestProblem: Codable, Hashable, Sendable {
    /// One of several things that are wrong with a form.
    package struct Detail: Codable, Hashable, Sendable {
        package var code: String
        package var field: String?
        package var detail: String
        package var remedy: String
    }

    package var type: String
    package var title: String
    package var status: Int
    package var detail: String
    package var remedy: String
    /// What it is about: a field of the body, or a parameter.
    package var field: String?
    /// All that is wrong, each with its field; absent where it is one thing.
    package var errors: [Detail]?

    init(_ fault: OfficeFault, status: Int, _ language: Language) {
        type = ProblemDetails.typePrefix + fault.code
        title = Self.title(fault.cause).text(language)
        self.status = status
        (detail, remedy) = (fault.what.text(language), fault.remedy.text(language))
        field = fault.field?.name
    }

    init(_ faults: [OfficeFault], _ language: Language) {
        let first =
            faults.first
            ?? OfficeFault(
                .input, "bad_detail", nil, Wording("填报内容不符合要求", "a field has another form"),
                Wording("改正后重新提交", "Correct it"))
        self.init(first, status: 422, language)
        guard faults.count > 1 else { return }
        errors = faults.map {
            Detail(
                code: $0.code, field: $0.field?.name, detail: $0.what.text(language), remedy: $0.remedy.text(language))
        }
    }

    private static func title(_ cause: OfficeFault.Cause) -> Wording {
        switch cause {
        case .input: Wording("填写有误", "Not valid")
        case .missing: Wording("没有找到", "Not found")
        case .forbidden: Wording("没有权限", "Not allowed")
        case .stale: Wording("状态已经变化", "Changed meanwhile")
        case .refused: Wording("不能办理", "Refused")
        case .unavailable: Wording("暂时不能办理", "Not possible right now")
        case .broken: Wording("数据无法读取", "Not readable")
        }
    }

    /// - Parameter isOfBody: whether what was given stands in a body, and not in the address.
    static func status(_ cause: OfficeFault.Cause, isOfBody: Bool) -> Int {
        switch cause {
        case .input: isOfBody ? 422 : 400
        case .missing: 404
        case .forbidden: 403
        case .stale: 412
        case .refused: 409
        case .unavailable: 503
        case .broken: 500
        }
    }

    /// The answer to what was thrown; nil for what is no fault of the one who asked, nor of the
    /// rules.
    static func reply(to error: any Error, _ call: RestCall) -> RestReply? {
        let language = call.language
        let isOfBody = call.method != .get
        let problem: RestProblem
        switch error {
        case let fault as OfficeFault:
            problem = RestProblem(fault, status: status(fault.cause, isOfBody: isOfBody), language)
        case let faults as FormFaults: problem = RestProblem(faults.faults, language)
        case let refusal as RestRefusal: problem = RestProblem(refusal.fault, status: refusal.status, language)
        default: return nil
        }
        var fields = [("Content-Language", language == .zh ? "zh-CN" : "en"), ("Vary", "Accept-Language")]
        if let allowed = (error as? RestRefusal)?.allowed { fields.append(("Allow", allowed)) }
        if problem.status == 503 { fields.append(("Retry-After", "5")) }
        let body = (try? RowCoding.jsonText(problem)) ?? "{}"
        return RestReply(
            status: problem.status, contentType: ProblemDetails.contentType, body: body, fields: fields)
    }
}

/// What is wrong with a request before the office is asked.
struct RestRefusal: Error {
    var status: Int
    var fault: OfficeFault
    /// Of a method that a path does not answer: those that it does.
    var allowed: String?

    static func noRoute(_ path: [String]) -> RestRefusal {
        let shown = "/" + path.joined(separator: "/").prefix(200)
        return RestRefusal(
            status: 404,
            fault: OfficeFault(
                .missing, "not_found", nil, Wording("没有这个地址：\(shown)", "there is nothing at \(shown)"),
                Wording("参见 /api/v1/openapi.json", "See /api/v1/openapi.json for the routes")))
    }

    static func noMethod(_ method: RestCall.Method, allowed: [RestCall.Method]) -> RestRefusal {
        let names = allowed.map(\.rawValue).joined(separator: ", ")
        return RestRefusal(
            status: 405,
            fault: OfficeFault(
                .input, "method_not_allowed", nil,
                Wording("此地址不支持 \(method.rawValue)", "it does not answer \(method.rawValue)"),
                Wording("使用 \(names)", "Use \(names)")), allowed: names)
    }

    static func badBody(_ reason: String) -> RestRefusal {
        RestRefusal(
            status: 400,
            fault: OfficeFault(
                .input, "bad_body", nil,
                Wording("请求内容不是所要求的 JSON：\(reason)", "the body is not the JSON that is wanted: \(reason)"),
                Wording("提交一个 JSON 对象", "Send one JSON object")))
    }

    static func unknownParameter(_ name: String, among known: [String]) -> RestRefusal {
        let shown = String(name.prefix(64))
        let list = known.isEmpty ? "-" : known.joined(separator: ", ")
        return RestRefusal(
            status: 400,
            fault: OfficeFault(
                .input, "unknown_parameter", OfficeField(shown, shown, shown),
                Wording("没有这个参数", "there is no such parameter"), Wording("可用参数：\(list)", "It may be \(list)")))
    }

    static func repeated(_ name: String) -> RestRefusal {
        let shown = String(name.prefix(64))
        return RestRefusal(
            status: 400,
            fault: OfficeFault(
                .input, "repeated_parameter", OfficeField(shown, shown, shown),
                Wording("参数重复", "it is given more than once"),
                Wording("每个参数只填一次", "Give it once")))
    }

    static func badNumber(_ name: String, _ range: ClosedRange<Int>) -> RestRefusal {
        RestRefusal(
            status: 400,
            fault: OfficeFault(
                .input, "bad_number", OfficeField(name, name, name), Wording("不是所要求的数字", "it is no such number"),
                Wording(
                    "填写 \(range.lowerBound) 至 \(range.upperBound)",
                    "Give a number from \(range.lowerBound) to \(range.upperBound)")))
    }

    static func missing(_ name: String) -> RestRefusal {
        RestRefusal(
            status: 400,
            fault: OfficeFault(
                .input, "missing_parameter", OfficeField(name, name, name), Wording("缺少参数", "it is missing"),
                Wording("填写参数 \(name)", "Give the parameter \(name)")))
    }
}
