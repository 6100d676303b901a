import ParkSyncCore

/// Work on the other tables of the simulation's schema.
extension Workload {
    mutating func bulkStatements(_ kind: Kind, _ place: Place) -> ([Activity.Statement], Activity.Outcome)? {
        switch kind {
        case .wide: return ([wide()], .succeeds)
        case .large:
            return (
                [
                    Activity.Statement(
                        "INSERT OR REPLACE INTO item(id, raw) VALUES(?, ?)", [key(), ValueMix.large(&chance)])
                ], .succeeds
            )
        case .massInsert:
            let sql = """
                WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < ?)
                INSERT INTO item(id, a, n) SELECT 'mass-' || (x * ? % 3000), x, 1 FROM c WHERE true ON CONFLICT DO \
                UPDATE SET n = n + 1, a = excluded.a
                """
            let rows = massRowsMax / 10 + chance.below(max(1, massRowsMax - massRowsMax / 10))
            return (
                [Activity.Statement(sql, [.integer(Int64(rows)), .integer(Int64(1 + 2 * chance.below(500)))])],
                .succeeds
            )
        case .massUpdate:
            return ([Activity.Statement("UPDATE item SET i = i + 1, b = ?", [ValueMix.text(&chance)])], .succeeds)
        case .massDelete:
            return (
                [
                    Activity.Statement(
                        "DELETE FROM item WHERE id LIKE 'mass-%' AND length(id) % 2 = ?",
                        [.integer(Int64(chance.below(2)))])
                ], .succeeds
            )
        case .failing: return (failing(place), .fails)
        case .nothing:
            return ([Activity.Statement("UPDATE item SET a = a, b = b WHERE id = ?", [knownKey(place)])], .succeeds)
        case .scratch:
            return ([Activity.Statement("INSERT INTO scratch(v) VALUES(?)", [ValueMix.any(&chance)])], .succeeds)
        default: return nil
        }
    }

    private mutating func wide() -> Activity.Statement {
        // -1 is no key: see TableCapture.
        let id = Value.integer([-2, 0, 1, 2][chance.below(4)])
        if chance.oneIn(3) {
            let columns = SimulationSchema.wideColumns
            let marks = columns.map { _ in "?" }.joined(separator: ", ")
            let values = columns.map { _ in ValueMix.any(&chance) }
            return Activity.Statement(
                "REPLACE INTO wide(id, \(columns.joined(separator: ", "))) VALUES(?, \(marks))", [id] + values)
        }
        let columns = SimulationSchema.wideColumns.filter { _ in chance.oneIn(5) }
        guard !columns.isEmpty else { return Activity.Statement("INSERT OR IGNORE INTO wide(id) VALUES(?)", [id]) }
        let values = columns.map { _ in ValueMix.any(&chance) }
        return Activity.Statement(
            "UPDATE wide SET \(columns.map { "\($0) = ?" }.joined(separator: ", ")) WHERE id = ?", values + [id])
    }

    /// A good write and then one that is refused: nothing of either may stay.
    private mutating func failing(_ place: Place) -> [Activity.Statement] {
        let good = Activity.Statement(
            "INSERT OR REPLACE INTO item(id, a) VALUES(?, ?)", [key(), .string("must not stay")])
        let other = place.park == "south" ? "west" : "south"
        let bad = [
            Activity.Statement(
                "INSERT OR ABORT INTO item(id, kind) VALUES(?, 'forbidden')", [.string(fresh(place.park))]),
            Activity.Statement(
                "INSERT INTO owned(id, label) VALUES(?, 'not mine')", [.string("\(other):\(fresh(place.park))")]),
            Activity.Statement("INSERT INTO typed(id, i) VALUES(?, 'word')", [.string(fresh(place.park))]),
            Activity.Statement("INSERT INTO parent(id, title) VALUES(?, NULL)", [.string(fresh(place.park))]),
            Activity.Statement("INSERT INTO rawkey(id, n) VALUES(?, 1)", [.double(1.5)]),
            Activity.Statement("INSERT INTO no_such_table VALUES(1)"),
        ]
        return [good, bad[chance.below(bad.count)]]
    }

