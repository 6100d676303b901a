import Foundation
import ParkSyncCore
import ParkSyncCurl
import ParkSyncReplication
import ParkSyncStore
import ParkSyncWire

/// Brings a park's snapshot into the state folder, however often the way to it breaks: what has come is kept, also when the node ends.
struct SnapshotDownload: Sendable {
    let peers: PeerSnapshots
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
    /// A park that makes its snapshot is asked so many times, each of which may take it 20 s: a node that is new waits for it with all else.
    static let pendingTriesMax = 30
    /// A transfer may take so long, and a second more for each so many bytes: a park that gives a byte now and then keeps nobody from starting.
    static let transferMillisecondsMin: UInt64 = 120_000
    static let bytesPerSecondMin: UInt64 = 8_192
    static let freeBytesMin: UInt64 = 256 << 20

    /// The park whose snapshot an earlier run had begun to fetch.
    func begun() -> String? {
        guard let bytes = FileManager.default.contents(atPath: manifestFile).map({ Array($0) }) else { return nil }
        return members.keys.sorted().first { (try? SnapshotManifest(reading: bytes, from: $0, members: members)) != nil }
    }

    func discard() { for path in [file, manifestFile] { unlink(path) } }

    /// - Returns: the manifest of the file that has come whole.
    /// - Throws: `PeerRefusal`, `LinkFailure`, `StoreError`.
    func run(from park: String, entriesMin: UInt64) async throws -> SnapshotManifest {
        while true {
            let manifest = try await manifest(of: park, entriesMin: entriesMin)
            do {
                try await bytes(of: manifest, from: park)
                return manifest
            } catch let refusal as PeerRefusal where refusal.kind == "unknown-snapshot" {
                // The park has made another one since: what has come of the old one is of no use.
                discard()
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
        for _ in 0..<Self.pendingTriesMax {
            do {
                let signed = try await peers.manifest(of: park, entriesMin: entriesMin, bytesMax: SnapshotManifest.bytesMax)
                let manifest: SnapshotManifest
                do { manifest = try SnapshotManifest(reading: signed, from: park, members: members) } catch let error as StoreError
                    where error.code == .damaged
                { throw FalseSnapshot(park: park, error: error) }
                try checkSpace(manifest)
                try Data(signed).write(to: URL(fileURLWithPath: manifestFile), options: .atomic)
                return manifest
            } catch let refusal as PeerRefusal where refusal.kind == "snapshot-pending" {
                try await clock.sleep(until: clock.monotonicMilliseconds() + Self.retryMilliseconds)
            }
        }
        throw StoreError(.timeout, "\(park) did not finish its snapshot", remedy: "See the log of the node of \(park), or ask another park.")
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
        var fruitless = 0
        while FileSystem.bytes(file) != manifest.bytes {
            let have = FileSystem.bytes(file)
            guard have < manifest.bytes else { throw tooLong(manifest) }
            report(.downloading, have, manifest.bytes)
            do {
                try await transfer(manifest, park, from: have)
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
            }
        }
        try FileSystem.sync(file)
    }

    private func tooLong(_ manifest: SnapshotManifest) -> FalseSnapshot {
        discard()
        return manifest.refused("it has more bytes than were announced")
    }

    private func transfer(_ manifest: SnapshotManifest, _ park: String, from offset: UInt64) async throws {
        if !FileSystem.exists(file) {
            guard FileManager.default.createFile(atPath: file, contents: nil, attributes: [.posixPermissions: 0o600]) else {
                throw StoreError(.readOnly, "\(file) cannot be made", remedy: "Check the state folder.")
            }
        }
        guard let handle = FileHandle(forWritingAtPath: file) else {
            throw StoreError(.readOnly, "\(file) cannot be written", remedy: "Check the state folder.")
        }
        defer { try? handle.close() }
        try handle.seek(toOffset: offset)
        let sink = CountedSink(FileSink(handle), have: offset, manifest: manifest, clock: clock) { [report] in
            report(.downloading, $0, manifest.bytes)
        }
        try await peers.download(Hex.encode(manifest.id), of: park, from: offset, to: sink)
    }
}

/// Takes no more bytes than were announced, not too slowly, and tells how many have come.
private final class CountedSink: ByteSink {
    private let target: FileSink
    private let count: AtomicCount
    private let have: UInt64
    private let manifest: SnapshotManifest
    private let clock: any NodeClock
    private let begunAt: UInt64
    private let report: @Sendable (UInt64) -> Void

    init(_ target: FileSink, have: UInt64, manifest: SnapshotManifest, clock: any NodeClock, report: @escaping @Sendable (UInt64) -> Void) {
        (self.target, self.have, self.manifest, self.clock, self.report) = (target, have, manifest, clock, report)
        begunAt = clock.monotonicMilliseconds()
        count = AtomicCount(have)
    }

    func write(_ bytes: [UInt8]) throws {
        let sum = count.add(UInt64(bytes.count))
        guard sum <= manifest.bytes else { throw manifest.refused("it has more bytes than were announced") }
        let allowed = SnapshotDownload.transferMillisecondsMin &+ (sum &- have) / SnapshotDownload.bytesPerSecondMin &* 1_000
        guard clock.monotonicMilliseconds() &- begunAt <= allowed else {
            throw StoreError(
                .timeout,
                "\(manifest.park) gives its snapshot too slowly: \(sum &- have) bytes in \((clock.monotonicMilliseconds() &- begunAt) / 1_000) s",
                remedy: "Take the snapshot from another park, or let the log bring everything.")
        }
        do { try target.write(bytes) } catch {
            throw FileSystem.notWritten("the snapshot", error)
        }
        report(sum)
    }
}
