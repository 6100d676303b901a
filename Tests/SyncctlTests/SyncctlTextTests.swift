import ArgumentParser
import DaemonFixtures
import Foundation
import ParkSyncCore
import ParkSyncReports
import Testing

@testable import syncctl

@Suite("What syncctl reads and prints")
struct SyncctlTextTests {
    static let parameters: [(String, Value)] = [
        ("42", .integer(42)), ("-9223372036854775808", .integer(.min)), ("\"42\"", .string("42")), ("null", .null),
        ("true", .integer(1)),
        ("1.5", .double(1.5)), ("{\"real\":\"1.0\"}", .double(1)), ("{\"blob\":\"AAH/\"}", .blob([0, 1, 255])),
        ("{\"text\":\"/wA=\"}", .text([255, 0])),
        ("south:1", .string("south:1")), ("", .string("")), ("[1,2]", .string("[1,2]")),
        ("{\"blob\":\"?\"}", .string("{\"blob\":\"?\"}")),
        ("精密", .string("精密")), ("007", .string("007")), ("2026-12-01", .string("2026-12-01")),
        ("NULL", .string("NULL")),
    ]

    @Test("A parameter is a JSON value or else text", arguments: parameters.indices)
    func parameter(_ index: Int) {
        let (text, value) = Self.parameters[index]
        #expect(ParameterParsing.value(text).value == value, "\(text)")
    }

