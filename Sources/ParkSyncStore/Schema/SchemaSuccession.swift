import ParkSyncCore

/// What a later schema file may change about tables that are shared already: it may append columns,
/// and nothing else.
///
/// Entries of the older schema stay in the log for ever and name columns by position; row digests
/// leave out NULL, so an appended column that is NULL in every old row changes neither digests nor
/// clocks, on no node, at whatever time it gets the file.
enum SchemaSuccession {
    static func check(_ next: SharedSchema, after previous: SharedSchema, file: String) throws {
        for old in previous.tables {
            guard let index = next.index(ofTable: old.name) else {
                throw SchemaError(
                    file: file, line: nil, reason: "table \(old.name) is not shared any more",
                    remedy: "Keep it: the log still refers to it. Stop writing it instead.")
            }
            try check(next.tables[index], after: old, file: file)
        }
    }

    private static func check(_ new: SharedTable, after old: SharedTable, file: String) throws {
        func refuse(_ reason: String, _ remedy: String) -> SchemaError {
            SchemaError(file: file, line: nil, reason: "table \(old.name): \(reason)", remedy: remedy)
        }
        guard new.keyColumns == old.keyColumns else { throw refuse("its primary key has changed", "Make a new table.") }
        guard new.writeRule == old.writeRule, new.isAppendOnly == old.isAppendOnly else {
            throw refuse(
                "who may write it has changed",
                "Make a new table: old entries are judged by the rule they were written under.")
        }
        for (position, column) in old.columns.enumerated() {
            guard new.columns.indices.contains(position), new.columns[position] == column else {
                throw refuse(
                    "column \(column.name) was dropped, moved or changed",
                    "Only append columns; leave one that is not needed any more NULL.")
            }
        }
        for column in new.columns.dropFirst(old.columns.count)
        where column.isNotNull || column.isCounter || column.defaultValue != .null {
            throw refuse(
                "the new column \(column.name) is not NULL in the rows that exist",
                "Append columns without NOT NULL and without a default, or make a new table.")
        }
    }
}
