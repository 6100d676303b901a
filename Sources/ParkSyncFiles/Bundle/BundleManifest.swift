import Crypto
import ParkSyncCore
import ParkSyncStore

/// What a bundle holds, signed by the park that made it. docs/reference/bundle-format.md describes
/// every byte.
package struct BundleManifest: Hashable, Sendable {
    /// First bytes of every version of a bundle; a varint with the version follows.
    package static let magic = "parksync-bundle"
    package static let formatVersion: UInt64 = 1
    /// Longest manifest.
    package static let bytesMax = 4 << 20
    package static let sectionsMax = 65_536

    package struct Section: Hashable, Sendable {
        package var entries: UInt64
        /// Before compression.
        package var rawBytes: UInt64
        /// In the file.
        package var bytes: UInt64
        /// SHA-256 of the bytes in the file.
        package var hash: [UInt8]

        package init(entries: UInt64, rawBytes: UInt64, bytes: UInt64, hash: [UInt8]) {
            (self.entries, self.rawBytes, self.bytes, self.hash) = (entries, rawBytes, bytes, hash)
        }
    }

    package var from: String
    package var to: String
    /// Unix milliseconds.
    package var madeAt: UInt64
    package var schemaNumber: UInt64
    package var schemaHash: [UInt8]
    /// What the receiver must have.
    package var before: VersionVector
    /// What it has afterwards, at least.
    package var after: VersionVector
    package var sections: [Section]

    package var entries: UInt64 { sections.reduce(0) { $0 &+ $1.entries } }

    package var encoded: [UInt8] {
        var writer = ByteWriter(reserving: 1_024)
        writer.prefixed(from)
        writer.prefixed(to)
        writer.varint(madeAt)
        writer.varint(schemaNumber)
        writer.raw(schemaHash)
        VectorCoding.write(before, to: &writer)
        VectorCoding.write(after, to: &writer)
        writer.varint(sections.count)
        for section in sections {
            writer.varint(section.entries)
            writer.varint(section.rawBytes)
            writer.varint(section.bytes)
            writer.raw(section.hash)
        }
        return writer.bytes
    }

    package init(
        from: String, to: String, madeAt: UInt64, schemaNumber: UInt64, schemaHash: [UInt8], before: VersionVector,
        after: VersionVector,
        sections: [Section]
    ) {
        (self.from, self.to, self.madeAt, self.schemaNumber, self.schemaHash) = (
            from, to, madeAt, schemaNumber, schemaHash
        )
        (self.before, self.after, self.sections) = (before, after, sections)
    }

    /// - Throws: `DecodingFailure` unless the bytes are exactly what `encoded` gives.
    package init(decoding bytes: UnsafeRawBufferPointer) throws {
        var reader = ByteReader(bytes)
        from = try reader.string("the park that made it", max: CoreLimits.parkNameBytesMax)
        to = try reader.string("the park that it is for", max: CoreLimits.parkNameBytesMax)
        madeAt = try reader.varint("the time")
        schemaNumber = try reader.varint("the schema number")
        schemaHash = Array(try reader.raw(EntryChain.hashBytes, "the schema hash"))
        before = try VectorCoding.vector("what the receiver must have", from: &reader)
        after = try VectorCoding.vector("what it has afterwards", from: &reader)
        sections = []
        for _ in 0..<(try reader.count("the sections", max: Self.sectionsMax)) {
            let start = reader.offset
            let entries = try reader.varint("a section's entries")
            guard entries > 0 else { throw DecodingFailure("a section has no entries", at: start) }
            sections.append(
                Section(
                    entries: entries, rawBytes: try reader.varint("a section's length"),
                    bytes: try reader.varint("a section's bytes"),
                    hash: Array(try reader.raw(EntryChain.hashBytes, "a section's hash"))))
        }
        try reader.expectEnd("the manifest")
    }
}

/// Slices in a section, in the frames in which they travel between nodes.
package enum BundleFrames {
    /// Slices are gathered until a section has about this many bytes.
    static let sectionBytesTarget = 4 << 20
    static let sliceBytesTarget = 1 << 20
    /// Longest section: its target and one slice with the largest entry.
    static func sectionBytesMax(entryBytesMax: Int) -> Int {
        min(entryBytesMax, CoreLimits.payloadBytesMax) + sectionBytesRest
    }
    private static let sectionBytesRest = 16 << 20

    package static func append(_ slice: LogSlice, to bytes: inout [UInt8]) {
        var head = slice
        head.body = []
        bytes.reserveCapacity(bytes.count + FrameCoding.headerBytes + SliceCoding.headBytesMax + slice.body.count)
        bytes += SliceCoding.frame(head, followedBy: slice.body.count)
        bytes += slice.body
    }

    package static func slices(_ bytes: [UInt8]) throws -> [LogSlice] {
        try bytes.withUnsafeBytes { buffer in
            var reader = ByteReader(buffer)
            var result: [LogSlice] = []
            while !reader.isAtEnd {
                let start = reader.offset
                let (kind, length) = try FrameCoding.header(from: &reader)
                guard kind == FrameCoding.entriesKind else {
                    throw DecodingFailure("a frame holds no entries", at: start)
                }
                var frame = ByteReader(try reader.raw(length, "a frame"))
                result.append(try SliceCoding.slice(from: &frame))
            }
            return result
        }
    }
}
