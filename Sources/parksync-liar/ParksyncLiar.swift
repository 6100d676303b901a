import ArgumentParser
import Foundation
import ParkSyncWire
import Synchronization

/// A member of a zone that lies, for tests: it is given a park's keys, and told on its standard
/// input what to lie about.
@main
struct ParksyncLiar: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parksync-liar", abstract: "Stands at a park's address with its keys and lies to the others.",
        discussion: """
            Each line of the input names a lie (\(Lie.allCases.map(\.rawValue).joined(separator: ", "))), and for \
            lone-fence the parks that it \
            is about behind it; it is answered by `begun LIE`, and all streams are ended. Each time that it is told, \
            a line `told LIE PARK` \
            follows. Ends with the input.
            """)

    @Option(help: "The park whose place it takes.") var park: String
    @Option(help: "The park's folder, as `syncctl init` has made it.") var folder: String
    @Option(help: "The port of 127.0.0.1 where the others call it.") var port: Int

    func validate() throws {
        guard (1...65_535).contains(port) else { throw ValidationError("--port is not between 1 and 65535") }
    }

    func run() async throws {
        let folder = URL(fileURLWithPath: folder)
        let lies = LiesTold(try LyingMember.log(of: park, folder: folder))
        let member = LyingMember(folder: folder, port: port) { asker, request in try lies.answer(asker, request) }
        try await member.run {
            Self.say("listening")
            while let line = await Self.line() {
                try lies.begin(line.split(separator: " ").map(String.init))
                member.hangUp()
            }
        }
    }

    /// Past the C library's streams: while one thread waits for a line of the input, nobody else
    /// may flush those.
    static func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

    /// The next line of the input; nil at its end. On a thread of its own: it waits.
    private static func line() async -> String? {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: readLine()) }
        }
    }
}

/// What is told now, with a line for each time.
private final class LiesTold: Sendable {
    private let park: Mutex<LyingPark>

    init(_ log: LyingLog) { park = Mutex(LyingPark(log)) }

    /// - Parameter words: a line of the input.
    func begin(_ words: [String]) throws {
        guard let name = words.first, let lie = Lie(rawValue: name) else {
            throw ValidationError(
                "there is no lie \(words.first ?? ""); known: \(Lie.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        try park.withLock { park in
            try park.begin(lie, victims: Array(words.dropFirst()))
            ParksyncLiar.say("begun \(lie.rawValue)")
        }
    }

    func answer(_ asker: String, _ request: LogRequest) throws -> LyingAnswer {
        try park.withLock { park in
            let answer = try park.answer(to: request)
            ParksyncLiar.say("told \(park.lie.rawValue) \(asker)")
            return answer
        }
    }
}
