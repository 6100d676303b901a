/// One change as it lies in a payload. `key` is valid until the next call of the reader that gave
/// it.
package struct ChangeView {
    package var causalLength: CausalLength
    package var kind: IncomingChange.Kind
    /// Range in the payload of the values, in ascending column order: every column for an insert,
    /// the mask's for an update.
    package var values: Range<Int>
    /// The first column, by its index, that cannot hold the value that the change carries for it.
    package var misfit: Int?
}

/// The header of one table's block of changes.
package struct TableBlock: Hashable, Sendable {
    package var name: String
    /// How many non-key columns the table had for the author.
    package var columnCount: Int
    package var changeCount: Int

    package init(name: String, columnCount: Int, changeCount: Int) {
        self.name = name
        self.columnCount = columnCount
        self.changeCount = changeCount
    }
}

/// Writes the changes of one entry, block by block.
///
/// Blocks must come in ascending order of table name, changes in strictly ascending order of key,
/// at most one a key: the caller sorts, this type encodes.
package struct ChangeWriter {
    package private(set) var writer: ByteWriter
    private var previousKey: [UInt8] = []

    package init(header: EntryHeader, tableCount: Int, reserving capacity: Int = 256) {
        writer = ByteWriter(reserving: capacity)
        header.write(to: &writer)
        writer.varint(tableCount)
    }

    package mutating func beginTable(_ block: TableBlock) {
        writer.prefixed(block.name)
        writer.varint(block.columnCount)
        writer.varint(block.changeCount)
        previousKey.removeAll(keepingCapacity: true)
    }

    static let insertBits: UInt8 = 0
    static let updateBits: UInt8 = 1
    static let deleteBits: UInt8 = 2
    static let lengthFollowsBit: UInt8 = 4

    /// - Parameter values: the encoded values, in ascending column order.
    package mutating func change(
        key: UnsafeRawBufferPointer, causalLength: CausalLength, kind: IncomingChange.Kind,
        values: UnsafeRawBufferPointer
    ) {
        var shared = 0
        let limit = min(previousKey.count, key.count)
        while shared < limit, previousKey[shared] == key[shared] { shared += 1 }
        writer.varint(shared)
        let suffix = UnsafeRawBufferPointer(rebasing: key[shared...])
        writer.varint(suffix.count)
        writer.raw(suffix)
        previousKey.removeSubrange(shared...)
        previousKey.append(contentsOf: suffix)

        let bits = Self.bits(of: kind)
        if causalLength.rawValue == Self.impliedLength(bits) {
            writer.byte(bits)
        } else {
            writer.byte(bits | Self.lengthFollowsBit)
            writer.varint(causalLength.rawValue)
        }
        if case .update(let mask) = kind { writer.varint(mask.rawValue) }
        writer.raw(values)
    }

    private static func bits(of kind: IncomingChange.Kind) -> UInt8 {
        switch kind {
        case .insert: insertBits
        case .update: updateBits
        case .delete: deleteBits
        }
    }

    /// An insert or update usually has causal length 1, a delete 2; those are not written.
    static func impliedLength(_ bits: UInt8) -> UInt64 { bits == deleteBits ? 2 : 1 }
}

