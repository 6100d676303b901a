import Crypto
import ParkSyncCore
import ParkSyncStore

/// Hashes the rows of one part in their order.
struct PartHash {
    private let name: String
    private var hash = SHA256()
    private var writer = ByteWriter(reserving: bytesAtOnce)
    private static let bytesAtOnce = 1 << 16

    init(_ name: String) { self.name = name }

    /// A cell. A long one is hashed where it lies.
    mutating func add(_ column: Int32, of statement: RawStatement) {
        switch statement.view(column) {
        case .text(let bytes) where bytes.count >= Self.bytesAtOnce: add(bytes, 0xF0)
        case .blob(let bytes) where bytes.count >= Self.bytesAtOnce: add(bytes, 0xF1)
        default: add { statement.encode(column, to: &$0) }
        }
    }

    private mutating func add(_ bytes: UnsafeRawBufferPointer, _ kind: UInt8) {
        writer.byte(kind)
        writer.varint(bytes.count)
        flush()
        hash.update(bufferPointer: bytes)
    }

    mutating func add(_ row: (inout ByteWriter) -> Void) {
        row(&writer)
        if writer.bytes.count >= Self.bytesAtOnce { flush() }
    }

    private mutating func flush() {
        hash.update(data: writer.bytes)
        writer.bytes.removeAll(keepingCapacity: true)
    }

    mutating func finish() -> SharedState.Part {
        flush()
        return SharedState.Part(name: name, hash: Array(hash.finalize()))
    }
}
