import Crypto
import Foundation
import ParkSyncCatalog
import ParkSyncCore
import ParkSyncOffice
import ParkSyncReports

/// The JSON object of a request: what was filled in, by its names. A form checks it.
struct RestBody: Decodable {
    private(set) var entries: [ExactText: FormEntry] = [:]
    /// Members that are objects themselves.
    private var objects: [ExactText: [ExactText: FormEntry]] = [:]

    static let bytesMax = 1 << 20

    init(_ call: RestCall) throws {
        do {
            self = try JSONCoding.decode(RestBody.self, from: Data(call.body), bytesMax: Self.bytesMax)
        } catch let refusal as JSONRefusal {
            throw RestRefusal.badBody(refusal.description)
        } catch let error as DecodingError { throw RestRefusal.badBody(error.sentence) }
    }

    init(from decoder: any Decoder) throws {
        let object = try decoder.container(keyedBy: MemberName.self)
        for name in object.allKeys {
            let key = ExactText(name.stringValue)
            if let nested = try? object.nestedContainer(keyedBy: MemberName.self, forKey: name) {
                objects[key] = try Self.entries(nested)
            } else {
                entries[key] = try Self.entry(object, name)
            }
        }
    }

    private static func entries(_ object: KeyedDecodingContainer<MemberName>) throws -> [ExactText: FormEntry] {
        var entries: [ExactText: FormEntry] = [:]
        for name in object.allKeys { entries[ExactText(name.stringValue)] = try entry(object, name) }
        return entries
    }

    private static func entry(
        _ object: KeyedDecodingContainer<MemberName>, _ name: MemberName
    ) throws -> FormEntry {
        if try object.decodeNil(forKey: name) { return .nothing }
        if let flag = try? object.decode(Bool.self, forKey: name) { return .flag(flag) }
        if let number = try? object.decode(Int64.self, forKey: name) { return .integer(number) }
        if let number = try? object.decode(Double.self, forKey: name) { return .number(number) }
        if let text = try? object.decode(String.self, forKey: name) { return .typed(text) }
        return .list(try object.decode([String].self, forKey: name))
    }

    // MARK: what is no entry of the form

    /// Takes a text out of what the form will be checked with.
    mutating func takeText(_ name: ExactText) throws(OfficeFault) -> String? {
        guard let entry = entries.removeValue(forKey: name), entry != .nothing else { return nil }
        if case .typed(let text) = entry { return text }
        throw Self.bad(name, Wording("须为文本", "it is no text"), Wording("填写文本", "Give a text"))
    }

    mutating func takeTexts(_ name: ExactText) throws(OfficeFault) -> [String] {
        guard let entry = entries.removeValue(forKey: name), entry != .nothing else { return [] }
        if case .list(let texts) = entry { return texts }
        throw Self.bad(name, Wording("须为文本数组", "it is no array of texts"), Wording("填写数组", "Give an array"))
    }

    mutating func takeObject(_ name: ExactText) throws(OfficeFault) -> [ExactText: FormEntry] {
        if let entry = entries.removeValue(forKey: name), entry != .nothing {
            throw Self.bad(name, Wording("须为对象", "it is no object"), Wording("填写对象", "Give an object"))
        }
        return objects.removeValue(forKey: name) ?? [:]
    }

    mutating func required(_ name: ExactText) throws(OfficeFault) -> String {
        if let text = try takeText(name), !text.isEmpty { return text }
        throw Self.bad(name, Wording("必须填写", "it is required"), Wording("填写 \(name)", "Give \(name)"))
    }

    /// What is left is the form's. JSON has numbers, flags and arrays of its own: a text in the
    /// place of one is no value of it.
    func checked(by form: Form) throws -> [ExactText: FormEntry] {
        var faults: [OfficeFault] = []
        for name in objects.keys.sorted() {
            faults.append(Self.bad(name, Wording("不是一个值", "it is no value"), Wording("改正", "Correct it")))
        }
        for (name, entry) in entries {
            guard case .typed = entry, let column = form.input(name.text)?.column,
                column.type.isInteger || [.number, .boolean, .list].contains(column.type)
            else { continue }
            faults.append(
                Self.bad(
                    name, Wording("应为\(column.type.form.zh)，而不是文本", "it is a text instead of \(column.type.form.en)"),
                    Wording("改正", "Correct it")))
        }
        if faults.isEmpty { return entries }
        throw FormFaults(faults.sorted { ($0.field?.name ?? "").precedesExactly($1.field?.name ?? "") })
    }

    private static func bad(_ name: ExactText, _ what: Wording, _ remedy: Wording) -> OfficeFault {
        OfficeFault(.input, "bad_detail", OfficeField(name.text, name.text, name.text), what, remedy)
    }
}

extension RestCall {
    static let keyBytesMax = 255

    /// What the id of what is written is made of, by the field `Idempotency-Key`; nil without one.
    /// Keys of one person are nothing to those of another, and each path has its own.
    func key(of viewer: Viewer) throws(OfficeFault) -> UInt64? {
        guard let idempotencyKey else { return nil }
        guard (1...Self.keyBytesMax).contains(idempotencyKey.utf8.count) else {
            throw OfficeFault(
                .input, "bad_key", OfficeField("Idempotency-Key", "幂等键", "idempotency key"),
                Wording("长度不正确", "it has another length"),
                Wording("填写 1 至 \(Self.keyBytesMax) 个字节", "Give 1 to \(Self.keyBytesMax) bytes"))
        }
        let parts = [viewer.person ?? "", path.joined(separator: "/"), idempotencyKey]
        let digest = SHA256.hash(data: Data(parts.joined(separator: "\u{0}").utf8))
        return digest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// What an item was when it was read, if that is what it is; nil: whatever it is.
    func seenVersion(_ version: String) throws(OfficeFault) -> String? {
        guard let ifMatch, ifMatch != "*" else { return nil }
        if ifMatch.isExactly(Self.tag(version)) { return version }
        throw OfficeFault(
            .stale, "stale", OfficeField("If-Match", "If-Match", "If-Match"),
            Wording("资源已经变化", "it is not what was seen any more"), Wording("重新读取后再修改", "Read it again"))
    }

    /// The entity tag of what an item is.
    static func tag(_ version: String) -> String {
        let digest = SHA256.hash(data: Data(version.utf8))
        return "\"" + Hex.encode(Array(digest.prefix(16))) + "\""
    }

    /// The step that whoever acts has seen, by the entity tag that he was given; nil: whatever is
    /// there.
    func seenStep() throws(OfficeFault) -> Int64? {
        guard let ifMatch, ifMatch != "*" else { return nil }
        let digits = ifMatch.dropFirst().dropLast()
        if ifMatch.utf8.count > 2, ifMatch.hasPrefix("\""), ifMatch.hasSuffix("\""), let step = Int64(digits) {
            return step
        }
        throw OfficeFault(
            .stale, "stale", OfficeField("If-Match", "If-Match", "If-Match"),
            Wording("不是本申请的标记", "it is no tag of this request"), Wording("重新读取后再办理", "Read it again"))
    }
}