    mutating func tableStatements(_ kind: Kind, _ place: Place) -> ([Activity.Statement], Activity.Outcome)? {
        switch kind {
        case .family:
            let parent = Value.string(chance.oneIn(2) ? "p\(chance.below(4))" : fresh(place.park))
            var statements = [
                Activity.Statement(
                    "INSERT INTO parent(id, title) VALUES(?, 'x') ON CONFLICT DO UPDATE SET title = title || 'x'",
                    [parent])
            ]
            for _ in 0...chance.below(3) {
                statements.append(
                    Activity.Statement(
                        "INSERT OR REPLACE INTO child(parent, position, note) VALUES(?, ?, ?)",
                        [parent, .integer(Int64(chance.below(4))), ValueMix.any(&chance)]))
            }
            return (statements, .succeeds)
        case .orphan:
            // With another park's children on the way, the merged tables may have children without
            // a parent.
            guard let parent = chance.pick(place.contents.rows("parent"))?.first else { return nil }
            let statements = ["DELETE FROM child WHERE parent = ?", "DELETE FROM parent WHERE id = ?"]
            return (statements.map { Activity.Statement($0, [parent]) }, .succeeds)
        case .append:
            let sql = "INSERT INTO journal(id, park, note) VALUES(?, ?, ?)"
            return (
                [Activity.Statement(sql, [.string(fresh(place.park)), .string(place.park), ValueMix.any(&chance)])],
                .succeeds
            )
        case .owned, .ownedForeign: return owned(kind, place)
        case .rawKeys: return ([rawKeys()], .succeeds)
        case .typed: return ([typed()], .succeeds)
        case .extraTable:
            guard place.has("extra") else { return nil }
            let sql = "INSERT INTO extra(id, v, n) VALUES(?, ?, 2) ON CONFLICT DO UPDATE SET v = excluded.v, n = n + 2"
            return ([Activity.Statement(sql, [key(), ValueMix.any(&chance)])], .succeeds)
        default: return nil
        }
    }

    private mutating func owned(_ kind: Kind, _ place: Place) -> ([Activity.Statement], Activity.Outcome)? {
        if kind == .owned {
            let sql =
                """
                INSERT INTO owned(id, label) VALUES(?, ?) ON CONFLICT DO UPDATE SET label = excluded.label, \
                views = views + 1
                """
            return (
                [Activity.Statement(sql, [.string("\(place.park):\(chance.below(4))"), ValueMix.text(&chance)])],
                .succeeds
            )
        }
        let prefix = Array((place.park + ":").utf8)
        let others = place.contents.rows("owned").compactMap(\.first).filter { key in
            if case .text(let bytes) = key { return !bytes.starts(with: prefix) }
            return false
        }
        guard let key = chance.pick(others) else { return nil }
        let sql = chance.oneIn(2) ? "DELETE FROM owned WHERE id = ?" : "UPDATE owned SET label = 'taken' WHERE id = ?"
        return ([Activity.Statement(sql, [key])], .fails)
    }

    /// Keys of all types that a key can have, with zero bytes in front of the next component.
    private mutating func rawKeys() -> Activity.Statement {
        let ids: [Value] = [
            .blob([]), .blob([0]), .blob([0, 0xFF]), .text([]), .text([0]), .text([0, 0]), .string("a"), .integer(-1),
            .integer(1), .integer(.min),
        ]
        let key = [ids[chance.below(ids.count)], .integer(Int64(chance.below(2)) - 1)]
        if chance.oneIn(3) { return Activity.Statement("DELETE FROM rawkey WHERE id = ? AND n = ?", key) }
        return Activity.Statement(
            "INSERT OR REPLACE INTO rawkey(id, n, v) VALUES(?, ?, ?)", key + [ValueMix.any(&chance)])
    }

    private mutating func typed() -> Activity.Statement {
        let id = Value.string("t\(chance.below(4))")
        let values = [
            ValueMix.integer(&chance), ValueMix.any(&chance), ValueMix.real(&chance), ValueMix.text(&chance),
            ValueMix.blob(&chance),
        ]
        if chance.oneIn(2) {
            return Activity.Statement(
                "INSERT OR REPLACE INTO typed(id, i, x, r, t, b) VALUES(?, ?, ?, ?, ?, ?)", [id] + values)
        }
        let columns = ["i", "x", "r", "t", "b"]
        let index = chance.below(columns.count)
        return Activity.Statement("UPDATE typed SET \(columns[index]) = ? WHERE id = ?", [values[index], id])
    }
}
