import ParkSyncCore
import ParkSyncReplication
import ParkSyncStore

/// The schema of a world, and what its people write.
struct WorldWork {
    enum Kind: CaseIterable {
        /// Four tables: most worlds, since opening a store costs by the table.
        case light
        /// Every feature of a schema file.
        case full
        /// The catalogue, with an arbiter at each node.
        case catalogue

        static func drawn(for history: History, _ random: inout SplitMix64) -> Self {
            switch random.below(16) {
            // The tables that lies are about.
            case _ where history.profile.hasLiar: .full
            case 0...1: .catalogue
            case 2...3: .full
            default: .light
            }
        }
    }

    let kind: Kind
    /// After each file that a node can have last.
    let compiled: [CompiledSchema]
    /// Their shared tables.
    let schemas: [SharedSchema]
    private var workload: Workload
    private var catalogueWork: CatalogueWork?

    /// - Throws: `SchemaError` if one of the schemas is wrong.
    init(_ kind: Kind, seed: UInt64) throws {
        self.kind = kind
        compiled =
            switch kind {
            case .light: try Self.light.get()
            case .full: try Self.full.get()
            case .catalogue: try Self.catalogue.get()
            }
        schemas = compiled.map(\.schema)
        workload = Workload(seed: seed)
        (workload.keys, workload.massRowsMax, workload.foreignOneIn) = (8, 60, 1)
        if kind == .catalogue { catalogueWork = try CatalogueWork(seed: seed) }
    }

    /// Whether what is written depends on what the node holds.
    var looksAround: Bool { kind != .light }
    var hasArbiters: Bool { kind == .catalogue }

    // Compiled once, and only if a world needs it.
    private static let light = Result { try compile(LightWork.files) }
    private static let full = Result { try compile(SimulationSchema.files) }
    private static let catalogue = Result { try CatalogueWorld.compiled() }

    private static func compile(_ files: [SchemaFile]) throws -> [CompiledSchema] {
        try files.indices.map { try CompiledSchema(Array(files[...$0])) }
    }

    /// - Parameters:
    ///   - seed: decides what is done.
    ///   - place: of the node at which it is done.
    mutating func activity(_ seed: UInt64, at place: Workload.Place) -> Activity {
        if kind == .light { return LightWork.activity(seed, at: place) }
        if var work = catalogueWork {
            work.chance = Chance(seed: seed)
            defer { catalogueWork = work }
            return work.next(at: place)
        }
        workload.chance = Chance(seed: seed)
        return workload.next(at: place)
    }
}

/// Work on a schema that costs little.
enum LightWork {
    static let files = [
        """
        -- parksync: schema 1
        -- parksync: writer any
        CREATE TABLE item(
          id TEXT NOT NULL PRIMARY KEY, title TEXT, amount INTEGER, price REAL, data BLOB,
          views INTEGER NOT NULL DEFAULT 0 -- parksync: counter
        );
        -- parksync: writer any
        CREATE TABLE pair(a TEXT NOT NULL, b INTEGER NOT NULL, note TEXT, PRIMARY KEY(a, b));
        -- parksync: writer any
        -- parksync: append-only
        CREATE TABLE journal(id TEXT NOT NULL PRIMARY KEY, park TEXT NOT NULL, note);
        """,
        """
        -- parksync: schema 2
        ALTER TABLE item ADD COLUMN colour TEXT;
        """,
        """
        -- parksync: schema 3
        -- parksync: writer home(id)
        CREATE TABLE owned(id TEXT NOT NULL PRIMARY KEY, text TEXT);
        """,
    ].enumerated().map { SchemaFile(name: "00\($0.offset + 1).sql", sql: $0.element) }

    static func activity(_ seed: UInt64, at place: Workload.Place) -> Activity {
        var draw = Chance(seed: seed)
        // The number of a step is drawn from so many that none comes twice.
        let marker = "\(place.park)-\(seed)"
        let mark = Activity.Statement(
            "INSERT INTO journal(id, park) VALUES(?, ?)", [.string(marker), .string(place.park)])
        let work = (0...draw.below(3)).map { _ in statement(place, &draw) }
        return Activity(label: "light", channel: .foreign, statements: [mark] + work, outcome: .either, marker: marker)
    }

    private static func statement(_ place: Workload.Place, _ draw: inout Chance) -> Activity.Statement {
        let id = Value.string("i\(draw.below(8))")
        let number = Value.integer(Int64(draw.below(1_000)))
        let text = ValueMix.text(&draw)
        switch draw.below(10 + (place.schema.number > 1 ? 2 : 0) + (place.schema.number > 2 ? 1 : 0)) {
        case 0, 1:
            return Activity.Statement(
                "INSERT OR REPLACE INTO item(id, title, amount, views) VALUES(?, ?, ?, 1)", [id, text, number])
        case 2, 3:
            return Activity.Statement(
                "INSERT OR IGNORE INTO item(id, title, price) VALUES(?, ?, ?)", [id, text, ValueMix.real(&draw)])
        case 4: return Activity.Statement("UPDATE item SET title = ? WHERE id = ?", [text, id])
        case 5:
            return Activity.Statement(
                "UPDATE item SET amount = ?, data = ? WHERE id = ?", [number, ValueMix.blob(&draw), id])
        case 6: return Activity.Statement("UPDATE item SET views = views + ? WHERE id = ?", [number, id])
        case 7: return Activity.Statement("DELETE FROM item WHERE id = ?", [id])
        case 8:
            return Activity.Statement(
                "INSERT OR REPLACE INTO pair(a, b, note) VALUES(?, ?, ?)",
                [id, .integer(Int64(draw.below(5)) - 2), text])
        case 9: return Activity.Statement("DELETE FROM pair WHERE a = ?", [id])
        case 10, 11: return Activity.Statement("UPDATE item SET colour = ? WHERE id = ?", [text, id])
        default:
            return Activity.Statement(
                "INSERT OR REPLACE INTO owned(id, text) VALUES(?, ?)",
                [.string("\(place.park):\(draw.below(3))"), text])
        }
    }
}
