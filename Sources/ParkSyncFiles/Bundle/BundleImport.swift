import Crypto
import Foundation
import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import ParkSyncStore

extension ParkStore {
    /// Takes over the entries of a bundle. All of it is checked before anything is kept; importing
    /// it again changes nothing.
    ///
    /// - Throws: `StoreError` that says what is wrong with the bundle, and the remedy.
    package func importBundle(_ path: String) async throws -> ImportReport {
        try await sealForeign()
        let had = state().logged
        let reader = try BundleReader(
            path, park: options.origin.park, members: options.members, entryBytesMax: options.entryBytesMax)
        do {
            try await options.blockingWork.run { [self] in try BundleCheck(store: self, reader: reader).run() }
        } catch let fork as BundleFork {
            // The store keeps the proof as it keeps that of a peer's entries, and refuses the
            // slice.
            do { try await receive(fork.slice) } catch is SliceRefused {}
            throw fork.error
        }
        for index in reader.manifest.sections.indices {
            let slices = try await options.blockingWork.run { try reader.slices(of: index) }
            for slice in slices {
                do { try await receive(slice) } catch let refusal as SliceRefused {
                    throw StoreError(
                        .invalidInput, "\(path): entries of \(slice.origin): \(refusal.reason)", remedy: refusal.remedy)
                }
            }
        }
        let manifest = reader.manifest
        return ImportReport(
            from: manifest.from, to: manifest.to, before: manifest.before.description,
            after: manifest.after.description,
            entries: manifest.entries, newEntries: had.missing(from: manifest.after),
            applied: state().applied.description)
    }
}

/// Reads a bundle piece by piece.
struct BundleReader: Sendable {
    let path: String
    let manifest: BundleManifest
    /// Where each section begins.
    private let offsets: [UInt64]

    static let remedy = "Nothing of it was kept. Copy the bundle again, or have it made anew."

    /// Reads and checks everything before the sections.
    ///
    /// - Parameter entryBytesMax: of the longest entry that this node takes: no section is unpacked
    ///   that has to hold a longer one.
    init(_ path: String, park: String, members: [String: [UInt8]], entryBytesMax: Int) throws {
        let file: FileHandle
        do { file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path)) } catch {
            throw StoreError(
                .invalidInput, "\(path) cannot be read: \(ErrorWords.of(error))",
                remedy: "Name a file that syncctl log export has made.")
        }
        defer { try? file.close() }
        let bytes = Array(try file.read(upToCount: BundleManifest.bytesMax + 1_024) ?? Data())
        self.path = path
        let start: UInt64
        do {
            (manifest, start) = try bytes.withUnsafeBytes { try Self.head($0, path, members) }
        } catch let failure as DecodingFailure { throw Self.damaged(path, "\(failure)") }
        guard manifest.to == park else {
            throw StoreError(
                .invalidInput, "\(path) is for \(manifest.to), this node is \(park)",
                remedy: "Import it at \(manifest.to), or have one made for \(park).")
        }
        let sectionBytesMax = UInt64(clamping: BundleFrames.sectionBytesMax(entryBytesMax: entryBytesMax))
        var length = start
        var offsets: [UInt64] = []
        for (index, section) in manifest.sections.enumerated() {
            guard max(section.rawBytes, section.bytes) <= sectionBytesMax else {
                throw StoreError(
                    .tooLarge,
                    """
                    \(path): section \(index) has \(max(section.rawBytes, section.bytes)) bytes, this node \
                    takes \(sectionBytesMax)
                    """,
                    remedy:
                        """
                        If the parks take longer entries than this one, set `entry.bytes_max` here to what they \
                        have, and import it again.
                        """
                )
            }
            offsets.append(length)
            length += section.bytes
        }
        self.offsets = offsets
        guard FileSystem.bytes(path) == length else {
            throw Self.damaged(path, "it has \(FileSystem.bytes(path)) bytes, \(length) were written")
        }
    }

    static func damaged(_ path: String, _ reason: String) -> StoreError {
        StoreError(.invalidInput, "\(path) is damaged or cut off: \(reason)", remedy: remedy)
    }

    private static func head(
        _ bytes: UnsafeRawBufferPointer, _ path: String, _ members: [String: [UInt8]]
    ) throws -> (BundleManifest, UInt64) {
        var reader = ByteReader(bytes)
        guard let magic = try? reader.raw(BundleManifest.magic.utf8.count, "the beginning"),
            Array(magic) == Array(BundleManifest.magic.utf8)
        else {
            throw StoreError(
                .invalidInput, "\(path) is no bundle", remedy: "Name a file that syncctl log export has made.")
        }
        try FormatVersion.check(
            Int64(clamping: try reader.varint("the format version")), known: Int64(BundleManifest.formatVersion),
            of: "the bundle \(path)")
        let manifest = try BundleManifest(decoding: try reader.prefixed("the manifest", max: BundleManifest.bytesMax))
        let signed = Array(bytes[..<reader.offset])
        let signature = Array(try reader.raw(EntryChain.signatureBytes, "the signature"))
        guard let key = members[manifest.from].flatMap({ try? Curve25519.Signing.PublicKey(rawRepresentation: $0) })
        else {
            throw StoreError(
                .invalidInput, "\(path) was made by \(manifest.from), which is not a member of this zone",
                remedy: "Add the park and its public key to `members`, or have the bundle made by a member.")
        }
        guard key.isValidSignature(signature, for: signed) else {
            throw StoreError(
                .invalidInput, "\(path) is not signed by \(manifest.from), which it names",
                remedy:
                    "\(remedy) If it happens again, compare the public key of \(manifest.from) in the configuration.")
        }
        return (manifest, UInt64(reader.offset))
    }

    /// - Throws: `StoreError` if the section's bytes are not those that were written.
    func slices(of index: Int) throws -> [LogSlice] {
        // What was compressed is gone when the slices are made: they may be long.
        let bytes = try bytes(of: index)
        do { return try BundleFrames.slices(bytes) } catch let failure as DecodingFailure {
            throw Self.damaged(path, "section \(index): \(failure)")
        }
    }

    private func bytes(of index: Int) throws -> [UInt8] {
        let section = manifest.sections[index]
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw Self.damaged(path, "section \(index) cannot be read")
        }
        defer { try? file.close() }
        try file.seek(toOffset: offsets[index])
        let packed = Array(try file.read(upToCount: Int(section.bytes)) ?? Data())
        guard Array(SHA256.hash(data: packed)) == section.hash else {
            throw Self.damaged(path, "section \(index) does not have the hash that the manifest says")
        }
        do { return try packed.withUnsafeBytes { try Zstd.decompress($0, length: Int(section.rawBytes)) } } catch let
            failure as DecodingFailure
        {
            throw Self.damaged(path, "section \(index): \(failure)")
        }
    }
}

