import ParkSyncCore

/// Work on the rows of `item`, which all parks write.
extension Workload {
    private static let columns = ["a", "b", "r", "i", "m", "raw"]

    mutating func itemStatements(_ kind: Kind, _ place: Place) -> ([Activity.Statement], Activity.Outcome)? {
        switch kind {
        case .insert: return ([insert(chance.oneIn(3) ? .string(fresh(place.park)) : absentKey(place))], .either)
        case .updateOne:
            let column = Self.columns[chance.below(Self.columns.count)]
            return (
                [
                    Activity.Statement(
                        "UPDATE item SET \(column) = ? WHERE id = ?", [ValueMix.any(&chance), knownKey(place)])
                ], .succeeds
            )
        case .updateMany: return ([updateMany(knownKey(place))], .succeeds)
        case .delete: return ([Activity.Statement("DELETE FROM item WHERE id = ?", [knownKey(place)])], .succeeds)
        case .reinsertHot:
            let key = knownKey(place)
            let again = Activity.Statement("INSERT INTO item(id, a, n) VALUES(?, ?, 1)", [key, ValueMix.any(&chance)])
            let delete = Activity.Statement("DELETE FROM item WHERE id = ?", [key])
            return (chance.oneIn(3) ? [delete, again, delete, again] : [delete, again], .succeeds)
        case .reinsertCold: return ([insert(absentKey(place))], .either)
        case .laterColumn:
            guard let table = place.schema.tables.first(where: { $0.name == "item" }),
                table.columns.contains(where: { $0.name == "later" })
            else {
                return nil
            }
            return (
                [
                    Activity.Statement(
                        "UPDATE item SET later = ? WHERE id = ?", [ValueMix.any(&chance), knownKey(place)])
                ], .succeeds
            )
        case .kinds:
            return (
                [
                    Activity.Statement(
                        "REPLACE INTO item(id, a, b, r, i, m, raw) VALUES(?, ?, ?, ?, ?, ?, ?)", mixed(key()))
                ], .succeeds
            )
        default: return conflicting(kind, place)
        }
    }

    private mutating func insert(_ key: Value) -> Activity.Statement {
        Activity.Statement(
            "INSERT INTO item(id, a, b, n) VALUES(?, ?, ?, ?)",
            [key, ValueMix.any(&chance), ValueMix.text(&chance), .integer(Int64(chance.below(5)))])
    }

    private mutating func mixed(_ key: Value) -> [Value] { [key] + Self.columns.map { _ in ValueMix.any(&chance) } }

    private mutating func updateMany(_ key: Value) -> Activity.Statement {
        let columns = Self.columns.filter { _ in !chance.oneIn(3) } + ["kind"]
        let values = columns.map { $0 == "kind" ? Value.string("kind-\(chance.below(3))") : ValueMix.any(&chance) }
        return Activity.Statement(
            "UPDATE item SET \(columns.map { "\($0) = ?" }.joined(separator: ", ")) WHERE id = ?", values + [key])
    }

    /// Writes whose effect depends on whether the key is there.
    private mutating func conflicting(_ kind: Kind, _ place: Place) -> ([Activity.Statement], Activity.Outcome)? {
        switch kind {
        case .replace:
            return (
                [
                    Activity.Statement(
                        "INSERT OR REPLACE INTO item(id, a, n) VALUES(?, ?, ?)",
                        [key(), ValueMix.any(&chance), delta()])
                ], .succeeds
            )
        case .upsert:
            let sql = "INSERT INTO item(id, b, n) VALUES(?, ?, 1) ON CONFLICT DO UPDATE SET b = excluded.b, n = n + 1"
            return ([Activity.Statement(sql, [key(), ValueMix.text(&chance)])], .succeeds)
        case .ignore:
            return (
                [Activity.Statement("INSERT OR IGNORE INTO item(id, a) VALUES(?, ?)", [key(), ValueMix.any(&chance)])],
                .succeeds
            )
        case .rename:
            return (
                [Activity.Statement("UPDATE item SET id = ? WHERE id = ?", [absentKey(place), knownKey(place)])],
                .either
            )
        case .renameOnto:
            return (
                [
                    Activity.Statement(
                        "UPDATE OR REPLACE item SET id = ?, a = ? WHERE id = ?",
                        [key(), ValueMix.any(&chance), knownKey(place)])
                ],
                .succeeds
            )
        case .counters:
            let sql = "UPDATE item SET n = n + ?, stock = stock - ? WHERE id = ?"
            return ([Activity.Statement(sql, [delta(), .integer(Int64(chance.below(3))), knownKey(place)])], .succeeds)
        case .hotRow:
            let create = Activity.Statement("INSERT OR IGNORE INTO item(id) VALUES('hot')")
            let column = Self.columns[chance.below(Self.columns.count)]
            let sql = "UPDATE item SET \(column) = ?, n = n + 1 WHERE id = 'hot'"
            return ([create, Activity.Statement(sql, [ValueMix.any(&chance)])], .succeeds)
        default: return nil
        }
    }

    private mutating func delta() -> Value { .integer(Int64(chance.below(21)) - 10) }
}
