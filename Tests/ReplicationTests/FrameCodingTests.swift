import ParkSyncCore
import Testing

@testable import ParkSyncReplication
@testable import ParkSyncWire

@Suite struct FrameCodingTests {
    @Test(arguments: FrameSamples.frames) func aFrameComesBack(frame: LogFrame) throws {
        #expect(try FrameSamples.parse(frame.encode()) == [frame])
    }

    @Test(arguments: FrameSamples.requests) func aRequestComesBack(request: LogRequest) throws {
        let decoded = try LogRequest(decoding: request.encode())
        #expect(decoded == request && decoded.encode() == request.encode())
        #expect(decoded.wants.map(\.origin) == decoded.wants.map(\.origin).sorted())
    }

    @Test func piecesOfEverySizeGiveTheSameFrames() throws {
        let bytes = FrameSamples.frames.flatMap { $0.encode() }
        for size in 1...bytes.count {
            var parser = FrameParser()
            var result: [LogFrame] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                parser.append(Array(bytes[start..<min(bytes.count, start + size)]))
                while let frame = try parser.next() { result.append(frame) }
            }
            #expect(result == FrameSamples.frames && parser.bufferedBytes == 0, "pieces of \(size) bytes")
        }
    }

    @Test func whatIsTakenLateComesInOrder() throws {
        // Appending while frames wait must neither lose nor repeat any.
        var parser = FrameParser()
        var result: [LogFrame] = []
        for frame in FrameSamples.frames + FrameSamples.frames {
            parser.append(frame.encode())
            parser.append(Array(LogFrame.gone(origin("west"), oldestKept: 3).encode().prefix(4)))
            parser.append(Array(LogFrame.gone(origin("west"), oldestKept: 3).encode().dropFirst(4)))
            if let next = try parser.next() { result.append(next) }
        }
        while let next = try parser.next() { result.append(next) }
        let expected = (FrameSamples.frames + FrameSamples.frames).flatMap {
            [$0, LogFrame.gone(origin("west"), oldestKept: 3)]
        }
        #expect(result == expected)
    }

    @Test func aFrameThatIsCutOffIsWaitedFor() throws {
        for frame in FrameSamples.frames {
            let bytes = frame.encode()
            for length in bytes.indices {
                #expect(try FrameSamples.parse(Array(bytes.prefix(length))) == [], "\(length) bytes of \(frame)")
            }
        }
    }

    @Test func aBodyThatEndsTooEarlyOrTooLateIsRefused() throws {
        for frame in FrameSamples.frames {
            let (kind, body) = (frame.encode()[0], Array(frame.encode().dropFirst(FrameCoding.headerBytes)))
            for length in body.indices {
                let short = FrameSamples.frame(kind, length: length, body: Array(body.prefix(length)))
                // The last part of an entries frame is as long as the frame: its own lengths are
                // checked by the store.
                if case .entries? = try? FrameSamples.parse(short).first { continue }
                #expect(throws: DecodingFailure.self, "\(length) bytes of \(frame)") { try FrameSamples.parse(short) }
            }
            if case .entries = frame { continue }
            #expect(throws: DecodingFailure.self) {
                try FrameSamples.parse(FrameSamples.frame(kind, length: body.count + 1, body: body + [0]))
            }
        }
        for request in FrameSamples.requests {
            let bytes = request.encode()
            for length in bytes.indices {
                #expect(throws: DecodingFailure.self) { try LogRequest(decoding: Array(bytes.prefix(length))) }
            }
            #expect(throws: DecodingFailure.self) { try LogRequest(decoding: bytes + [0]) }
        }
    }

    /// Whatever arrives is a value with one encoding, or is refused.
    @Test(arguments: FrameSamples.frames.indices) func aMutatedFrameIsAValueOrRefused(sample: Int) throws {
        let original = FrameSamples.frames[sample].encode()
        var (values, refusals) = (0, 0)
        for seed in 0..<2_000 as Range<UInt64> {
            let bytes = FrameSamples.mutated(original, seed: seed &* 31 &+ UInt64(sample))
            do {
                for frame in try FrameSamples.parse(bytes) {
                    values += 1
                    if case .hello(_, let version, _) = frame, version != WireLimits.protocolVersion { continue }
                    #expect(bytes.starts(with: frame.encode()), "seed \(seed): \(frame) has two encodings")
                }
            } catch {
                #expect(error is DecodingFailure)
                refusals += 1
            }
        }
        #expect(values > 0 && refusals > 20, "\(values) values, \(refusals) refusals")
    }

    @Test(arguments: FrameSamples.requests.indices) func aMutatedRequestIsAValueOrRefused(sample: Int) throws {
        let original = FrameSamples.requests[sample].encode()
        var (values, refusals) = (0, 0)
        for seed in 0..<4_000 as Range<UInt64> {
            let bytes = FrameSamples.mutated(original, seed: seed)
            do {
                let request = try LogRequest(decoding: bytes)
                values += 1
                if request.protocolVersion == WireLimits.protocolVersion {
                    #expect(request.encode() == bytes, "seed \(seed)")
                }
            } catch {
                #expect(error is DecodingFailure)
                refusals += 1
            }
        }
        #expect(values > 100 && refusals > 1_000, "\(values) values, \(refusals) refusals")
    }

    @Test func noiseIsRefused() {
        for seed in 0..<2_000 as Range<UInt64> {
            var random = SplitMix64(state: seed)
            let noise = (0..<random.below(200)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            do { _ = try FrameSamples.parse([UInt8(random.below(7))] + noise) } catch {
                #expect(error is DecodingFailure)
            }
            do { _ = try LogRequest(decoding: noise) } catch { #expect(error is DecodingFailure) }
        }
    }

    @Test func aFrameThatIsTooLongIsRefusedByItsHeader() throws {
        let limits: [(kind: UInt8, bytes: Int)] = [
            (1, WireLimits.logRequestBytesMax), (2, WireLimits.frameBytesMax), (3, WireLimits.logRequestBytesMax),
            (4, 27), (5, 8_272), (6, 13_715),
        ]
        for (kind, limit) in limits {
            #expect(throws: DecodingFailure.self) {
                try FrameSamples.parse(FrameSamples.frame(kind, length: limit + 1))
            }
            #expect(throws: DecodingFailure.self) {
                try FrameSamples.parse(FrameSamples.frame(kind, length: Int(UInt32.max)))
            }
            // At the limit the header alone is waited with, and nothing is reserved for the body.
            var parser = FrameParser()
            parser.append(FrameSamples.frame(kind, length: limit))
            #expect(try parser.next() == nil && parser.bufferedBytes == FrameCoding.headerBytes)
        }
        for kind in [0, 7, 200, 255] as [UInt8] {
            #expect(throws: DecodingFailure.self) { try FrameSamples.parse([kind, 0, 0, 0, 0]) }
        }
        #expect(throws: DecodingFailure.self) {
            try LogRequest(decoding: [UInt8](repeating: 1, count: WireLimits.logRequestBytesMax + 1))
        }
    }

    @Test func theLargestRequestAndStateFit() throws {
        let origins = (0..<CoreLimits.vectorOriginsMax).map { (number: Int) -> OriginID in
            origin(String("park-\(number)xxxxxx".prefix(CoreLimits.parkNameBytesMax)) + "~99")
        }
        let vector = VersionVector(origins.map { ($0, CoreLimits.entryNumberMax) })
        let hash = [UInt8](repeating: 255, count: EntryChain.hashBytes)
        let state = NodeState(
            origin: origins[0], schemaNumber: .max, schemaHash: hash, applied: vector, logged: vector,
            digest: StateDigest(vector: vector, schemaNumber: .max, hash: hash))
        let wants = origins.map { LogWant(origin: $0, after: CoreLimits.entryNumberMax, hash: hash) }
        let request = LogRequest(state: state, wallMilliseconds: 1, wants: wants)
        #expect(try LogRequest(decoding: request.encode()) == request)
        let frame = LogFrame.hello(state, protocolVersion: WireLimits.protocolVersion, wallMilliseconds: 1)
        #expect(try FrameSamples.parse(frame.encode()) == [frame])
    }

    @Test func behindADamagedFrameNothingIsRead() throws {
        var parser = FrameParser()
        parser.append(FrameSamples.frames[0].encode() + [9, 0, 0, 0, 0])
        #expect(try parser.next() == FrameSamples.frames[0])
        for _ in 0..<3 {
            #expect(throws: DecodingFailure.self) { try parser.next() }
            parser.append(FrameSamples.frames[0].encode())
        }
    }

    @Test func numbersOutOfRangeAreRefused() {
        let west = Array("west".utf8)
        let signature = [UInt8](repeating: 0, count: EntryChain.signatureBytes)
        func entries(first: UInt64, count: UInt64, body: [UInt8]) -> [UInt8] {
            FrameSamples.frame(2) { writer in
                writer.prefixed(west)
                writer.varint(first)
                writer.varint(count)
                writer.raw(signature)
                writer.raw(body)
            }
        }
        let max = CoreLimits.entryNumberMax
        let bad = [
            entries(first: 0, count: 1, body: [0]), entries(first: 1, count: 0, body: []),
            entries(first: 1, count: 3, body: [0, 0]),
            entries(first: max, count: 1, body: [0]), entries(first: max + 1, count: 1, body: [0]),
            entries(first: 1, count: .max, body: [0]),
            FrameSamples.frame(4) { writer in
                writer.prefixed(west)
                writer.varint(max + 1)
            },
            FrameSamples.frame(4) { writer in
                writer.prefixed("West".utf8)
                writer.varint(1 as UInt64)
            },
        ]
        for bytes in bad { #expect(throws: DecodingFailure.self, "\(bytes)") { try FrameSamples.parse(bytes) } }
        #expect(throws: Never.self) { try FrameSamples.parse(entries(first: max - 1, count: 1, body: [0])) }
        let late = LogFrame.state(FrameSamples.bare, wallMilliseconds: 1 << 48)
        #expect(throws: DecodingFailure.self) { try FrameSamples.parse(late.encode()) }
    }

    @Test func wantsOutOfOrderAreRefused() {
        let want = { (name: String) in LogWant(origin: origin(name), after: 1, hash: EntryChain.genesis) }
        for wants in [[want("west"), want("south")], [want("west"), want("west")]] {
            var request = LogRequest(state: FrameSamples.bare, wallMilliseconds: 0, wants: [])
            request.wants = wants
            #expect(throws: DecodingFailure.self) { try LogRequest(decoding: request.encode()) }
        }
    }

    @Test func aLongTextIsCutAtACharacter() throws {
        let text = String(repeating: "园", count: 3_000)
        let bytes = LogFrame.goodbye(kind: text, reason: text, remedy: text).encode()
        guard case .goodbye(let kind, let reason, let remedy)? = try FrameSamples.parse(bytes).first else {
            Issue.record("no goodbye")
            return
        }
        #expect(
            kind == String(repeating: "园", count: 21) && reason == String(repeating: "园", count: 1_365)
                && remedy == reason)
    }

    /// Of another version it is known who speaks and which version that is, whatever follows.
    @Test(arguments: [0, 1, 300, UInt64.max]) func anotherVersionIsReadAsFarAsItIsKnown(version: UInt64) throws {
        let greeting = FrameSamples.frame(1) { writer in
            writer.varint(version)
            writer.prefixed("south".utf8)
            writer.raw([0xFF, 0xFF, 3])
        }
        guard case .hello(let state, let found, _)? = try FrameSamples.parse(greeting).first else {
            Issue.record("no greeting")
            return
        }
        #expect(found == version && state.origin == origin("south") && state.logged == VersionVector())
        let request = try LogRequest(decoding: Array(greeting.dropFirst(FrameCoding.headerBytes)))
        #expect(request.protocolVersion == version && request.state.origin == origin("south") && request.wants == [])
    }
}
