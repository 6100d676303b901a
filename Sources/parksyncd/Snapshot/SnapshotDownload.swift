import Foundation
import ParkSyncCore
import ParkSyncCurl
import ParkSyncFiles
import ParkSyncReplication
import ParkSyncReports
import ParkSyncStore
import ParkSyncWire

/// Brings a park's snapshot into the state folder, however often the way to it breaks: what has
/// come is kept, also when the node ends.
struct SnapshotDownload: Sendable {
    let peers: any SnapshotSource
    let databasePath: String
    /// Of the file, beside the database.
    var name = "download"
    let members: [String: [UInt8]]
    let clock: any NodeClock
    /// How far it is.
    let report: @Sendable (_ phase: SnapshotProgress.Phase, _ bytes: UInt64?, _ total: UInt64?) -> Void

    var file: String { "\(databasePath).\(name)" }
    private var manifestFile: String { file + "-manifest" }

    static let retryMilliseconds: UInt64 = 2_000
    /// A transfer that brings nothing so many times in a row is given up.
    static let fruitlessTriesMax = 30
    /// A park that has made another snapshot whenever it is asked for the bytes of the last one is
    /// asked so many times.
    static let snapshotsMax = 5
    static let freeBytesMin: UInt64 = 256 << 20

    /// The park whose snapshot an earlier run had begun to fetch.
    func begun() -> String? {
        guard let bytes = FileManager.default.contents(atPath: manifestFile).map({ Array($0) }) else { return nil }
        return members.keys.sorted().first {
            (try? SnapshotManifest(reading: bytes, from: $0, members: members)) != nil
        }
    }

    func discard() { for path in [file, manifestFile] { unlink(path) } }

    /// - Returns: the manifest of the file that has come whole.
    /// - Throws: `PeerRefusal`, `LinkFailure`, `StoreError`.
    func run(from park: String, entriesMin: UInt64) async throws -> SnapshotManifest {
        var snapshots = 0
        while true {
            snapshots += 1
            let manifest = try await manifest(of: park, entriesMin: entriesMin)
            do {
                try await bytes(of: manifest, from: park)
                return manifest
            } catch let refusal as PeerRefusal where refusal.kind == "unknown-snapshot" {
                // The park has made another one since: what has come of the old one is of no use.
                discard()
                if snapshots >= Self.snapshotsMax { throw refusal }
            }
        }
    }

    private func manifest(of park: String, entriesMin: UInt64) async throws -> SnapshotManifest {
        if let kept = FileManager.default.contents(atPath: manifestFile).map({ Array($0) }),
            let manifest = try? SnapshotManifest(reading: kept, from: park, members: members)
        {
            return manifest
        }
        discard()
        report(.asking, nil, nil)
        let late = StoreError(
            .timeout, "\(park) did not finish its snapshot in \(SnapshotPatience.makingMilliseconds / 1_000) s",
            remedy: "See the log of the node of \(park), or ask another park.")
        let signed = try await SnapshotPatience.limit(SnapshotPatience.makingMilliseconds, clock, orThrow: late) {
            [self] in
            try await made(by: park, entriesMin)
        }
        let manifest: SnapshotManifest
        do { manifest = try SnapshotManifest(reading: signed, from: park, members: members) } catch let error
            as StoreError
            where error.code == .damaged
        { throw FalseSnapshot(park: park, error: error) }
        try checkSpace(manifest)
        try Data(signed).write(to: URL(fileURLWithPath: manifestFile), options: .atomic)
        return manifest
    }

    /// Asks until the park has made its snapshot.
    ///
    /// - Returns: the manifest as it came.
    private func made(by park: String, _ entriesMin: UInt64) async throws -> [UInt8] {
        while true {
            do {
                return try await peers.manifest(of: park, entriesMin: entriesMin, bytesMax: SnapshotManifest.bytesMax)
            } catch let refusal
                as PeerRefusal where refusal.kind == "snapshot-pending"
            { try await clock.sleep(until: clock.monotonicMilliseconds() + Self.retryMilliseconds) }
        }
    }

