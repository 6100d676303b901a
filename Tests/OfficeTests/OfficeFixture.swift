import ParkSyncCatalog
import ParkSyncCore
import ParkSyncReports

@testable import ParkSyncOffice

/// Two parks, what they have, and two requests of the second for an instrument of the first.
enum OfficeFixture {
    static let rows = """
        INSERT INTO park (id, name_zh, name_en) VALUES ('south:park', '高新南区', 'South Park'),
            ('bio:park', '生物城', 'Bio City');
        INSERT INTO organisation (id, kind, name_zh, name_en) VALUES
            ('south:organisation:lab', 'institute', '光学研究所', 'Institute of Optics'),
            ('bio:organisation:firm', 'enterprise', '新药公司', 'New Drugs'),
            ('bio:organisation:other', 'enterprise', '试剂公司', NULL);
        INSERT INTO person (id, kind, name_zh, organisation_id) VALUES
            ('south:person:manager', 'manager', '王管理', 'south:organisation:lab'),
            ('south:person:officer', 'officer', '李审批', NULL),
            ('bio:person:staff', 'staff', '赵经办', 'bio:organisation:firm'),
            ('bio:person:rival', 'staff', '钱经办', 'bio:organisation:other'),
            ('bio:person:officer', 'officer', '孙审批', NULL);
        INSERT INTO item (id, kind, name_zh, name_en, owner_id, approval, detail) VALUES
            ('south:unit:fen', 'unit', '分', 'fen', NULL, 'automatic', '{"unit":"fen"}'),
            ('south:instrument:1', 'instrument', '质谱仪一号', 'Mass Spectrometer 1', 'south:organisation:lab', 'person',
                '{"instrument_type":"analysis","keywords":["质谱","蛋白"],"manufacturer":"甲厂","model":"A",'
                    || '"effective_hours":1600}'),
            ('south:instrument:2', 'instrument', '质谱仪二号', NULL, 'south:organisation:lab', 'person',
                '{"instrument_type":"analysis","keywords":["质谱"],"manufacturer":"乙厂","model":"B"}'),
            ('bio:instrument:1', 'instrument', '显微镜', 'Microscope 100%', 'bio:organisation:firm', 'automatic',
                '{"instrument_type":"measuring","manufacturer":"甲厂","model":"C","effective_hours":800}');
        INSERT INTO request (id, kind, machine, subject_id, party_id, by_id, class, starts_at, ends_at, at, detail)
        VALUES
            ('bio:booking:1', 'booking', 'booking', 'south:instrument:1', 'bio:organisation:firm', 'bio:person:staff',
                'zone', '2026-12-08T01:00:00Z', '2026-12-08T03:00:00Z', '2026-12-01T00:00:00Z',
                '{"purpose_zh":"新药筛选"}'),
            ('bio:booking:2', 'booking', 'booking', 'south:instrument:1', 'bio:organisation:other', 'bio:person:rival',
                'sme', '2026-12-09T01:00:00Z', '2026-12-09T03:00:00Z', '2026-12-02T00:00:00Z', '{}');
        INSERT INTO step (subject_id, request_id, n, id, follows, machine, from_state, to_state, act, act_id, starts_at,
            ends_at, weight, reasons, by_id, at) VALUES
            ('south:instrument:1', 'bio:booking:1', 1, 'south:step:1', NULL, 'booking', '', 'asked', 'ask', NULL,
                '2026-12-08T01:00:00Z', '2026-12-08T03:00:00Z', 1, '[]', NULL, '2026-12-01T00:00:10Z'),
            ('south:instrument:1', 'bio:booking:1', 2, 'south:step:2', 'south:step:1', 'booking', 'asked', 'held',
                'ask', NULL, '2026-12-08T01:00:00Z', '2026-12-08T03:00:00Z', 1, '[]', NULL, '2026-12-01T00:00:10Z');
        INSERT INTO document (id, about_id, kind, version, name_zh, sha256, media_type, bytes, at) VALUES
            ('bio:document:1', 'bio:booking:1', 'application', 1, '样品清单',
                '0000000000000000000000000000000000000000000000000000000000000000', 'text/plain', 3,
                '2026-12-01T00:00:00Z'),
            ('south:document:1', 'south:instrument:1', 'terms', 1, '操作手册',
                '0000000000000000000000000000000000000000000000000000000000000001', 'text/plain', 3,
                '2026-12-01T00:00:00Z');
        """

    /// An account of the firm, and five yuan in it.
    static let account = """
        INSERT INTO item (id, kind, name_zh, owner_id, detail) VALUES
            ('bio:account:firm', 'account', '新药公司账户', 'bio:organisation:firm', '{"account_type":"organisation"}');
        INSERT INTO transfer (from_id, id, to_id, unit_id, amount, because_id, reverses, at) VALUES
            ('south:unit:fen', 'south:transfer:1', 'bio:account:firm', 'south:unit:fen', 500, NULL, 0,
            '2026-12-01T00:00:00Z');
        """

    /// A schema file of a zone: a kind that nothing in the code knows.
    static let telescope = """
        INSERT INTO kind VALUES ('telescope', 'item', NULL, '望远镜', 'telescope', 8, NULL),
            ('telescope_time', 'request', 'booking', '观测申请', 'observing time', 8, NULL);
        INSERT INTO code VALUES ('asks:telescope_time', 'telescope', '望远镜', 'telescope', 8, NULL),
            ('band', 'radio', '射电', 'radio', 8, NULL), ('band', 'optical', '光学', 'optical', 8, NULL);
        INSERT INTO field VALUES ('telescope', 'aperture', 'number', 1, '米', NULL, '口径', 'aperture', NULL, 8, NULL),
            ('telescope_time', 'band', 'code', 1, NULL, 'band', '波段', 'band', NULL, 8, NULL),
            ('telescope_time', 'nights', 'integer', 0, '夜', NULL, '夜数', 'nights', NULL, 8, NULL);
        INSERT INTO item (id, kind, name_zh, owner_id, detail) VALUES
            ('south:telescope:1', 'telescope', '巡天望远镜', 'south:organisation:lab', '{"aperture":2.5}');
        """

    static let manager = Viewer(
        roles: [.manager], person: "south:person:manager", organisation: "south:organisation:lab")
    static let southOfficer = Viewer(roles: [.officer], person: "south:person:officer")
    static let bioOfficer = Viewer(roles: [.officer], person: "bio:person:officer")
    static let staff = Viewer(roles: [.member], person: "bio:person:staff", organisation: "bio:organisation:firm")
    static let rival = Viewer(roles: [.member], person: "bio:person:rival", organisation: "bio:organisation:other")
    static let auditor = Viewer(roles: [.auditor])
    static let stranger = Viewer(roles: [.viewer])

    static func store(_ more: String = "") throws -> MemoryStore { try MemoryStore(rows + more) }

    static func office(_ viewer: Viewer, at park: String, _ store: MemoryStore) async throws -> Office {
        let store = store.at(park)
        return Office(store: store, vocabulary: try await Vocabulary.read(from: store), viewer: viewer)
    }

    static func office(_ viewer: Viewer, at park: String, more: String = "") async throws -> Office {
        try await office(viewer, at: park, try store(more))
    }
}

extension Office {
    /// The fault that something is refused with; nil if it is not.
    func fault(_ body: (Office) async throws -> Void) async throws -> OfficeFault? {
        do {
            try await body(self)
            return nil
        } catch let fault as OfficeFault {
            return fault
        } catch let faults as FormFaults {
            return faults.faults.first
        }
    }
}
