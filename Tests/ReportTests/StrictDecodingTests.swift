import Foundation
import ParkSyncCore
import Testing

@testable import ParkSyncReports

/// Bodies of requests: what is not known is refused at every depth, and what is known is read as
/// ever.
@Suite struct StrictDecodingTests {
    private struct Inner: Codable, Hashable {
        var name: String
        var size: Int?
        enum CodingKeys: String, CodingKey, CaseIterable { case name, size = "size_bytes" }
    }

    private enum Way: String, Codable { case there, back }

    private struct Outer: Codable, Hashable {
        var inner: Inner?
        var list: [Inner]?
        var table: [String: Inner]?
        var ways: [Way]?
        var values: [[JSONValue]]?
        var flag: Bool?
        var number: UInt64?
        var text: String?
    }

    /// Coding keys that the compiler makes tell no list.
    private struct Plain: Codable, Hashable { var a: Int }

    private static func read<Body: Decodable>(_ type: Body.Type = Outer.self, _ text: String) throws -> Body {
        try JSONCoding.decodeStrictly(type, from: Data(text.utf8))
    }

    private static func complaint<Body: Decodable>(_ type: Body.Type = Outer.self, _ text: String) -> String? {
        do { _ = try read(type, text) } catch let error as DecodingError { return error.sentence } catch {
            return "\(error)"
        }
        return nil
    }

