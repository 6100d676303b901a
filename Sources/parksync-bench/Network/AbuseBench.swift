import Foundation
import ParkSyncCore

/// What an honest program notices while somebody means harm: the p99 of its commits beside that of
/// an idle node, and the node's memory.
struct AbuseBench {
    let bin: String
    /// The program that is the hostile client.
    let hostileClient: String
    let commits: Int
    let table: FigureTable

    static let roundsMax = 3
    private static let ratioTarget = "<= 5"
    private static let memoryTarget = "<= \(256 << 20)"
    /// Of a hostile client, and of a member that lies: those that cost memory or processor time.
    private static let clients = [
        "silent-connections", "idle-tls", "silent-subscribers", "big-json", "endless-bodies", "query-bombs",
    ]
    private static let lies = ["zstd-bomb", "oversize-frame", "endless-json"]
    private static let liar = "liar"

    func round(_ number: Int) async throws {
        let zone = try await BenchZone(["south", "west", Self.liar], bin: bin)
        for park in ["south", "west"] { try await zone.start(park) }
        var random = SplitMix64(state: UInt64(number) + 401)
        // The first commits make what all later ones use.
        _ = try await p99(zone, &random)
        for kind in Self.clients {
            try await measure(kind, zone, &random) {
                let client = try Abuser("/usr/bin/env", ["python3", hostileClient] + arguments(zone) + [kind])
                try await client.wait(for: "begun \(kind)")
                return client
            }
        }
        for lie in Self.lies {
            try await measure(lie, zone, &random) {
                let client = try Abuser(
                    bin + "/parksync-liar",
                    [
                        "--park", Self.liar, "--folder", zone.folder + "/\(Self.liar)", "--port",
                        "\(zone.port(Self.liar))",
                    ])
                try client.say(lie)
                try await client.wait(for: "told \(lie) south")
                return client
            }
        }
        try await zone.stopAll()
    }

    private func arguments(_ zone: BenchZone) -> [String] {
        [
            "--until-told", "--socket", zone.folder + "/south/control.sock", "--peer", "\(zone.port("south"))",
            "--member",
            zone.folder + "/west", "--insert", "INSERT INTO sample(id, note) VALUES(?1, ?2)", "--prefix",
            UUID().uuidString,
        ]
    }

    /// Idle and abused, one after the other: what else the machine does is the same for both.
    private func measure(
        _ kind: String, _ zone: BenchZone, _ random: inout SplitMix64, _ begin: () async throws -> Abuser
    ) async throws {
        let idle = try await p99(zone, &random)
        let pid = zone.processIdentifier("south")
        try ProcessFigures.resetPeak(pid)
        let abuser = try await begin()
        let abused = try await p99(zone, &random)
        let peak = try ProcessFigures.peakBytes(pid)
        try abuser.end()
        let name = "abuse_" + kind.replacingOccurrences(of: "-", with: "_")
        table.add("abuse_idle_commit_p99_ms", "ms", idle)
        table.add(name + "_commit_p99_ms", "ms", abused)
        table.add(name + "_commit_p99_ratio", "ratio", abused / idle, target: Self.ratioTarget)
        table.add(name + "_peak_rss_bytes", "bytes", peak, target: Self.memoryTarget)
    }

    /// Milliseconds from a commit's request to its answer.
    private func p99(_ zone: BenchZone, _ random: inout SplitMix64) async throws -> Double {
        var times: [Double] = []
        for number in 0..<commits {
            let row = BenchTable.row(number, &random)
            let watch = Stopwatch()
            try await zone.insert("south", row)
            times.append(watch.milliseconds)
        }
        return Figure.percentile(times, 99)
    }
}

/// A program that means harm, from its beginning to its end: it ends with its input.
final class Abuser {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    init(_ program: String, _ arguments: [String]) throws {
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    deinit {
        guard process.isRunning else { return }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    func say(_ line: String) throws { try input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8)) }

    /// Waits until it has said so, on a thread of its own.
    func wait(for line: String) async throws {
        let descriptor = output.fileHandleForReading.fileDescriptor
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            Thread.detachNewThread {
                var said: [UInt8] = []
                var buffer = [UInt8](repeating: 0, count: 4_096)
                while !String(decoding: said, as: UTF8.self).contains(line + "\n") {
                    let count = read(descriptor, &buffer, buffer.count)
                    guard count > 0 else {
                        let text = "ended before it had said '\(line)': \(String(decoding: said, as: UTF8.self))"
                        return continuation.resume(
                            throwing: BenchFailure(text, remedy: "See what it says on standard error."))
                    }
                    said += buffer.prefix(count)
                }
                continuation.resume()
            }
        }
    }

    func end() throws {
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw BenchFailure(
                "an abuse ended with status \(process.terminationStatus)", remedy: "See what it says on standard error."
            )
        }
    }
}
