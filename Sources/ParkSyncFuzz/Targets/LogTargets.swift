import ParkSyncCore
import ParkSyncWire

/// What travels between nodes and lies in their logs.
enum LogTargets {
    static let all: [FuzzTarget] = [
        FuzzTarget("entry", seeds: { Samples.payloads }, run: entry),
        FuzzTarget(
            "frames", seeds: { Samples.frames.map { $0.encode() } + [Samples.frames.flatMap { $0.encode() }] },
            run: frames),
        FuzzTarget("key", seeds: { Samples.keys }, run: key),
        FuzzTarget("log-request", seeds: { Samples.requests.map { $0.encode() } }, run: logRequest),
        FuzzTarget(
            "vector", seeds: { ["", "south:1", "bio-city:12 south~2:3 west:1099511627775"].map { Array($0.utf8) } },
            run: vector),
    ]

    // MARK: entries

    private struct Change {
        var key: [UInt8]
        var causalLength: CausalLength
        var kind: IncomingChange.Kind
        var values: [UInt8]
    }

    private static func entry(_ bytes: [UInt8]) throws {
        let again = try bytes.withUnsafeBytes { payload in
            var reader = try ChangeReader(payload)
            var blocks: [(block: TableBlock, changes: [Change])] = []
            while let change = try reader.next(), let block = reader.block {
                if blocks.last?.block.name != block.name { blocks.append((block, [])) }
                blocks[blocks.count - 1].changes.append(
                    Change(
                        key: reader.key, causalLength: change.causalLength, kind: change.kind,
                        values: Array(payload[change.values])))
                if block.name == ControlRecord.tableName {
                    _ = try? ControlRecord(change, block: block, key: reader.key, payload: payload)
                }
            }
            return encoded(reader.header, blocks)
        }
        guard again == bytes else { throw FuzzBreach("an entry was read that is written otherwise") }
    }

    private static func encoded(_ header: EntryHeader, _ blocks: [(block: TableBlock, changes: [Change])]) -> [UInt8] {
        var writer = ChangeWriter(header: header, tableCount: blocks.count)
        for (block, changes) in blocks {
            writer.beginTable(block)
            for change in changes {
                change.key.withUnsafeBytes { key in
                    change.values.withUnsafeBytes {
                        writer.change(key: key, causalLength: change.causalLength, kind: change.kind, values: $0)
                    }
                }
            }
        }
        return writer.writer.bytes
    }

    // MARK: messages

    private static func frames(_ bytes: [UInt8]) throws {
        let whole = try parsed([bytes])
        // However the stream is cut, the same frames come out of it.
        let middle = bytes.count / 2
        let pieces = [Array(bytes[..<middle]), Array(bytes[middle...])]
        guard try parsed(pieces) == whole else {
            throw FuzzBreach("other frames came out of two pieces than out of one")
        }
        for frame in whole {
            if case .hello(_, let version, _) = frame, version != WireLimits.protocolVersion { continue }
            guard try parsed([frame.encode()]) == [frame] else {
                throw FuzzBreach("a frame is another one after it was written: \(frame)")
            }
        }
    }

    private static func parsed(_ pieces: [[UInt8]]) throws -> [LogFrame] {
        var parser = FrameParser()
        var frames: [LogFrame] = []
        for piece in pieces {
            parser.append(piece)
            while let frame = try parser.next() { frames.append(frame) }
        }
        return frames
    }

    private static func logRequest(_ bytes: [UInt8]) throws {
        let request = try LogRequest(decoding: bytes)
        guard request.protocolVersion == WireLimits.protocolVersion else { return }
        guard request.encode() == bytes else { throw FuzzBreach("a request was read that is written otherwise") }
    }

    // MARK: parts

    private static let keyColumnsMax = 4

    private static func key(_ bytes: [UInt8]) throws {
        var refusal: (any Error)?
        var isTaken = false
        for count in 1...keyColumnsMax {
            do {
                let values = try KeyCoding.decode(bytes, count: count)
                guard values.count == count else {
                    throw FuzzBreach("\(values.count) values came out of a key of \(count)")
                }
                isTaken = true
                guard KeyCoding.encode(values) == bytes else {
                    throw FuzzBreach("a key was read that is written otherwise: \(values)")
                }
            } catch let breach as FuzzBreach { throw breach } catch { refusal = error }
        }
        if let refusal, !isTaken { throw refusal }
    }

    private static func vector(_ bytes: [UInt8]) throws {
        guard let vector = VersionVector(parsing: String(decoding: bytes, as: UTF8.self)) else {
            throw DecodingFailure("no vector", at: 0)
        }
        guard VersionVector(parsing: vector.description) == vector else {
            throw FuzzBreach("a vector is another one after it was written")
        }
    }
}
