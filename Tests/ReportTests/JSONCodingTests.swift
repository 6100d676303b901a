import Foundation
import ParkSyncCore
import Testing

@testable import ParkSyncReports

/// What stands before every decoder of JSON.
@Suite struct JSONCodingTests {
    private static func check(_ text: some Collection<UInt8>) throws {
        _ = try Array(text).withUnsafeBytes { try JSONScanner.check($0) }
    }
    private static func refusal(_ text: some Collection<UInt8>) -> JSONRefusal? {
        do { try check(text) } catch { return error as? JSONRefusal }
        return nil
    }

    static let good = [
        "0", "-0", "-0.5e-7", "1E+2", "\"\"", "null", "true", " [ ] ", "{}",
        "[1,[2,{\"a\":[]}],\"\\ud83e\\uddea\\n\\/\"]",
        "{\"a\":1,\"b\":{\"a\":1}}",
        "\"国际生物城 🧪\"", "[\"\\u0000\"]", "\r\n\t [0]\n",
    ]
    static let bad = [
        "", " ", "[", "]", "{", "}", "[1", "[1,", "[1,]", "[,1]", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,",
        "{\"a\":1,}", "{a:1}", "{\"a\" 1}",
        "[1}", "{\"a\":1]", "01", "-", "1.", ".5", "1e", "+1", "0x1", "NaN", "nul", "truee", "\"", "\"\\\"", "\"\\x\"",
        "\"\\u12g4\"", "\"\\u12\"",
        "\"\\ud800\"", "\"\\ud800x\"", "\"\\ud800\\n\"", "\"\\udc00\"", "\"\\ud800\\ud800\"", "\"\n\"", "1 2", "[] []",
        "//x\n1", "'a'",
    ]

    @Test(arguments: good) func jsonPasses(_ text: String) throws { try Self.check(text.utf8) }

    @Test(arguments: bad) func whatIsNotJSONIsRefusedWithItsPlace(_ text: String) {
        #expect(Self.refusal(text.utf8)?.cause == .syntax)
    }

    @Test func bytesThatAreNotUTF8AreRefused() {
        for bytes: [UInt8] in [
            [0x80], [0xC0, 0x80], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF8], [0xC3],
            [0xE2, 0x82],
        ] {
            #expect(Self.refusal([0x22] + bytes + [0x22])?.cause == .syntax, "\(bytes)")
        }
    }

    @Test func theDepthIsBoundedWhateverIsNested() throws {
        let limit = LocalLimits.jsonDepthMax
        for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":", "}]")] {
            let each = open.count { $0 == "[" || $0 == "{" }
            func nested(_ depth: Int) -> String {
                String(repeating: open, count: depth / each) + "0" + String(repeating: close, count: depth / each)
            }
            try Self.check(nested(limit).utf8)
            #expect(Self.refusal(nested(limit + each).utf8)?.cause == .limit)
            #expect(
                Self.refusal(String(repeating: open, count: 1_000_000).utf8)?.cause == .limit, "the rest is not read")
        }
        // Brackets in texts do not count, and brackets side by side do not either.
        try Self.check("\"\(String(repeating: "[", count: 1_000))\"".utf8)
        try Self.check("[\(String(repeating: "[],", count: 1_000))0]".utf8)
    }

    @Test func aMemberIsNamedOnce() {
        for text in [
            "{\"a\":1,\"a\":2}", "{\"a\":1,\"b\":{\"c\":1,\"c\":1}}", "{\"sql\":1,\"s\\u0071l\":2}",
            "[{\"\":1,\"\":1}]", "{\"é\":1,\"\\u00e9\":1}",
        ] {
            #expect(Self.refusal(text.utf8)?.cause == .repeatedMember, "\(text)")
        }
        #expect(Self.refusal("{\n \"a\":1,\n  \"a\":2}".utf8).map { [$0.line, $0.column] } == [3, 3])
    }

    @Test func membersNumbersAndBytesAreBounded() {
        let many = (0...LocalLimits.jsonMembersMax).map { "\"\($0)\":0" }.joined(separator: ",")
        #expect(Self.refusal("{\(many)}".utf8)?.cause == .limit)
        #expect(Self.refusal(String(repeating: "9", count: LocalLimits.jsonNumberBytesMax + 1).utf8)?.cause == .limit)
        let refusal = #expect(throws: JSONRefusal.self) {
            try JSONCoding.decode([Int].self, from: "[1,2,3]".utf8, bytesMax: 6)
        }
        #expect(refusal?.cause == .limit)
    }

    /// Foundation takes all that passes, and beyond it a comma behind the last element.
    @Test func randomTextsThatPassAreJSONToFoundationToo() throws {
        var random = SystemRandom(seed: 7)
        let pieces = [
            "[", "]", "{", "}", ",", ":", "\"", "\\", "\\u00e9", "\\ud83e\\uddea", "a", "0", "-1.5e3", "true", "null",
            " ", "\n", "\u{7f}", "城",
        ]
        var passed = 0
        for _ in 0..<20_000 {
            var text = Self.good[Int(random.next() % UInt64(Self.good.count))]
            for _ in 0..<random.next() % 3 {
                var bytes = Array(text.unicodeScalars)
                let place = Int(random.next() % UInt64(bytes.count + 1))
                if random.next() % 2 == 0, place < bytes.count { bytes.remove(at: place) }
                bytes.insert(
                    contentsOf: Array(pieces[Int(random.next() % UInt64(pieces.count))].unicodeScalars),
                    at: min(place, bytes.count))
                text = String(String.UnicodeScalarView(bytes))
            }
            let refusal = Self.refusal(text.utf8)
            guard refusal == nil || refusal?.cause == .syntax else { continue }
            // A comma before a bracket is either behind the last element or in a text.
            if refusal != nil, text.contains(",]") || text.contains(",}") { continue }
            let isJSON = (try? JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)) != nil
            #expect(isJSON == (refusal == nil), "\(text.debugDescription): \(refusal?.description ?? "passes")")
            if isJSON { passed += 1 }
        }
        #expect(passed > 5_000)
    }

    private struct SystemRandom {
        var state: UInt64
        init(seed: UInt64) { state = seed }
        /// SplitMix64.
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    // MARK: values

    @Test(arguments: [
        "{}", "{\"blob\":\"\",\"text\":\"\"}", "{\"blob\":\"*\"}", "{\"real\":\"nan\"}", "{\"real\":\"x\"}",
        "{\"other\":1}", "[1]",
    ])
    func aValueThatIsAnObjectHasOneMember(_ text: String) {
        #expect(throws: DecodingError.self) { try JSONCoding.decode(JSONValue.self, from: text.utf8) }
    }
}