    @Test func whatIsKnownIsRead() throws {
        let text = """
            {"inner":{"name":"a","size_bytes":1},"list":[{"name":"b"},{"name":"c","size_bytes":null}],
             "table":{"any name":{"name":"d"}},
             "ways":["there","back"],"values":[[1,null,"x",{"blob":"AP8="}],[]],"flag":true,
             "number":18446744073709551615,"text":""}
            """
        let body = try Self.read(Outer.self, text)
        #expect(body.inner == Inner(name: "a", size: 1) && body.list?.map(\.name) == ["b", "c"])
        #expect(body.table?["any name"]?.name == "d" && body.ways == [.there, .back] && body.number == .max)
        #expect(
            body.values == [
                [JSONValue(.integer(1)), JSONValue(.null), JSONValue(.string("x")), JSONValue(.blob([0, 255]))], [],
            ])
        #expect(try Self.read(Outer.self, "{}") == Outer())
        // The same as without the guard, for all that has only known members.
        #expect(try JSONCoding.decode(Outer.self, from: Data(text.utf8)) == body)
        #expect(try Self.read(Outer.self, String(decoding: try JSONEncoder().encode(body), as: UTF8.self)) == body)
    }

    @Test(arguments: [
        ("{\"iner\":{}}", "iner: unknown member"),
        ("{\"inner\":{\"name\":\"a\",\"size\":1}}", "inner.size: unknown member; known are name, size_bytes"),
        (
            "{\"list\":[{\"name\":\"a\"},{\"name\":\"b\",\"x\":0}]}",
            "list[1].x: unknown member; known are name, size_bytes"
        ),
        ("{\"table\":{\"k\":{\"name\":\"a\",\"x\":0}}}", "table.k.x: unknown member; known are name, size_bytes"),
        // Told before anything that is missing, so that a misspelt member is not told as a missing
        // one.
        ("{\"inner\":{\"nam\":\"a\"}}", "inner.nam: unknown member; known are name, size_bytes"),
        ("{\"b\":1,\"a\":1,\"list\":[]}", "a: unknown member"),
    ])
    func whatIsNotKnownIsRefusedWithItsPlace(_ text: String, _ sentence: String) {
        #expect(
            Self.complaint(Outer.self, text)?.hasPrefix(sentence) == true,
            "\(Self.complaint(Outer.self, text) ?? "taken")")
    }

    @Test func whatIsMissingOrOfAnotherTypeIsToldAsEver() {
        #expect(Self.complaint(Plain.self, "{}") == "a: missing")
        #expect(Self.complaint(Plain.self, "{\"a\":1,\"c\":2}") == "c: unknown member")
        #expect(Self.complaint(Outer.self, "{\"list\":[{}]}") == "list[0].name: missing")
        #expect(Self.complaint(Outer.self, "{\"ways\":[\"away\"]}")?.hasPrefix("ways[0]: ") == true)
        // What the system's decoder says is the same with and without the guard.
        for text in ["{\"number\":-1}", "{\"inner\":[]}", "{\"list\":{}}", "{\"flag\":1}", "{\"table\":{\"k\":{}}}"] {
            let plain = #expect(throws: DecodingError.self) { try JSONCoding.decode(Outer.self, from: Data(text.utf8)) }
            #expect(Self.complaint(Outer.self, text) == plain?.sentence, "\(text)")
        }
        #expect(Self.complaint(Outer.self, "{\"inner\":[]}")?.hasPrefix("inner: ") == true)
        #expect(Self.complaint(Outer.self, "[]")?.hasPrefix("body: ") == true)
        #expect(
            Self.complaint(Outer.self, "{\"values\":[[{\"bolb\":\"\"}]]}")?.hasPrefix(
                "values[0][0]: a value that is an object") == true)
    }

    /// Also once with an escape; that is the scanner's part, and comes before this.
    @Test(arguments: [
        "{\"text\":\"a\",\"text\":\"b\"}", "{\"inner\":{\"name\":\"a\",\"n\\u0061me\":\"b\"}}", "{\"x\":1,\"x\":2}",
    ])
    func whatIsNamedTwiceIsRefused(_ text: String) {
        let refusal = #expect(throws: JSONRefusal.self) { try Self.read(Outer.self, text) }
        #expect(refusal?.cause == .repeatedMember)
    }

    /// Every request of the local API says in its refusal what it knows: no body may be without the
    /// list.
    @Test func everyRequestTellsWhatItKnows() {
        func known<Body: Decodable>(_ type: Body.Type) -> String? { Self.complaint(type, "{\"no_such_member\":0}") }
        let complaints: [(String, String?)] = [
            ("statements, author, note, timeout_ms", known(TransactionRequest.self)),
            ("sql, parameters", known(SQLStatement.self)),
            ("sql, parameters, timeout_ms", known(QueryRequest.self)), ("archive, vacuum", known(CompactRequest.self)),
            ("ids, author, note", known(ConfirmationRequest.self)), ("tables", known(RowVerifyRequest.self)),
            ("table, keys, way, author, note", known(RepairRequest.self)), ("ids, all", known(DropRefusedRequest.self)),
            ("park, lift", known(FenceRequest.self)), ("reason", known(AcceptWritesRequest.self)),
            ("to, since", known(BundleRequest.self)),
            ("from, without_confirmation", known(SnapshotRequest.self)), ("reason, author", known(ReissueRequest.self)),
            ("paused", known(LinkRequest.self)),
        ]
        for (members, complaint) in complaints {
            #expect(complaint == "no_such_member: unknown member; known are \(members)")
        }
    }

    /// Says who reads it.
    private struct Probe: SelfChecking, Equatable {
        var reader: String
        init(from decoder: any Decoder) throws { reader = "\(type(of: decoder))" }
    }

    private struct Probes: Decodable {
        var one: Probe?
        var list: [[Probe]]
        var table: [String: Probe]
    }

    /// Values of statements, of which there may be very many, are not read through the guard.
    @Test func valuesGoPastTheGuard() throws {
        let probes = try Self.read(Probes.self, "{\"one\":0,\"list\":[[1,2],[3]],\"table\":{\"k\":4}}")
        let readers = [probes.one].compactMap(\.self) + probes.list.joined() + probes.table.values
        #expect(readers.count == 5 && readers.allSatisfy { !$0.reader.contains("Strict") }, "\(readers.map(\.reader))")
        let guarded = try Self.read(Guarded.self, "{}")
        #expect(guarded.reader.contains("Strict"), "\(guarded.reader)")
    }

    private struct Guarded: Decodable {
        var reader: String
        init(from decoder: any Decoder) throws { reader = "\(type(of: decoder))" }
    }
}
