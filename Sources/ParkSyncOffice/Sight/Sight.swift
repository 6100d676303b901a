import ParkSyncCatalog
import ParkSyncReports

/// Who may see of a row whose it is and what for. Free and busy, the class of user and how a
/// request stands are open to the zone; party and purpose are for the two sides and for auditors.
/// This is the one place that decides it.
///
/// It is a condition of SQL, so that what lists filter and sort by is judged by the same rule as
/// what they show.
package struct Sight: Sendable {
    /// What kind of rows, by the alias that they have in the query.
    package enum Rows: Hashable, Sendable {
        case open
        case request(String)
        case use(String)
        /// As the request that it is about; what is about something else is open.
        case document(String)
        case transfer(String)
        /// An item of kind account, or the unit that is its own mint.
        case account(String)
    }

    let viewer: Viewer
    /// The park whose node this is: its officers and managers are those of one side.
    let park: String

    /// SQL that is 1 for rows of which the viewer sees everything, and 0 or NULL for the others.
    package func condition(_ rows: Rows, _ query: inout QueryText) -> String {
        if rows == .open || viewer.roles.contains(.auditor) { return "1" }
        let parts =
            switch rows {
            case .open: ["1"]
            case .request(let row): ofRequest(row, &query)
            case .use(let row): ofUse(row, &query)
            case .document(let row): ofDocument(row, &query)
            case .transfer(let row): ofTransfer(row, &query)
            case .account(let row): ofAccount(row, &query)
            }
        return parts.isEmpty ? "0" : "(\(parts.joined(separator: " OR ")))"
    }

    private func ofRequest(_ row: String, _ query: inout QueryText) -> [String] {
        var parts = sides(asking: "\(row).id", asked: "\(row).subject_id", &query)
        if viewer.roles.contains(.manager), let managed = managed("\(row).subject_id", &query) { parts.append(managed) }
        guard isOfSomebody, let mine = mine(&query) else { return parts }
        parts.append("\(row).party_id IN (\(mine)) OR \(row).by_id IN (\(mine))")
        // Whom the request names, or its steps do: who applies, a pledgee, a seconded person.
        parts.append(
            """
            EXISTS (SELECT 1
                FROM json_each(CASE WHEN json_valid(\(row).detail) THEN \(row).detail ELSE '{}' END) AS named
                WHERE named.value IN (\(mine)))
            """)
        parts.append(
            """
            EXISTS (SELECT 1 FROM step AS told WHERE told.request_id = \(row).id AND json_valid(told.detail)
                AND json_extract(told.detail, '$.party_id') IN (\(mine)))
            """)
        parts.append(
            """
            EXISTS (SELECT 1 FROM link AS named WHERE named.subject_id = \(row).subject_id
                AND named.relation = 'reviewer' AND named.object_id IN (\(mine)))
            """)
        return parts
    }

    private func ofUse(_ row: String, _ query: inout QueryText) -> [String] {
        var parts = sides(asking: "\(row).party_id", asked: "\(row).item_id", &query)
        if viewer.roles.contains(.manager), let managed = managed("\(row).item_id", &query) { parts.append(managed) }
        guard isOfSomebody, let mine = mine(&query) else { return parts }
        parts.append("\(row).party_id IN (\(mine)) OR \(row).by_id IN (\(mine))")
        return parts
    }

    private func ofDocument(_ row: String, _ query: inout QueryText) -> [String] {
        let ofRequest = condition(.request("cited"), &query)
        return [
            """
            NOT EXISTS (SELECT 1 FROM kind AS asked WHERE asked.of = 'request'
                AND \(row).about_id GLOB '*:' || asked.kind || ':*')
            """,
            "EXISTS (SELECT 1 FROM request AS cited WHERE cited.id = \(row).about_id AND \(ofRequest))",
        ]
    }

    /// What an account holds is for its owner and for those of its park who answer for all of it.
    private func ofAccount(_ row: String, _ query: inout QueryText) -> [String] {
        var parts = sides(asking: "\(row).id", asked: "\(row).id", &query)
        if isOfSomebody, let mine = mine(&query) { parts.append("\(row).owner_id IN (\(mine))") }
        return parts
    }

    /// A transfer has two accounts: whoever sees one of them sees it.
    private func ofTransfer(_ row: String, _ query: inout QueryText) -> [String] {
        let held = condition(.account("held"), &query)
        return ["EXISTS (SELECT 1 FROM item AS held WHERE held.id IN (\(row).from_id, \(row).to_id) AND \(held))"]
    }

    /// Whether the viewer answers for an item of this park: as its manager, or as an officer.
    func manages(_ row: String, _ query: inout QueryText) -> String {
        var parts = sides(asking: "\(row).id", asked: "\(row).id", &query)
        if viewer.roles.contains(.manager), let managed = managed("\(row).id", &query) { parts.append(managed) }
        return parts.isEmpty ? "0" : "(\(parts.joined(separator: " OR ")))"
    }

    /// Those of both parks who answer for all of it.
    private func sides(asking: String, asked: String, _ query: inout QueryText) -> [String] {
        guard viewer.roles.contains(.officer) else { return [] }
        let park = query.bind(.text(park))
        return ["\(park) IN (\(ItemScreens.park(asking)), \(ItemScreens.park(asked)))"]
    }

    /// An item of this park that the viewer's organisation has, or that he was given to manage.
    private func managed(_ item: String, _ query: inout QueryText) -> String? {
        guard let mine = mine(&query) else { return nil }
        let park = query.bind(.text(park))
        return """
            EXISTS (SELECT 1 FROM item AS managed WHERE managed.id = \(item)
                AND \(ItemScreens.park("managed.id")) = \(park) AND (managed.owner_id IN (\(mine))
                    OR EXISTS (SELECT 1 FROM link AS given WHERE given.relation IN ('manager', 'officer')
                        AND given.object_id IN (\(mine)) AND given.subject_id IN (managed.id, \(park) || ':park'))))
            """
    }

    /// Whoever has a part in requests; a viewer only looks at the catalogue.
    private var isOfSomebody: Bool { !viewer.roles.isDisjoint(with: [.member, .manager, .officer]) }

    private func mine(_ query: inout QueryText) -> String? {
        let ids = viewer.ids.map { query.bind(.text($0)) }
        return ids.isEmpty ? nil : ids.joined(separator: ", ")
    }
}

/// SQL that is being put together. Whatever comes from outside is a parameter of it.
package struct QueryText: Sendable {
    package private(set) var parameters: [JSONValue] = []

    package init() {}

    /// The name of the parameter, as in `?3`.
    package mutating func bind(_ value: JSONValue) -> String {
        if let known = parameters.firstIndex(of: value) { return "?\(known + 1)" }
        parameters.append(value)
        return "?\(parameters.count)"
    }
}
