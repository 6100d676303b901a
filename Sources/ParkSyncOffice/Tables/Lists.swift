import ParkSyncReports

/// Lists, searches and single records, as the viewer may see them.
extension Office {
    /// A table by its name: one that is always there, as in `items`, or that of a kind.
    ///
    /// - Returns: with the kind that its rows have, where it is one of several in a table.
    package func table(_ name: String) throws(OfficeFault) -> (table: OfficeTable, kind: String?) {
        if let table = OfficeTable.named(name) { return (table, nil) }
        if let kind = vocabulary.kind(name), let table = vocabulary.table(of: name) { return (table, kind.kind) }
        let names = OfficeTable.always.map(\.name) + vocabulary.kinds.map(\.kind)
        var fault = FormWords.unknown(name, among: names)
        (fault.code, fault.cause) = ("unknown_kind", .missing)
        fault.what = Wording("没有这个类别", "there is no such kind")
        throw fault
    }

    /// A page of a list.
    ///
    /// - Parameter name: of a table or a kind, as in `requests` or `instrument`.
    package func page(of name: String, _ request: ListRequest = ListRequest()) async throws -> Page {
        try check(.read)
        let (table, kind) = try table(name)
        var listing = Listing(table, sight, vocabulary)
        let answer = try await store.read(try listing.page(request, kind: kind))
        var next: String?
        if answer.rows.count > request.limit, let last = answer.rows.prefix(request.limit).last {
            let tail = last.dropFirst(table.columns.count + 1)
            next = try PageCursor(
                sort: request.sort ?? "", value: tail.first ?? .null, key: tail.last?.text ?? ""
            ).text()
        }
        let records = answer.rows.prefix(request.limit).map { record(of: $0, table) }
        return Page(columns: table.columns, records: records, next: next)
    }

    /// How many there are of each value of a column, the most first.
    package func facets(
        of name: String, _ request: ListRequest = ListRequest(), by column: String
    ) async throws -> [Facet] {
        try check(.read)
        let (table, kind) = try table(name)
        var listing = Listing(table, sight, vocabulary)
        let answer = try await store.read(
            try listing.facets(request, kind: kind, by: column, limit: Int64(ListRequest.limitMax)))
        return answer.rows.compactMap { row in
            guard row.count == 2, let count = row[1].integer else { return nil }
            return Facet(value: row[0].text ?? row[0].integer.map(String.init) ?? "", count: count)
        }
    }

    /// The record of an id; several where the log of its home has forked.
    func records(_ table: OfficeTable, id: String) async throws -> [Record] {
        var listing = Listing(table, sight, vocabulary)
        return try await store.read(listing.row(id)).rows.map { record(of: $0, table) }
    }

    /// What the viewer may not see leaves the row here.
    private func record(of row: [JSONValue], _ table: OfficeTable) -> Record {
        let isSeen = row.dropFirst(table.columns.count).first?.integer == 1
        let values = zip(table.columns, row).map { column, value in column.isPrivate && !isSeen ? .null : value }
        return Record(columns: table.columns, values: values, isSeen: isSeen)
    }
}

/// What a text was found in.
package struct Found: Hashable, Sendable {
    package var items: Page
    package var organisations: Page
    package var people: Page
}

extension Office {
    /// Looks for a text in names, ids and keywords of items, organisations and people.
    ///
    /// - Parameter home: only those of this park.
    package func search(
        _ text: String, home: String? = nil, limit: Int = ListRequest.limitDefault
    ) async throws -> Found {
        var filters = [ListRequest.Filter("state", "active")]
        if let home { filters.append(.init("home", home)) }
        let request = ListRequest(filters: filters, text: text, limit: limit)
        return Found(
            items: try await page(of: "items", request), organisations: try await page(of: "organisations", request),
            people: try await page(of: "people", request))
    }
}
