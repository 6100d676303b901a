import ParkSyncCore

/// What several writes of one transaction to one row come to: the entry carries one change for each
/// row.
///
/// Pending rows tell what was tried. Whether the row is there now is certain, and decides.
struct NetChange: Hashable {
    var causalLength: CausalLength
    var kind: IncomingChange.Kind
    /// The index of the pending row with the values that the counters had; nil if they began at
    /// zero.
    var countersBefore: Int?

    /// - Parameters:
    ///   - rows: the pending rows of one key in order of time.
    ///   - known: the row's causal length before, nil if it is 1 or the row is new (the two need
    ///     not be told apart: an
    ///     insert makes it 1 in both cases, and an update or delete says that the row was there).
    ///   - isPresent: whether the table has the row now.
    /// - Returns: nil if nothing changed.
    static func of(_ rows: ArraySlice<PendingRow>, known: CausalLength?, isPresent: Bool) -> NetChange? {
        var progress = Progress(length: known)
        for index in rows.indices { progress.add(rows[index], at: index) }
        return isPresent ? progress.present : progress.absent
    }

    private struct Progress {
        var length: CausalLength?
        var isWhole = false
        var mask = ColumnMask.none
        var countersBefore: Int?
        /// Whether the row's present life began among these writes: its counters began at zero
        /// then.
        var isNewLife = false
        /// Whether the row was there before the first of these writes; nil as long as none of them
        /// tells.
        var wasThere: Bool?
        /// A delete that counts only if the row is gone or comes back: a trigger may have ended the
        /// statement before it happened.
        var isDeleted = false
        /// Whether a delete, or the replacing of the row by another one, was captured.
        var mayBeGone = false

        init(length: CausalLength?) { self.length = length }

        mutating func add(_ row: PendingRow, at index: Int) {
            switch row.operation {
            case .insert, .numbering:
                if wasThere == nil { (wasThere, isNewLife) = (false, true) }
                insert()
            case .written:
                insert()
                mayBeGone = true
                if countersBefore == nil { isNewLife = true }
            case .update:
                if wasThere == nil { wasThere = true }
                if length == nil { length = .first }
                isDeleted = false
                mask = mask.union(row.mask)
                noteCounters(at: index)
            case .replacing:
                if wasThere == nil { wasThere = true }
                mayBeGone = true
                if !isDeleted { noteCounters(at: index) }
            case .delete:
                if wasThere == nil { wasThere = true }
                (isDeleted, mayBeGone) = (true, true)
            }
        }

        private mutating func noteCounters(at index: Int) {
            if countersBefore == nil, !isNewLife { countersBefore = index }
        }

        private mutating func insert() {
            if isDeleted {
                length = (length ?? .first).afterDelete
                (mask, countersBefore, isNewLife, isDeleted) = (.none, nil, true, false)
            }
            length = (length ?? .never).afterInsert
            isWhole = true
        }

        var present: NetChange? {
            guard let length, length.isAlive else { return nil }
            if isWhole { return NetChange(causalLength: length, kind: .insert, countersBefore: countersBefore) }
            return mask.isEmpty
                ? nil : NetChange(causalLength: length, kind: .update(mask), countersBefore: countersBefore)
        }

        /// A row that is gone without a delete was removed past capture: that is for the
        /// verification of rows to say, not for the log.
        var absent: NetChange? {
            guard mayBeGone, wasThere == true else { return nil }
            return NetChange(causalLength: (length ?? .first).afterDelete, kind: .delete)
        }
    }
}