/// Reads an entry's changes in order, checking everything that the format promises, and on the way
/// whether the columns of a schema can hold the values.
package struct ChangeReader {
    package let header: EntryHeader
    private var reader: ByteReader
    private var tablesLeft: Int
    private var changesLeft = 0
    /// The block that the last change belongs to.
    package private(set) var block: TableBlock?
    /// The last change's key, whole.
    package private(set) var key: [UInt8] = []
    private var isFirstOfBlock = true
    private let schema: SharedSchema?
    /// Index in the schema of the table that the block is of; nil if it has none of that name.
    package private(set) var table: Int?
    private var plainTypes: [UInt8] = []

    /// - Parameters:
    ///   - payload: must stay valid while the reader is used.
    ///   - schema: whose columns the values are compared with; nil for none.
    package init(_ payload: UnsafeRawBufferPointer, schema: SharedSchema? = nil) throws {
        self.schema = schema
        guard payload.count <= CoreLimits.payloadBytesMax else {
            throw DecodingFailure(
                "a payload of \(payload.count) bytes is above the limit of \(CoreLimits.payloadBytesMax)", at: 0)
        }
        reader = ByteReader(payload)
        header = try EntryHeader(from: &reader)
        tablesLeft = try reader.count("the number of tables", max: CoreLimits.sharedTablesMax)
    }

    /// The next change, or nil after the last one. Throws `DecodingFailure` on anything but the
    /// canonical encoding.
    package mutating func next() throws -> ChangeView? {
        if changesLeft == 0 {
            guard tablesLeft > 0 else {
                try reader.expectEnd("the entry")
                return nil
            }
            try beginBlock()
        }
        guard let block else { return nil }
        try readKey()
        let start = reader.offset
        let head = try reader.byte("the kind of a change")
        let bits = head & ~ChangeWriter.lengthFollowsBit
        guard bits <= ChangeWriter.deleteBits else { throw DecodingFailure("no kind of change is \(head)", at: start) }
        let length = try readLength(head: head, bits: bits, start: start)
        let kind: IncomingChange.Kind
        var first = reader.offset
        var misfit: Int?
        switch bits {
        case ChangeWriter.insertBits:
            kind = .insert
            for column in 0..<block.columnCount { try readValue(column, &misfit) }
        case ChangeWriter.updateBits:
            let mask = ColumnMask(rawValue: try reader.varint("a column mask"))
            guard !mask.isEmpty, mask.subtracting(.first(block.columnCount)).isEmpty else {
                throw DecodingFailure("a column mask names no column, or one that the table has not", at: start)
            }
            kind = .update(mask)
            first = reader.offset
            for column in mask.columns { try readValue(column, &misfit) }
        default: kind = .delete
        }
        changesLeft -= 1
        return ChangeView(causalLength: length, kind: kind, values: first..<reader.offset, misfit: misfit)
    }

    @inline(__always)
    private mutating func readValue(_ column: Int, _ misfit: inout Int?) throws {
        let value = try ValueCoding.read(from: &reader)
        if column < plainTypes.count, plainTypes[column] & value.typeBit == 0 { lookCloser(column, value, &misfit) }
    }

    private func lookCloser(_ column: Int, _ value: ValueView, _ misfit: inout Int?) {
        guard misfit == nil, let schema, let table, !schema.tables[table].columns[column].canHold(value) else { return }
        misfit = column
    }

    private mutating func beginBlock() throws {
        let start = reader.offset
        let name = try reader.string("a table name", max: CoreLimits.identifierBytesMax)
        if let previous = block, !Array(previous.name.utf8).lexicographicallyPrecedes(Array(name.utf8)) {
            throw DecodingFailure("tables are not sorted by name", at: start)
        }
        let columnCount = try reader.count("the number of columns", max: CoreLimits.columnsPerTableMax)
        let changes = try reader.count("the number of changes", max: CoreLimits.changesPerTableMax)
        guard changes > 0 else { throw DecodingFailure("an entry names no table without changes", at: start) }
        block = TableBlock(name: name, columnCount: columnCount, changeCount: changes)
        (tablesLeft, changesLeft, isFirstOfBlock) = (tablesLeft - 1, changes, true)
        table = schema?.index(ofTable: name)
        plainTypes.removeAll(keepingCapacity: true)
        if let schema, let table { for column in schema.tables[table].columns { plainTypes.append(column.plainTypes) } }
        key.removeAll(keepingCapacity: true)
    }

    private mutating func readKey() throws {
        let start = reader.offset
        let shared = try reader.count("a key prefix", max: key.count)
        let suffix = try reader.prefixed("a key", max: CoreLimits.keyBytesMax)
        guard shared + suffix.count <= CoreLimits.keyBytesMax else {
            throw DecodingFailure("a key is too long", at: start)
        }
        if isFirstOfBlock {
            guard shared == 0 else {
                throw DecodingFailure("the first key of a table shares a prefix with none", at: start)
            }
        } else {
            // The longest shared prefix and strictly ascending order: one set of changes has one
            // encoding.
            guard let next = suffix.first, shared == key.count || next > key[shared] else {
                throw DecodingFailure("keys are not in ascending order, or a prefix is too short", at: start)
            }
        }
        key.removeSubrange(shared...)
        key.append(contentsOf: suffix)
        isFirstOfBlock = false
    }

    private mutating func readLength(head: UInt8, bits: UInt8, start: Int) throws -> CausalLength {
        let implied = ChangeWriter.impliedLength(bits)
        guard head & ChangeWriter.lengthFollowsBit != 0 else { return CausalLength(rawValue: implied) }
        let length = CausalLength(rawValue: try reader.varint("a causal length"))
        guard length.rawValue != implied, length.rawValue > 0, length.rawValue <= CoreLimits.causalLengthMax,
            length.isAlive == (bits != ChangeWriter.deleteBits)
        else { throw DecodingFailure("causal length \(length.rawValue) does not fit the change", at: start) }
        return length
    }
}
