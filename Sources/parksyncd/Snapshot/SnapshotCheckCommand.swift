import ArgumentParser
import Foundation
import ParkSyncReports
import ParkSyncStore

/// `parksyncd check-snapshot`: what the node starts for each snapshot that it checks, with bounds
/// that the system keeps. Not for people.
struct CheckSnapshot: ParsableCommand {
    static let name = "check-snapshot"
    static let configuration = CommandConfiguration(
        commandName: name, abstract: "Check a snapshot for a node: the node starts this itself.", shouldDisplay: false)

    func run() throws {
        Memory.keepSmall()
        ProcessHardening.apply()
        let line: SnapshotCheckLine
        do {
            let bytes = try FileHandle.standardInput.readToEnd() ?? Data()
            let job = try JSONCoding.decode(SnapshotCheckJob.self, from: bytes, bytesMax: .max)
            try ProcessBounds.set(
                memoryBytes: job.memoryBytesMax, processorSeconds: job.processorSecondsMax, parent: job.parent)
            try job.run { park in Self.write(SnapshotCheckLine(.reading, parks: park.map { [$0] } ?? [])) }
            line = SnapshotCheckLine(.made)
        } catch {
            line = SnapshotCheckLine(error)
        }
        Self.write(line)
    }

    /// The node may be gone: nobody needs it then.
    private static func write(_ line: SnapshotCheckLine) {
        guard let bytes = try? JSONEncoder().encode(line) else { return }
        try? FileHandle.standardOutput.write(contentsOf: bytes + Data("\n".utf8))
    }
}
