import CFaultVFS

/// One machine's disk, in memory: SQLite works on it as on any other, and it fails when it is told
/// to.
///
/// The same calls in the same order with the same seeds give the same bytes and counters. The model
/// is in docs/internals/virtual-disk.md. May be used from any thread, but then the order is the
/// threads'.
package final class VirtualDisk: @unchecked Sendable {
    // The C side guards all of it with a mutex; the pointer never changes.
    let raw: OpaquePointer
    package let name: String

    /// What a disk is like when nothing fails.
    package struct Model: Sendable {
        /// A power of two from 512 to 4096.
        package var sectorBytes = 4096
        /// The `SQLITE_IOCAP_` bits that the disk claims. Without any, SQLite must reckon with
        /// sectors that are torn, and with damage to the bytes beside those written.
        package var characteristics: Int32 = 0
        /// Unsynced bytes of one file at which it is written back without having been asked, as a
        /// kernel does.
        package var pendingBytesMax: UInt64 = 64 << 20

        package init() {}
    }

    /// - Parameter name: letters, digits, `-`, `_` and `.`; no other disk of the process may have
    ///   it.
    /// - Throws: `VirtualDiskError` if the name is taken or unfit, or the sector size is wrong.
    package init(name: String, seed: UInt64, model: Model = Model()) throws {
        let isFit = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                true
            default: false
            }
        }
        guard isFit, let sector = Int32(exactly: model.sectorBytes),
            let raw = parksync_disk_make(name, seed, sector, model.characteristics, model.pendingBytesMax)
        else {
            throw VirtualDiskError(
                reason:
                    "no disk \(name) with sectors of \(model.sectorBytes) bytes: the name is taken or unfit, "
                    + "or the size is no power of two "
                    + "from 512 to 4096, or SQLite takes no URI file names",
                remedy: "Give each disk that is in use a name of its own, of letters, digits, '-', '_' and '.'.")
        }
        self.raw = raw
        self.name = name
    }

    /// Connections that are still open fail from now on and can be closed at any time.
    deinit { parksync_disk_release(raw) }

    /// What SQLite opens the file by, until the next crash. Connections opened by it, and new ones
    /// by this path, fail after one.
    package func path(_ file: String) -> String {
        var escaped = ""
        for character in file.unicodeScalars {
            switch character {
            case "?": escaped += "%3f"
            case "#": escaped += "%23"
            case "%": escaped += "%25"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return "file:/\(boot)/\(escaped)?vfs=\(name)"
    }

    /// How often the machine has started, from 1.
    package var boot: UInt64 { parksync_disk_boot(raw) }

    /// Whether the power is off after `Fault.powerLoss`. Everything fails until `losePower`.
    package var isDead: Bool { parksync_disk_is_dead(raw) != 0 }

    /// The time that SQL on this disk sees, in milliseconds since 1970.
    package func setTime(unixMilliseconds: Int64) { parksync_disk_set_time(raw, unixMilliseconds) }

    // MARK: Crashes

    /// Ends every process of the machine, as `kill -9` does: what was written stays, synced or not;
    /// locks, shared memory and connections are gone.
    package func kill() { parksync_disk_kill(raw) }

    /// Turns the power off and on. What was not synced is kept, dropped or torn.
    package func losePower(_ loss: PowerLoss) {
        parksync_disk_power_off(
            raw,
            parksync_disk_power(
                seed: loss.seed, kept_permille: loss.keptPermille, dropped_permille: loss.droppedPermille,
                garbage_permille: loss.garbagePermille))
    }

    // MARK: Files

    package struct File: Equatable, Sendable {
        package var name: String
        package var bytes: Int64
    }

    /// In the order of their names' bytes.
    package var files: [File] {
        var result: [File] = []
        var buffer = [CChar](repeating: 0, count: 256)
        var bytes: Int64 = 0
        while parksync_disk_file(raw, Int32(result.count), &buffer, Int32(buffer.count), &bytes) == 0 {
            result.append(File(name: Self.text(buffer), bytes: bytes))
        }
        return result
    }

    static func text(_ buffer: [CChar]) -> String {
        String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The content as another program would read it, or nil if there is no such file. No fault
    /// meets this call.
    package func content(_ file: String) -> [UInt8]? {
        let size = parksync_disk_size(raw, file)
        guard size >= 0 else { return nil }
        return [UInt8](unsafeUninitializedCapacity: Int(size)) { buffer, count in
            count = max(0, Int(parksync_disk_read(raw, file, 0, buffer.baseAddress, size)))
        }
    }

    /// Puts a file there, durable, in the place of any other of the name. SQLite must not have it
    /// open.
    package func put(_ file: String, _ content: [UInt8]) { parksync_disk_put(raw, file, content, Int64(content.count)) }

    /// Deletes a file for good. Connections that have it open keep what they have.
    ///
    /// - Returns: false if there is none.
    @discardableResult
    package func delete(_ file: String) -> Bool { parksync_disk_delete(raw, file) == 0 }

    /// A hash of all files as readers see them, without what SQLite draws at random for itself:
    /// salts and checksums of the write-ahead log, the content of a rollback journal.
    package var hash: UInt64 { parksync_disk_hash(raw, 0) }

    /// The same, of what is on the medium.
    package var durableHash: UInt64 { parksync_disk_hash(raw, 1) }
}

/// How a power loss treats what was not synced.
package struct PowerLoss: Sendable {
    package var seed: UInt64
    /// How many of 1,000 unsynced writes are on the medium as a whole, and how many not at all. The
    /// others are torn: each of their sectors is new, old, partly new, or garbage.
    package var keptPermille: UInt32
    package var droppedPermille: UInt32
    /// How many of 1,000 sectors of a torn write are garbage.
    package var garbagePermille: UInt32 = 100

    package init(seed: UInt64, keptPermille: UInt32, droppedPermille: UInt32) {
        self.seed = seed
        self.keptPermille = keptPermille
        self.droppedPermille = droppedPermille
    }

    /// Draws how much is kept as well: of some losses next to everything is left, of others
    /// nothing.
    package init(seed: UInt64) {
        let kept = UInt32(truncatingIfNeeded: seed >> 7) % 5
        let dropped = UInt32(truncatingIfNeeded: seed >> 17) % (5 - kept)
        self.init(seed: seed, keptPermille: kept * 250, droppedPermille: dropped * 250)
    }
}

package struct VirtualDiskError: Error, CustomStringConvertible {
    package var reason: String
    package var remedy: String
    package var description: String { "\(reason). \(remedy)" }
}
