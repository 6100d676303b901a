import ParkSyncCatalog
import ParkSyncCore
import ParkSyncReports
import Testing

@testable import ParkSyncOffice

/// Forms, columns, filters and labels derive from the rows of the schema.
@Suite struct VocabularyTests {
    @Test func theRowsOfTheSchemaAreThere() async throws {
        let vocabulary = try await Vocabulary.read(from: try OfficeFixture.store())
        #expect(vocabulary.kinds.count > 50 && vocabulary.machines.count > 10 && vocabulary.reasons.count > 40)
        #expect(vocabulary.kind("instrument")?.label == Wording("大型科学仪器", "large scientific instrument"))
        #expect(vocabulary.fields(of: "instrument").first?.required == 1)
        #expect(vocabulary.asks(of: "instrument").map(\.kind) == ["booking", "home_change", "lending"])
        #expect(vocabulary.asks(of: "account").isEmpty)
        #expect(vocabulary.initial(of: "booking")?.state == "asked")
        #expect(vocabulary.isDecidedByAsker("adoption") && !vocabulary.isDecidedByAsker("booking"))
        #expect(vocabulary.label(of: "held", in: "state:booking") == Wording("待审批", "held"))
        #expect(vocabulary.label(of: "nowhere", in: "state:booking") == nil)
    }

    @Test func everyKindHasItsTableAndForm() async throws {
        let office = try await OfficeFixture.office(OfficeFixture.auditor, at: "south")
        for table in office.vocabulary.tables {
            let names = table.columns.map { ExactText($0.name) }
            #expect(Set(names).count == names.count, "\(table.name)")
            #expect(table.columns.allSatisfy { !$0.label.zh.isEmpty && !$0.label.en.isEmpty }, "\(table.name)")
            // The query is one that SQLite takes, whatever it is sorted by.
            let isOfAKind = office.vocabulary.kind(table.name) != nil
            let sorted = table.columns.filter { $0.isSorted && (!isOfAKind || $0.detailField != nil) }
            for sort in [nil] + sorted.map({ Optional("-\($0.name)") }) {
                _ = try await office.page(of: table.name, ListRequest(sort: sort, limit: 1))
            }
        }
        for kind in office.vocabulary.kinds where kind.isRequest {
            let form = office.forms.asking(kind)
            #expect(form.inputs.filter { $0.column.type == .code && $0.choices.isEmpty }.isEmpty, "\(kind.kind)")
            #expect(office.vocabulary.fields(of: kind.kind).allSatisfy { form.input($0.name) != nil }, "\(kind.kind)")
        }
    }

    /// The certificate that a course leads to, and the one that it asks for.
    @Test func aFieldBesideAColumnHasALongerName() async throws {
        let course = """
            INSERT INTO item (id, kind, name_zh, training_code, detail) VALUES ('south:course:1', 'course', '培训',
                'first', '{"training_code":"second","place_zh":"报告厅","starts_at":"2026-12-10T01:00:00Z",'
                || '"ends_at":"2026-12-10T03:00:00Z"}');
            """
        let office = try await OfficeFixture.office(OfficeFixture.stranger, at: "south", more: course)
        let request = ListRequest(filters: [.init("detail_training_code", "second"), .init("training_code", "first")])
        let record = try #require(try await office.page(of: "course", request).records.first)
        #expect(record["training_code"]?.text == "first" && record["detail_training_code"]?.text == "second")
    }

    @Test func aKindOfASchemaFileAppearsEverywhere() async throws {
        let store = try OfficeFixture.store(OfficeFixture.telescope)
        let office = try await OfficeFixture.office(OfficeFixture.staff, at: "bio", store)
        let page = try await office.page(
            of: "telescope", ListRequest(filters: [.init("aperture", "2", .atLeast)], text: "巡天", sort: "-aperture"))
        #expect(page.records.map { $0["id"]?.text } == ["south:telescope:1"])
        #expect(page.columns.first { $0.name == "aperture" }?.label == Wording("口径", "aperture"))
        #expect(page.records.first?.shown("aperture", office.vocabulary, .en) == "2.5")
        #expect(page.records.first?.shown("kind", office.vocabulary, .zh) == "望远镜")

        guard case .item(let shown) = try await office.show("south:telescope:1") else {
            Issue.record("it is an item")
            return
        }
        #expect(shown.asks.map(\.kind) == ["telescope_time"] && shown.fields.map(\.en) == ["aperture"])

        let form = office.forms.asking(try #require(shown.asks.first))
        #expect(
            form.input("band")?.isRequired == true && form.input("band")?.choices.map(\.code) == ["optical", "radio"])
        let lacking = try await office.fault { _ = try await $0.ask(Wish(subject: "south:telescope:1")) }
        #expect(lacking?.field?.name == "band" && lacking?.sentence(.zh) == "波段（band）：必须填写；填写波段。[bad_detail]")

        let asked = try await office.ask(
            Wish(subject: "south:telescope:1", entries: ["band": .typed("射电"), "nights": .typed("3")]))
        let listed = try await office.page(of: "telescope_time", ListRequest(filters: [.init("band", "radio")]))
        #expect(listed.records.map { $0["id"]?.text } == [asked.id])
        #expect(listed.records.first?["nights"]?.integer == 3)
        #expect(listed.records.first?.shown("state", office.vocabulary, .zh) == "已发出")
    }

    /// What a guard refuses has the code and the column that its sentence ends with.
    @Test func everyGuardsCodeIsThatOfTheFault() async throws {
        let vocabulary = try await Vocabulary.read(from: try OfficeFixture.store())
        let schema = CatalogueSchema.files.map(\.sql).joined()
        var codes: Set<String> = []
        for raise in schema.matches(of: /RAISE\(ABORT, '([^']*) \[([a-z_]+)(?: ([a-z_]+))?\]'\)/) {
            let sentence = "\(raise.1) [\(raise.2)\(raise.3.map { " \($0)" } ?? "")]"
            let fault = SchemaRefusal.fault(
                ProblemDetails(code: "constraint", title: "", status: 409, detail: sentence, remedy: ""), vocabulary)
            #expect(fault.code == String(raise.2) && fault.cause == .refused, "\(sentence)")
            #expect(raise.3 == nil || fault.field != nil, "\(sentence)")
            codes.insert(fault.code)
        }
        #expect(codes.count > 15 && codes.contains("paid_already"))
    }

    @Test func whatHasNoKindIsRefusedWithTheNearest() async throws {
        let office = try await OfficeFixture.office(OfficeFixture.auditor, at: "south")
        let fault = try await office.fault { _ = try await $0.page(of: "instrumnt") }
        #expect(fault?.cause == .missing && fault?.code == "unknown_kind")
        #expect(fault?.remedy.en.hasPrefix("Did you mean instrument?") == true)
    }
}
