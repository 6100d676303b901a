import DaemonFixtures
import Foundation
import ParkSyncCatalog
import ParkSyncReports
import Testing

@testable import syncctl

/// Science City, which has instruments, and Bio City, whose firm asks for them.
struct PeopleZone {
    let zone: TestZone

    /// Both run, and hold the same rows.
    init() async throws {
        zone = try await TestZone(["science", "bio"], schema: .catalogue)
        try await zone.start("science", "bio")
        for park in zone.parks { try await zone.ready(park) }
        try await write("science", Self.science)
        try await zone.agree()
        try await write("bio", Self.bio)
        try await zone.agree()
    }

    private func write(_ park: String, _ statements: [String]) async throws {
        for statement in statements { try await zone.transact(park, statement) }
    }

    /// What a command says, and its status.
    func syncctl(_ park: String, _ words: String..., environment: [String: String] = [:]) async throws -> (
        status: Int32, output: String
    ) {
        let variables = ["LANG": "en_GB.UTF-8", "LC_ALL": "", "LC_MESSAGES": ""].merging(environment) { $1 }
        return try await TestProcess.run(
            "syncctl", words + ["--socket", zone.socket(park)], environment: variables)
    }

    /// What a command says with --json.
    func json<Answer: Decodable>(_ park: String, _ words: String..., as type: Answer.Type = Answer.self)
        async throws -> Answer
    {
        let said = try await TestProcess.run("syncctl", words + ["--json", "--socket", zone.socket(park)])
        guard said.status == 0 else { throw RawHTTPConnection.Failure(description: "\(words): \(said)") }
        return try JSONCoding.decode(Answer.self, from: said.output.utf8)
    }

    /// A time of the zone's clocks so many days from now, as people write it.
    static func time(_ days: Int64, _ clock: String) -> String {
        let now = Instant(seconds: Int64(Date().timeIntervalSince1970))
        return "\(Shanghai.day(of: now.adding(days: days)).text) \(clock)"
    }

    /// The same as rows have it.
    static func row(_ days: Int64, _ clock: String) -> String? { ShanghaiText.instant(time(days, clock))?.text }

    private static let science = [
        "INSERT INTO park (id, name_zh, name_en) VALUES ('science:park', '科学城', 'Science City')",
        """
        INSERT INTO organisation (id, kind, name_zh, name_en) VALUES
        ('science:organisation:1', 'institute', '光学精密研究所', 'Institute of Optics')
        """,
        """
        INSERT INTO person (id, kind, name_zh, name_en, organisation_id) VALUES
        ('science:person:1', 'manager', '王仪', 'Wang Yi', 'science:organisation:1')
        """,
        """
        INSERT INTO item (id, kind, name_zh, capacity, detail) VALUES
        ('science:unit:fen', 'unit', '人民币分', NULL, '{"unit":"fen"}')
        """,
        """
        INSERT INTO item (id, kind, name_zh, owner_id, capacity, detail) VALUES
        ('science:account:1', 'account', '光学所账户', 'science:organisation:1', NULL,
            '{"account_type":"organisation"}')
        """,
        instrument("1", "高分辨质谱仪", "High-resolution spectrometer", "automatic"),
        instrument("2", "扫描电镜", "Scanning electron microscope", "person"),
        """
        INSERT INTO rate (id, item_id, class, version, unit, unit_id, fen, valid_from) VALUES
        ('science:rate:1', 'science:instrument:1', 'zone', 1, 'hour', 'science:unit:fen', 20000, '2026-01-01')
        """,
        """
        INSERT INTO window (id, item_id, kind, starts_minute, ends_minute) VALUES
        ('science:window:1', 'science:instrument:1', 'open', 540, 1020),
        ('science:window:2', 'science:instrument:1', 'maintenance', 720, 780)
        """,
        """
        INSERT INTO document (id, about_id, kind, version, name_zh, sha256, media_type, bytes, at) VALUES
        ('science:document:1', 'science:instrument:1', 'terms', 1, '使用须知', '\(String(repeating: "ab", count: 32))',
            'text/plain', 9, '2026-11-01T00:00:00Z')
        """,
    ]

    private static func instrument(_ tail: String, _ zh: String, _ en: String, _ approval: String) -> String {
        """
        INSERT INTO item (id, kind, name_zh, name_en, owner_id, account_id, approval, min_minutes, max_minutes,
            horizon_days, detail) VALUES ('science:instrument:\(tail)', 'instrument', '\(zh)', '\(en)',
            'science:organisation:1', 'science:account:1', '\(approval)', 30, 240, 60, json_object('instrument_type',
            (SELECT min(code) FROM code WHERE list = 'instrument_type'), 'manufacturer', '某仪器公司', 'model', 'QX-1'))
        """
    }

    private static let bio = [
        "INSERT INTO park (id, name_zh, name_en) VALUES ('bio:park', '国际生物城', 'Bio City')",
        """
        INSERT INTO organisation (id, kind, name_zh, name_en) VALUES
        ('bio:organisation:1', 'enterprise', '蓉生制药', 'Rongsheng Pharma')
        """,
        """
        INSERT INTO person (id, kind, name_zh, name_en, organisation_id) VALUES
        ('bio:person:1', 'staff', '李工', 'Li Gong', 'bio:organisation:1'),
        ('bio:person:2', 'officer', '赵政', 'Zhao Zheng', NULL)
        """,
        """
        INSERT INTO item (id, kind, name_zh, owner_id, capacity, detail) VALUES
        ('bio:account:1', 'account', '蓉生账户', 'bio:organisation:1', NULL, '{"account_type":"organisation"}')
        """,
    ]
}
