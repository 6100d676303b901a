/// Who wrote each column of one row last: the row's causal length, the write of the row as a whole,
/// and the columns that a later write touched, grouped by that write.
///
/// One clock per row, not one per column: a row that was inserted and never updated has no groups
/// at all.
package struct RowClock: Hashable, Sendable {
    /// Columns that share their last write.
    package struct Group: Hashable, Sendable {
        package var columns: ColumnMask
        package var write: WriteID
        package init(columns: ColumnMask, write: WriteID) {
            self.columns = columns
            self.write = write
        }
    }

    package var causalLength: CausalLength
    /// The write that last set the whole row (its insert), or deleted it. Covers every column
    /// outside the groups. `WriteID.nobody` for a row that began with an update, which no honest
    /// author writes.
    package var base: WriteID
    /// Disjoint, sorted by write, each newer than `base`. Empty for a dead row.
    package var groups: [Group]

    package init(causalLength: CausalLength, base: WriteID, groups: [Group] = []) {
        self.causalLength = causalLength
        self.base = base
        self.groups = groups
    }

    /// The write that last set `column`.
    package func winner(of column: Int) -> WriteID {
        for group in groups where group.columns.contains(column) { return group.write }
        return base
    }

    /// Gives `columns` to `write`, keeping the groups disjoint and sorted.
    mutating func assign(_ columns: ColumnMask, to write: WriteID) {
        guard !columns.isEmpty else { return }
        for index in groups.indices { groups[index].columns = groups[index].columns.subtracting(columns) }
        groups.removeAll { $0.columns.isEmpty }
        if let same = groups.firstIndex(where: { $0.write == write }) {
            groups[same].columns = groups[same].columns.union(columns)
        } else {
            let place = groups.firstIndex { write < $0.write } ?? groups.endIndex
            groups.insert(Group(columns: columns, write: write), at: place)
        }
    }

    package func _checkInvariants() {
        assert(causalLength > .never, "a row with a clock has existed")
        assert(causalLength.isAlive || groups.isEmpty, "a dead row has no column groups")
        assert(groups.allSatisfy { base < $0.write && !$0.columns.isEmpty }, "a group is newer than its row")
        assert(zip(groups, groups.dropFirst()).allSatisfy { $0.write < $1.write }, "groups are sorted by write")
        var seen = ColumnMask.none
        for group in groups {
            assert(seen.intersection(group.columns).isEmpty, "groups are disjoint")
            seen = seen.union(group.columns)
        }
    }
}