    @Test("Values and messages cannot steer the terminal")
    func safeText() {
        #expect(Console.safe("精密 naïve — ok") == "精密 naïve — ok")
        #expect(
            Console.safe("a\u{1B}[31m\n\t\r\u{7F}\u{9B}\u{202E}b") == "a\\u{1b}[31m\\n\\t\\r\\u{7f}\\u{9b}\\u{202e}b")
        #expect(ParameterParsing.text(JSONValue(.string("a\nb"))) == "a\\nb")
        #expect(ParameterParsing.text(JSONValue(.blob([0, 171]))) == "x'00ab'")
    }

    @Test("Times are readable, and senseless ones do no harm")
    func times() {
        #expect(Console.time(1_796_112_000_250) == "2026-12-01 08:00:00.250Z")
        #expect(Console.time(.max) == "\(UInt64.max) ms")
        #expect(Elapsed.age(0, .max).hasSuffix(" d") && Elapsed.age(5, 0) == "0.0 s")
    }

    // MARK: transactions from files

    @Test("A transaction file is the body of the API")
    func transaction() throws {
        let text =
            "{\"author\":\"li\",\"statements\":[{\"parameters\":[1,\"x\",null],\"sql\":\"S\"},"
            + "{\"sql\":\"T\"}],\"timeout_ms\":5}"
        let request = try TransactionFile.parse(Data(text.utf8), name: "t.json")
        #expect(
            request
                == TransactionRequest(
                    statements: [SQLStatement("S", [1, "x", nil].map { Self.value($0) }), SQLStatement("T")],
                    author: "li", timeoutMilliseconds: 5))
    }

    private static func value(_ value: (any Sendable)?) -> JSONValue {
        switch value {
        case let number as Int: JSONValue(.integer(Int64(number)))
        case let text as String: JSONValue(.string(text))
        default: JSONValue(.null)
        }
    }

    static let wrongFiles = [
        (
            "{\"statements\":[{\"sql\":\"S\",\"params\":[1]}]}",
            "t.json is not a transaction: statements[0].params: unknown member"
        ),
        ("{\"statements\":[],\"autor\":\"li\"}", "t.json is not a transaction: autor: unknown member"),
        ("[]", "not a transaction: body"),
        ("{", "not JSON"),
        ("{\"statements\":[],\"statements\":[]}", "statements is named twice"),
        (String(repeating: "[", count: 100_000), "nested more than"),
        ("{\"statements\":[{}]}", "t.json is not a transaction: statements[0]"),
        ("{\"statements\":[{\"sql\":\"S\",\"parameters\":[[1]]}]}", "parameters[0]"),
    ]

    /// A member that is left out silently would make a statement run without its parameters.
    @Test("A misspelt or wrong member is refused with its place", arguments: wrongFiles.indices)
    func wrongFile(_ index: Int) {
        let (text, says) = Self.wrongFiles[index]
        let error = #expect(throws: ValidationError.self) { try TransactionFile.parse(Data(text.utf8), name: "t.json") }
        #expect(error?.message.contains(says) == true, "\(String(describing: error?.message))")
    }

    // MARK: answers

    @Test("An SQL NULL is not taken for a deleted row")
    func nulls() throws {
        let head =
            "{\"id\":\"1\",\"table\":\"lab\",\"key\":[1],\"column\":\"name\","
            + "\"lost\":\"x\",\"origin\":\"west\",\"seq\":4,\"written_at\":9"
            + ",\"author\":\"li\",\"note\":\"\""
        let decode = { (text: String) in try JSONDecoder().decode(ConflictReport.self, from: Data((head + text).utf8)) }
        #expect(try decode("}").current == nil)
        #expect(try decode(",\"current\":null}").current == JSONValue(.null))
        #expect(try decode(",\"current\":7}").current == JSONValue(.integer(7)))
        let column = "\"origin\":\"west\",\"seq\":4,\"written_at\":9,\"author\":\"\",\"note\":\"\""
        let blame = """
            {"table":"lab","key":[1],"causal_length":1,"is_alive":true,"columns":[\
            {"name":"a","value":null,\(column)},{"name":"(row)",\(column)}]}
            """
        let report = try JSONDecoder().decode(BlameReport.self, from: Data(blame.utf8))
        #expect(report.columns.map(\.value) == [JSONValue(.null), nil])
        let cell = try JSONDecoder().decode(
            RowDifference.Column.self, from: Data("{\"name\":\"a\",\"here\":null,\"is_known\":true}".utf8))
        #expect(cell.here == JSONValue(.null) && cell.logged == nil)
    }

    @Test("Server-sent events are put together from their lines")
    func events() {
        var event = ServerEvent()
        var seen: [String] = []
        for line in [
            ": subscribed", "", "event: entry", "id: airport:1 south:5", "data: {\"a\":", "data: 1}", "", "data:x\r",
            "\r", "id: 7", "",
        ] {
            if let whole = event.add(line) { seen.append("\(whole.name)|\(whole.id)|\(whole.data)") }
        }
        #expect(seen == ["entry|airport:1 south:5|{\"a\":\n1}", "||x"])
    }

    // MARK: texts of others

    /// A control character, one of the second set, and one of each kind that turns text around.
    static let hostile = [
        "\u{1B}[2J", "\u{7F}", "\u{9B}31m", "\u{202E}", "\u{2066}", "\u{2069}", "\u{200F}", "\u{61C}", "\u{2028}",
    ]

    @Test("What a terminal would act upon is spelled out, in JSON as well", arguments: hostile)
    func hostileText(_ text: String) throws {
        let change = EntryReport.Change(
            table: "t\(text)", key: [JSONValue(.string("k\(text)\nGOOD"))], kind: "insert", causalLength: 1,
            values: ["c\(text)": JSONValue(.string("v\(text)"))])
        let acted = text.unicodeScalars.first { $0.value < 0x20 || $0.value > 0x7E }
        let scalar = try #require(acted)
        for line in [Log.Show.line(change), SafeText.lines("a\nb\(text)")] {
            #expect(!line.unicodeScalars.contains(scalar), "\(line)")
        }
        #expect(!Log.Show.line(change).contains("\n") && SafeText.lines("a\nb\(text)").hasPrefix("a\nb"))
        let encoded = String(decoding: try JSONEncoder().encode(change), as: UTF8.self)
        let safe = SafeText.json(encoded)
        #expect(!safe.unicodeScalars.contains(scalar), "\(safe)")
        #expect(try JSONDecoder().decode(EntryReport.Change.self, from: Data(safe.utf8)) == change)
    }

    // MARK: usage

    static let wrongUsage: [([String], String)] = [
        (["status"], "No node is named"), (["status", "--socket", "a", "--park", "south"], "More than one node"),
        (["status", "--url", "https://127.0.0.1:1"], "plain HTTP"),
        (["status", "--park", "../etc"], "not the name of a park"),
        (["log", "show", "--socket", "a", "--after", "3"], "--origin"),
        (["exec", "--socket", "a"], "either one SQL statement or --file"),
        (["exec", "--socket", "a", "--file", "f", "--param", "1"], "write parameters into the file"),
        (["status", "--socket", "a", "--interval", "0"], "--interval"), (["init", "z"], "--loopback-port"),
        (["init", "z", "--loopback-port", "7600", "--system"], "--system"),
        (["init", "z", "--renew", "south", "--loopback-port", "7600"], "--renew"),
        (["init", "z", "--parks", "a", "--address", "a=h:1"], "--parks"), (["replay", "--into", "x"], "--database"),
        (["sparkle"], "syncctl has no command `sparkle`. Commands: accept-writes,"),
        (["statsu"], "Did you mean status?"),
        (["log", "verfiy", "--socket", "a"], "syncctl log has no command `verfiy`. Did you mean verify?"),
        (["confilcts", "--json"], "Did you mean conflicts?"), (["status", "--tabels"], "Did you mean '--tables'?"),
        (["wait", "--good"], "No node is named"),
        (["wait", "--park", "South"], "--park South is not the name of a park"),
    ]

    @Test("Wrong usage ends with status 64 and says what to do", arguments: wrongUsage.indices)
    func usage(_ index: Int) async throws {
        let (arguments, says) = Self.wrongUsage[index]
        let ended = try await TestProcess.run("syncctl", arguments, environment: [NodeAddress.variable: ""])
        #expect(ended.status == 64, "\(ended)")
        #expect(ended.output.contains(says), "\(ended.output)")
    }
}
