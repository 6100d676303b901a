/// How a version vector is written, and what of one an entry depends on: the number of its
/// elements, then for each the origin (prefixed) and the number of its entry, in ascending order of
/// the origins' names.
package enum VectorCoding {
    package static func write(_ vector: VersionVector, to writer: inout ByteWriter) {
        write(vector.elements, to: &writer)
    }

    /// - Parameter elements: sorted by origin, each origin once.
    package static func write(_ elements: [VersionVector.Element], to writer: inout ByteWriter) {
        writer.varint(elements.count)
        for element in elements {
            element.origin.write(to: &writer)
            writer.varint(element.seq)
        }
    }

    package static func vector(_ what: StaticString, from reader: inout ByteReader) throws -> VersionVector {
        VersionVector(ascending: try elements(what, from: &reader))
    }

    /// - Throws: `DecodingFailure` unless the bytes are exactly what `write` gives for the elements
    ///   of a vector.
    static func elements(_ what: StaticString, from reader: inout ByteReader) throws -> [VersionVector.Element] {
        var elements: [VersionVector.Element] = []
        for _ in 0..<(try reader.count(what, max: CoreLimits.vectorOriginsMax)) {
            let start = reader.offset
            let element = VersionVector.Element(origin: try reader.origin(what), seq: try reader.varint(what))
            guard elements.last.map({ $0.origin < element.origin }) ?? true else {
                throw DecodingFailure("origins are not in ascending order in \(what)", at: start)
            }
            guard (1...CoreLimits.entryNumberMax).contains(element.seq) else {
                throw DecodingFailure(
                    "no entry has the number \(element.seq), which \(element.origin) has in \(what)", at: start)
            }
            elements.append(element)
        }
        return elements
    }
}
