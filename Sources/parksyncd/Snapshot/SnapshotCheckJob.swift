import Foundation
import ParkSyncCore
import ParkSyncFiles
import ParkSyncStore
import ParkSyncWire

/// What a process of its own is told that makes a database of a snapshot: one JSON text, on its
/// standard input.
struct SnapshotCheckJob: Codable, Sendable {
    struct Schema: Codable, Sendable {
        var name: String
        var sql: String
    }

    struct File: Codable, Sendable {
        var path: String
        /// Its signature was looked at.
        var manifest: Data

        init(path: String, _ manifest: SnapshotManifest) {
            (self.path, self.manifest) = (path, Data(manifest.unsigned))
        }
    }

    /// Of the node, for which the check is made.
    var parent: Int32
    var memoryBytesMax: UInt64
    var processorSecondsMax: UInt64
    var database: String
    var origin: String
    var members: [String: Data]
    var schema: [Schema]
    var entryBytesMax: Int
    var file: File
    var witness: File?
    /// Of this node's clock, for the comparison with the witness.
    var wallMilliseconds: UInt64?
    var isWaived: Bool

    init(
        _ candidate: SnapshotCandidate, _ database: String, from file: String, _ manifest: SnapshotManifest,
        _ confirmation: SnapshotCandidate.Confirmation, _ limits: SnapshotCheckLimits
    ) {
        parent = ProcessInfo.processInfo.processIdentifier
        (memoryBytesMax, processorSecondsMax) = (limits.memoryBytes, limits.milliseconds / 1_000)
        self.database = database
        origin = candidate.origin.name
        members = candidate.members.mapValues { Data($0) }
        schema = candidate.schema.files.map { Schema(name: $0.name, sql: $0.sql) }
        entryBytesMax = candidate.entryBytesMax
        self.file = File(path: file, manifest)
        isWaived = false
        switch confirmation {
        case .missing: break
        case .waived: isWaived = true
        case .witness(let path, let manifest, let milliseconds):
            (witness, wallMilliseconds) = (File(path: path, manifest), milliseconds)
        }
    }

    /// Makes the candidate.
    ///
    /// - Throws: as `SnapshotCandidate.build`, and `DecodingFailure` for a job of another version.
    func run(onReading: @escaping @Sendable (String?) -> Void) throws {
        guard let origin = OriginID(origin) else { throw DecodingFailure("the origin of the job", at: 0) }
        var candidate = SnapshotCandidate(
            origin: origin, members: members.mapValues { Array($0) },
            schema: try CompiledSchema(schema.map { SchemaFile(name: $0.name, sql: $0.sql) }),
            entryBytesMax: entryBytesMax)
        candidate.onReading = onReading
        var confirmation = isWaived ? SnapshotCandidate.Confirmation.waived : .missing
        if let witness {
            confirmation = .witness(
                file: witness.path, try SnapshotManifest(unsigned: Array(witness.manifest)),
                wallMilliseconds: wallMilliseconds ?? 0)
        }
        try candidate.build(
            database, from: file.path, try SnapshotManifest(unsigned: Array(file.manifest)), confirmation: confirmation)
    }
}

/// How much the check of one snapshot may take.
struct SnapshotCheckLimits: Sendable {
    /// What the process may write to, its code and its files excepted.
    var memoryBytes: UInt64
    /// Of a clock, and of one processor.
    var milliseconds: UInt64

    /// For the caches of two databases, 64 MiB and 2 MiB, pieces of entries of 16 MiB, and the
    /// program itself.
    static let memoryBytesAlways: UInt64 = 192 << 20
    /// An entry as it is read, decoded and written.
    static let copiesOfEntry: UInt64 = 4
    static let millisecondsAlways: UInt64 = 600_000
    /// A second more for each so many bytes of the snapshot.
    static let bytesPerSecondMin: UInt64 = 128 << 10

    /// - Parameters:
    ///   - entryBytesMax: of the longest entry that the node takes.
    ///   - bytes: of all that is checked.
    init(entryBytesMax: Int, bytes: UInt64) {
        memoryBytes = Self.memoryBytesAlways &+ Self.copiesOfEntry &* UInt64(clamping: entryBytesMax)
        milliseconds = Self.millisecondsAlways &+ bytes / Self.bytesPerSecondMin &* 1_000
    }
}

/// A line that the process writes: one whenever it begins to read a file, and a last one with what
/// came of it.
struct SnapshotCheckLine: Codable, Sendable {
    enum Kind: String, Codable { case reading, made, falseSnapshot, unconfirmed, disagreeing, failed, memory }
    var kind: Kind
    /// The park whose snapshot it is about, or both.
    var parks: [String] = []
    /// What is in the way: a log, or parts that differ.
    var parts: [String] = []
    var code: String?
    var reason: String?
    var remedy: String?

    /// Longer texts are cut off: they may be the snapshot's own.
    static let textBytesMax = 4_096

    init(_ kind: Kind, parks: [String] = []) { (self.kind, self.parks) = (kind, parks) }

    /// What a failed check is told by.
    init(_ error: any Error) {
        switch error {
        case let lie as FalseSnapshot:
            self.init(.falseSnapshot, parks: [lie.park])
            note(lie.error)
        case let missing as UnconfirmedSnapshot:
            self.init(.unconfirmed, parks: [missing.park])
            parts = [missing.gap.name]
        case let difference as DisagreeingSnapshots:
            self.init(.disagreeing, parks: difference.parks)
            parts = difference.parts.map(Self.short)
        case let error as StoreError where error.isOfMemory: self.init(.memory)
        case let error as StoreError:
            self.init(.failed)
            note(error)
        default:
            self.init(.failed)
            note(
                StoreError(
                    .internalState, "the snapshot could not be checked: \(ErrorText.of(error))",
                    remedy: "Take one from another park, or report it."))
        }
    }

    private mutating func note(_ error: StoreError) {
        (code, reason, remedy) = (error.code.rawValue, Self.short(error.reason), Self.short(error.remedy))
    }

    private static func short(_ text: String) -> String {
        text.utf8.count <= textBytesMax ? text : String(decoding: text.utf8.prefix(textBytesMax), as: UTF8.self) + "…"
    }

    /// - Returns: what `SnapshotCandidate.build` would have thrown; nil if the candidate is made,
    ///   or for what no such process writes.
    var refusal: (any Error)? {
        switch (kind, parks.first) {
        case (.falseSnapshot, let park?): return FalseSnapshot(park: park, error: error)
        case (.unconfirmed, let park?):
            return parts.first.flatMap { OriginID($0) }.map { UnconfirmedSnapshot(park: park, gap: $0) }
        case (.disagreeing, _): return DisagreeingSnapshots(parks: parks, parts: parts)
        case (.failed, _): return error
        default: return nil
        }
    }

    private var error: StoreError {
        StoreError(code.flatMap { StoreError.Code(rawValue: $0) } ?? .internalState, reason ?? "", remedy: remedy ?? "")
    }
}