    /// The download, and the database that is made of it beside the old one.
    private func checkSpace(_ manifest: SnapshotManifest) throws {
        let free = try FileSystem.freeBytes(URL(fileURLWithPath: file).deletingLastPathComponent().path)
        let (needed, isOver) = manifest.bytes.multipliedReportingOverflow(by: 2)
        guard !isOver, free >= Self.freeBytesMin, free - Self.freeBytesMin >= needed else {
            throw StoreError(
                .diskFull, "the snapshot of \(manifest.park) needs twice its \(manifest.bytes) bytes, \(free) are free",
                remedy: "Free disk space for the state folder, then repeat.")
        }
    }

    private func bytes(of manifest: SnapshotManifest, from park: String) async throws {
        let way = SnapshotWay()
        try await SnapshotPatience.limit(way, of: park, clock) { [self] in
            try await bytes(of: manifest, from: park, way)
        }
        try FileSystem.sync(file)
    }

    private func bytes(of manifest: SnapshotManifest, from park: String, _ way: SnapshotWay) async throws {
        var fruitless = 0
        while FileSystem.bytes(file) != manifest.bytes {
            let have = FileSystem.bytes(file)
            guard have < manifest.bytes else { throw tooLong(manifest) }
            report(.downloading, have, manifest.bytes)
            let begunAt = clock.monotonicMilliseconds()
            do {
                try await transfer(manifest, park, from: have, way)
            } catch let refusal as PeerRefusal where refusal.status == 404 || refusal.status == 403 {
                throw refusal
            } catch let error as StoreError {
                throw error
            } catch let lie as FalseSnapshot {
                throw lie
            } catch {
                fruitless = FileSystem.bytes(file) > have ? 0 : fruitless + 1
                guard fruitless < Self.fruitlessTriesMax else { throw error }
                try await clock.sleep(until: clock.monotonicMilliseconds() + Self.retryMilliseconds)
                if (error as? LinkFailure)?.kind == .unreachable {
                    way.pardon(clock.monotonicMilliseconds() &- begunAt)
                }
            }
        }
    }

    private func tooLong(_ manifest: SnapshotManifest) -> FalseSnapshot {
        discard()
        return manifest.refused("it has more bytes than were announced")
    }

    private func transfer(_ manifest: SnapshotManifest, _ park: String, from offset: UInt64, _ way: SnapshotWay)
        async throws
    {
        if !FileSystem.exists(file) {
            guard FileManager.default.createFile(atPath: file, contents: nil, attributes: [.posixPermissions: 0o600])
            else {
                throw StoreError(.readOnly, "\(file) cannot be made", remedy: "Check the state folder.")
            }
        }
        guard let handle = FileHandle(forWritingAtPath: file) else {
            throw StoreError(.readOnly, "\(file) cannot be written", remedy: "Check the state folder.")
        }
        defer { try? handle.close() }
        try handle.seek(toOffset: offset)
        let sink = CountedSink(FileSink(handle), have: offset, manifest: manifest, way) { [report] in
            report(.downloading, $0, manifest.bytes)
        }
        try await peers.download(Hex.encode(manifest.id), of: park, from: offset, to: sink)
    }
}

/// Takes no more bytes than were announced, and tells how many have come.
private final class CountedSink: ByteSink {
    private let target: FileSink
    private let count: AtomicCount
    private let manifest: SnapshotManifest
    private let way: SnapshotWay
    private let report: @Sendable (UInt64) -> Void

    init(
        _ target: FileSink, have: UInt64, manifest: SnapshotManifest, _ way: SnapshotWay,
        report: @escaping @Sendable (UInt64) -> Void
    ) {
        (self.target, self.manifest, self.way, self.report) = (target, manifest, way, report)
        count = AtomicCount(have)
    }

    func write(_ bytes: [UInt8]) throws {
        let sum = count.add(UInt64(bytes.count))
        guard sum <= manifest.bytes else { throw manifest.refused("it has more bytes than were announced") }
        do { try target.write(bytes) } catch {
            throw FileSystem.notWritten("the snapshot", error)
        }
        way.add(bytes.count)
        report(sum)
    }
}
