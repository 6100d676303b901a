import ParkSyncCore

/// Makes up what the programs of the parks do, from a seed and from what their nodes hold.
///
/// Keys come from small sets that all parks share, so that they meet; ids that must be new count up
/// here and not on the nodes, so that a node that lost its file gives none twice.
package struct Workload: Sendable {
    package enum Kind: String, CaseIterable, Sendable {
        case insert, updateOne, updateMany, delete, reinsertHot, reinsertCold, replace, upsert, ignore, rename,
            renameOnto, counters, hotRow
        case wide, large, massInsert, massUpdate, massDelete, family, orphan, failing, append, owned, ownedForeign,
            kinds, rawKeys, typed
        case nothing, scratch, laterColumn, extraTable
    }

    /// What a node looks like to its programs.
    package struct Place: Sendable {
        package var park: String
        package var schema: SharedSchema
        package var contents: Dump
        /// The node's wall clock, Unix milliseconds.
        package var now: UInt64
        package init(park: String, schema: SharedSchema, contents: Dump, now: UInt64) {
            self.park = park
            self.schema = schema
            self.contents = contents
            self.now = now
        }
        func has(_ table: String) -> Bool { schema.index(ofTable: table) != nil }
    }

    /// How often each kind comes, out of the sum of all.
    package static let weights: [(weight: Int, kind: Kind)] = [
        (10, .insert), (12, .updateOne), (8, .updateMany), (8, .delete), (5, .reinsertHot), (6, .reinsertCold),
        (6, .replace), (6, .upsert),
        (3, .ignore), (4, .rename), (3, .renameOnto), (8, .counters), (10, .hotRow), (5, .wide), (2, .large),
        (1, .massInsert), (1, .massUpdate),
        (1, .massDelete), (5, .family), (2, .orphan), (3, .failing), (4, .append), (5, .owned), (2, .ownedForeign),
        (8, .kinds), (6, .rawKeys),
        (5, .typed), (2, .nothing), (1, .scratch), (5, .laterColumn), (5, .extraTable),
    ]

    var chance: Chance
    private var serial = 0
    /// How many keys of `item` all parks share.
    package var keys = 12
    /// Most rows of a mass transaction.
    package var massRowsMax = 1_500
    /// One in so many activities that may be foreign is.
    package var foreignOneIn = 3

    package init(seed: UInt64) { chance = Chance(seed: seed) }

    /// The next activity at a place: of whatever kind is possible there.
    package mutating func next(at place: Place) -> Activity {
        while true {
            guard let kind = chance.weighted(Self.weights), let activity = make(kind, at: place) else { continue }
            return activity
        }
    }

    /// An activity of one kind; nil if the place has nothing for it.
    package mutating func make(_ kind: Kind, at place: Place) -> Activity? {
        guard let (work, outcome) = statements(kind, place) else { return nil }
        var statements = work
        serial += 1
        let isForeign = chance.oneIn(max(1, foreignOneIn))
        var marker: String?
        // Who only reads, or what leaves nothing behind, has nothing to find again.
        if isForeign || chance.oneIn(4), kind != .nothing, kind != .scratch {
            let id = "\(place.park)-\(serial)"
            marker = id
            statements.insert(Self.mark(id, place.park, kind), at: 0)
        }
        return Activity(
            label: kind.rawValue, channel: isForeign ? .foreign : .api, statements: statements, outcome: outcome,
            marker: marker)
    }

    private static func mark(_ id: String, _ park: String, _ kind: Kind) -> Activity.Statement {
        Activity.Statement(
            "INSERT INTO journal(id, park, note) VALUES(?, ?, ?)", [.string(id), .string(park), .string(kind.rawValue)])
    }

    /// An id that nobody else has.
    mutating func fresh(_ park: String) -> String {
        serial += 1
        return "\(park)-\(serial)"
    }

    mutating func key() -> Value { .string("k\(chance.below(keys))") }

    /// A key that the node has in `item`, or any.
    mutating func knownKey(_ place: Place) -> Value { chance.pick(place.contents.rows("item"))?.first ?? key() }

    /// A key of the shared set that the node has not, or any.
    mutating func absentKey(_ place: Place) -> Value {
        let known = Set(place.contents.rows("item").compactMap(\.first))
        return chance.pick((0..<keys).map { Value.string("k\($0)") }.filter { !known.contains($0) }) ?? key()
    }

    mutating func statements(_ kind: Kind, _ place: Place) -> ([Activity.Statement], Activity.Outcome)? {
        switch kind {
        case .insert, .updateOne, .updateMany, .delete, .reinsertHot, .reinsertCold, .replace, .upsert, .ignore,
            .rename, .renameOnto, .counters,
            .hotRow, .kinds, .laterColumn:
            return itemStatements(kind, place)
        case .wide, .large, .massInsert, .massUpdate, .massDelete, .failing, .nothing, .scratch:
            return bulkStatements(kind, place)
        case .family, .orphan, .append, .owned, .ownedForeign, .rawKeys, .typed, .extraTable:
            return tableStatements(kind, place)
        }
    }
}
