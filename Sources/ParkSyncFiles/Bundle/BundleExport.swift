import Crypto
import Foundation
import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import ParkSyncStore

extension ParkStore {
    /// Writes what a park lacks into one file, for a park without a link.
    ///
    /// - Parameters:
    ///   - park: who shall import it.
    ///   - before: what that park has; empty for a park of which nothing is known.
    ///   - path: the file to make; one that is there is replaced.
    /// - Throws: `StoreError`; no file is left then.
    package func exportBundle(to park: String, before: VersionVector, path: String) async throws -> BundleReport {
        guard options.members[park] != nil, park != options.origin.park else {
            throw StoreError(
                .invalidInput, "\(park) is not another park of this zone",
                remedy: "Name one of the parks in the configuration.")
        }
        guard standing().isReady else {
            throw StoreError(
                .notReady,
                """
                this node has not compared its log with its peers' since its start: what it wrote last may be \
                none of what counts
                """,
                remedy:
                    """
                    Wait until syncctl status says ready. Without any link: `syncctl accept-writes --reason \
                    ...`, unless this is an old copy.
                    """
            )
        }
        try await sealForeign()
        return try await options.blockingWork.run { [self] in
            do { return try BundleWriter(store: self, park: park, before: before, path: path).run() } catch {
                for file in [path, path + ".body"] { unlink(file) }
                throw error
            }
        }
    }
}

/// Writes one bundle.
private struct BundleWriter {
    let store: ParkStore
    let park: String
    let before: VersionVector
    let path: String

    func run() throws -> BundleReport {
        let state = store.state()
        var manifest = BundleManifest(
            from: store.options.origin.park, to: park, madeAt: store.options.clock.wallMilliseconds(),
            schemaNumber: state.schemaNumber,
            schemaHash: state.schemaHash, before: VersionVector(), after: VersionVector(), sections: [])
        // Only what this node has, too, can be built upon.
        for element in state.logged.elements {
            manifest.before[element.origin] = min(element.seq, before[element.origin])
        }
        manifest.after = manifest.before
        let body = try Self.open(path + ".body")
        var section: (bytes: [UInt8], entries: UInt64) = ([], 0)
        for element in state.logged.elements {
            var seq = manifest.before[element.origin]
            while seq < element.seq, let last = try add(element.origin, after: seq, to: &section) {
                seq = last
                if section.bytes.count >= BundleFrames.sectionBytesTarget { try flush(&section, &manifest, body) }
            }
            manifest.after[element.origin] = seq
        }
        try flush(&section, &manifest, body)
        try body.close()
        try assemble(manifest)
        return BundleReport(
            id: nil, from: manifest.from, to: manifest.to, before: manifest.before.description,
            after: manifest.after.description,
            entries: manifest.entries, sections: manifest.sections.count, schemaNumber: manifest.schemaNumber,
            bytes: FileSystem.bytes(path),
            sha256: Hex.encode(try FileSystem.hash(path)))
    }

    private static func open(_ path: String) throws -> FileHandle {
        unlink(path)
        let descriptor = Foundation.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileSystem.failure("Making", path) }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// The slice itself is gone when the section is compressed: it may be long.
    ///
    /// - Returns: the last entry that was added; nil if there is none.
    private func add(_ origin: OriginID, after seq: UInt64, to section: inout (bytes: [UInt8], entries: UInt64)) throws
        -> UInt64?
    {
        guard let slice = try read(origin, after: seq) else { return nil }
        BundleFrames.append(slice, to: &section.bytes)
        section.entries += UInt64(slice.count)
        return slice.last
    }

    private func read(_ origin: OriginID, after seq: UInt64) throws -> LogSlice? {
        do { return try store.read(origin: origin, after: seq, bytesMax: BundleFrames.sliceBytesTarget) } catch let gone
            as LogGone
        {
            throw StoreError(
                .invalidInput,
                """
                this node keeps entries of \(origin) from \(gone.oldestKept) on, \(park) lacks those from \
                \(seq + 1) on
                """,
                remedy: "Make the bundle at a park that keeps more, or give \(park) a snapshot.")
        }
    }

    private func flush(
        _ section: inout (bytes: [UInt8], entries: UInt64), _ manifest: inout BundleManifest, _ body: FileHandle
    ) throws {
        guard section.entries > 0 else { return }
        guard manifest.sections.count < BundleManifest.sectionsMax else {
            throw StoreError(
                .tooLarge, "the bundle would have too many sections", remedy: "Give \(park) a snapshot instead.")
        }
        let packed = try Zstd.compress(section.bytes)
        do { try body.write(contentsOf: Data(packed)) } catch {
            throw FileSystem.notWritten(path, error)
        }
        manifest.sections.append(
            BundleManifest.Section(
                entries: section.entries, rawBytes: UInt64(section.bytes.count), bytes: UInt64(packed.count),
                hash: Array(SHA256.hash(data: packed))))
        section = ([], 0)
    }

    private func assemble(_ manifest: BundleManifest) throws {
        let head = BundleHead.bytes(of: manifest)
        let signature = try store.options.identity.signature(for: head)
        let file = try Self.open(path)
        do {
            try file.write(contentsOf: Data(head) + signature)
            guard let body = FileHandle(forReadingAtPath: path + ".body") else {
                throw FileSystem.failure("Reading", path + ".body")
            }
            while let chunk = try body.read(upToCount: FileSystem.chunkBytes), !chunk.isEmpty {
                try file.write(contentsOf: chunk)
            }
            try file.synchronize()
            try file.close()
        } catch let error as CocoaError {
            throw FileSystem.notWritten(path, error)
        }
        unlink(path + ".body")
    }
}

/// What stands before the sections: the magic, the version, and the manifest with its length. All
/// of it is signed.
enum BundleHead {
    static func bytes(of manifest: BundleManifest) -> [UInt8] {
        var writer = ByteWriter(reserving: 1_024)
        writer.raw(BundleManifest.magic.utf8)
        writer.varint(BundleManifest.formatVersion)
        writer.prefixed(manifest.encoded)
        return writer.bytes
    }
}
