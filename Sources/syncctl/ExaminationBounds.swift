import ArgumentParser
import Foundation
import ParkSyncCore
import ParkSyncStore

#if os(Linux)
    import CProcess
#endif

/// How much this program may take to look at a database file that somebody names: that may be
/// anything.
struct ExaminationBounds: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Bytes of the longest text or blob that is read of the file; without it, `entry.bytes_max`.",
            discussion: """
                For the copy of a park whose own programs keep longer ones; `SELECT max(length(CAST(a AS BLOB))) FROM \
                t` tells of a column. \
                Four times as much memory may then be needed.
                """))
    var valueBytesMax: Int?

    /// Beside the longest value, the others of its row; beside the longest entry, what belongs to
    /// it.
    static let headBytesMax = 1 << 20
    /// For the caches of the two databases, stacks, and the program itself.
    static let memoryBytesAlways: UInt64 = 104 << 20
    /// A value as it is read, decoded, compared and written.
    static let copiesOfValue: UInt64 = 4

    func validate() throws {
        guard let valueBytesMax else { return }
        guard (1 << 20...Int(Int32.max)).contains(valueBytesMax) else {
            throw ValidationError("--value-bytes-max is a number from \(1 << 20) to \(Int32.max).")
        }
    }

    /// Binds this process, for good.
    ///
    /// - Parameters:
    ///   - entryBytesMax: `entry.bytes_max` of the node's configuration; nil if there is none.
    ///   - nothing: what has not been changed, as a sentence.
    /// - Returns: bytes of the longest value to read, with the others of its row.
    func apply(_ command: String, _ file: String, entryBytesMax: Int?, nothing: String) throws -> Int {
        let longest = min(
            (valueBytesMax ?? entryBytesMax ?? CoreLimits.payloadBytesDefault) + Self.headBytesMax, Int(Int32.max))
        #if os(Linux)
            let memory = Self.memoryBytesAlways + Self.copiesOfValue * UInt64(longest)
            let want =
                "syncctl \(command): \(file) cannot be examined with \(memory >> 20) MiB of memory. \(nothing) "
                + "Use another copy; if its values are that long by right, give --value-bytes-max."
            let fault =
                """
                syncctl \(command): while \(file) was examined, this program has met a fault of its own. \
                \(nothing) Please report it.
                """
            // Never freed: they are said last of all.
            guard let keptWant = strdup(Console.safe(want) + "\n"), let keptFault = strdup(Console.safe(fault) + "\n"),
                parksync_process_examine(memory, keptWant, keptFault) == 0
            else {
                throw StoreError(
                    .internalState, "this process has got no bounds of its memory",
                    remedy: "\(nothing) Please report it.")
            }
        #endif
        return longest
    }

    /// What the refusal of a long value does not know: that there is an option, and how much it
    /// was.
    ///
    /// - Parameter longest: what `apply` has returned.
    static func explained(_ error: StoreError, longest: Int) -> StoreError {
        guard error.isOfLongValue else { return error }
        var error = error
        error.remedy +=
            " Texts and blobs of up to \(longest - headBytesMax) bytes were read; if longer ones are there by right, "
            + "give --value-bytes-max the bytes of the longest."
        return error
    }
}
