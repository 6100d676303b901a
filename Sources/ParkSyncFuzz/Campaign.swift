import Foundation

/// Hands one target damaged inputs until somebody says that it is enough.
package struct Campaign {
    /// What has been done.
    package struct Outcome: Sendable {
        package var inputs = 0
        package var accepted = 0
        /// The first input with which something was accepted that must not be.
        package var breach: (input: [UInt8], reason: String)?
    }

    package let target: FuzzTarget
    private var random: FuzzRandom
    private var corpus: [[UInt8]]
    private let record: InputRecord?

    /// Inputs that were accepted join the corpus up to this number, so that damage adds up.
    private static let corpusCountMax = 4_096
    package static let inputsBetweenLooks = 64

    /// - Parameters:
    ///   - seed: the same seed and corpus give the same inputs.
    ///   - corpus: inputs beside the target's own.
    ///   - recordPath: where the input in hand is kept, which remains when the process ends by it;
    ///     nil for nowhere.
    package init(_ target: FuzzTarget, seed: UInt64, corpus: [[UInt8]] = [], recordPath: String? = nil) throws {
        self.target = target
        random = FuzzRandom(seed: seed)
        self.corpus = try target.seeds() + corpus
        record = try recordPath.map(InputRecord.init)
    }

    /// Runs each input of the corpus as it is, then damaged ones.
    ///
    /// - Parameter goesOn: is asked every few inputs.
    package mutating func run(while goesOn: () -> Bool) async throws -> Outcome {
        var outcome = Outcome()
        for input in corpus where outcome.breach == nil { await run(input, &outcome) }
        while outcome.breach == nil, goesOn() {
            for _ in 0..<Self.inputsBetweenLooks where outcome.breach == nil {
                let input = Damage.damage(pick(), pick(), &random)
                let before = outcome.accepted
                await run(input, &outcome)
                if outcome.accepted > before, corpus.count < Self.corpusCountMax { corpus.append(input) }
            }
        }
        return outcome
    }

    private mutating func pick() -> [UInt8] { corpus.isEmpty ? [] : corpus[random.below(corpus.count)] }

    private func run(_ input: [UInt8], _ outcome: inout Outcome) async {
        record?.keep(input)
        outcome.inputs += 1
        do {
            try await target.run(input)
            outcome.accepted += 1
        } catch let breach as FuzzBreach {
            outcome.breach = (input, breach.description)
        } catch {
            // A refusal, which is what damaged input is there for.
        }
    }
}

/// The input in hand, in a mapped file: it is there when the process has ended by a trap.
final class InputRecord {
    private static let lengthBytes = 8
    private let memory: UnsafeMutableRawPointer
    private let bytes = InputRecord.lengthBytes + Damage.inputBytesMax

    init(path: String) throws {
        let file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: path]) }
        defer { close(file) }
        guard ftruncate(file, bytes) == 0, let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0),
            memory != MAP_FAILED
        else {
            throw CocoaError(.fileWriteOutOfSpace, userInfo: [NSFilePathErrorKey: path])
        }
        self.memory = memory
    }

    deinit { munmap(memory, bytes) }

    func keep(_ input: [UInt8]) {
        let kept = input.prefix(Damage.inputBytesMax)
        memory.storeBytes(of: UInt64(kept.count), as: UInt64.self)
        kept.withUnsafeBytes {
            if let base = $0.baseAddress { (memory + Self.lengthBytes).copyMemory(from: base, byteCount: $0.count) }
        }
    }

    /// - Returns: what `keep` was given last, from the file at `path`; nil if there is none.
    static func read(_ path: String) -> [UInt8]? {
        guard let data = FileManager.default.contents(atPath: path), data.count > lengthBytes else { return nil }
        let length = data.prefix(lengthBytes).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= UInt64(data.count - lengthBytes) else { return nil }
        return Array(data.dropFirst(lengthBytes).prefix(Int(length)))
    }
}