/// A bundle has signed entries for which this node has other ones.
private struct BundleFork: Error {
    var slice: LogSlice
    var error: StoreError
}

/// Checks all entries of a bundle against this node's log without keeping any.
private struct BundleCheck {
    let store: ParkStore
    let reader: BundleReader

    private func refused(_ reason: String, _ remedy: String) -> StoreError {
        StoreError(.invalidInput, "\(reader.path): \(reason)", remedy: "Nothing of it was kept. \(remedy)")
    }

    func run() throws {
        let manifest = reader.manifest
        let state = store.state()
        guard manifest.schemaNumber != state.schemaNumber || manifest.schemaHash == state.schemaHash else {
            throw refused(
                "\(manifest.from) and this node both have schema \(state.schemaNumber), but with different contents",
                "Compare the schema files of the two nodes.")
        }
        let missing = manifest.before.elements.filter { state.logged[$0.origin] < $0.seq }
        if let gap = missing.first {
            throw refused(
                """
                it begins after entry \(gap.seq) of \(gap.origin), this node has entries up to \
                \(state.logged[gap.origin])
                """,
                "Have a bundle made with --since '\(state.logged)'.")
        }
        var heads: [OriginID: (seq: UInt64, hash: [UInt8])] = [:]
        for index in manifest.sections.indices {
            let slices = try reader.slices(of: index)
            guard slices.reduce(0, { $0 &+ UInt64($1.count) }) == manifest.sections[index].entries else {
                throw BundleReader.damaged(reader.path, "section \(index) has another number of entries")
            }
            for slice in slices { try check(slice, state, &heads) }
        }
        for element in manifest.after.elements
        where (heads[element.origin]?.seq ?? manifest.before[element.origin]) != element.seq {
            throw BundleReader.damaged(reader.path, "entries of \(element.origin) are missing")
        }
    }

    private func check(_ slice: LogSlice, _ state: NodeState, _ heads: inout [OriginID: (seq: UInt64, hash: [UInt8])])
        throws
    {
        let last = heads[slice.origin]
        guard slice.first == (last?.seq ?? reader.manifest.before[slice.origin]) + 1,
            let previous = try last?.hash ?? store.hash(of: slice.origin, seq: slice.first - 1)
        else { throw BundleReader.damaged(reader.path, "entries of \(slice.origin) before \(slice.first) are missing") }
        let verified: VerifiedSlice
        do {
            verified = try SliceVerifier(
                schema: store.schema, members: store.memberKeys, entryBytesMax: store.options.entryBytesMax
            ).verify(slice, previousHash: previous)
        } catch let refusal as SliceRefused {
            throw refused("entries of \(slice.origin) from \(slice.first): \(refusal.reason)", refusal.remedy)
        }
        let logged = state.logged[slice.origin]
        if let known = verified.entries.last(where: { $0.header.seq <= logged }),
            try store.hash(of: slice.origin, seq: known.header.seq) != known.hash
        {
            let error = refused(
                "entry \(known.header.seq) of \(slice.origin) is another one here",
                """
                The park \(slice.origin.park) has forked its log (a cloned or restored file); ask its operator. \
                `syncctl log forks` has the proof.
                """
            )
            throw BundleFork(slice: slice, error: error)
        }
        if slice.origin == store.options.origin, !store.counts.isRecovering, slice.last > logged {
            throw refused(
                "it has entries of this node that this node has not",
                "This node's file is older than what it has published: restore it with its peers.")
        }
        guard let head = verified.entries.last else { return }
        heads[slice.origin] = (head.header.seq, head.hash)
    }
}
