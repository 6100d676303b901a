import DaemonFixtures
import Foundation
import ParkSyncCore
import ParkSyncFiles
import ParkSyncStore
import Testing

@testable import parksyncd

#if os(Linux)
    import Glibc

    /// The process that checks a snapshot: how it is ended, and what its end says.
    @Suite("The check of a snapshot in a process of its own", .endsInTime) struct SnapshotCheckTests {
        private let limits = SnapshotCheckLimits(entryBytesMax: 4 << 20, bytes: 0)
        private let parks = ["airport", "west"]

        private func manifest(_ park: String) -> SnapshotManifest {
            SnapshotManifest(
                park: park, id: [UInt8](repeating: 3, count: SnapshotManifest.idBytes), madeAt: 1, schemaNumber: 1,
                schemaHash: [UInt8](repeating: 4, count: 32), vector: VersionVector(), heads: [],
                stateHash: [UInt8](repeating: 5, count: 32), bytes: 9, hash: [UInt8](repeating: 6, count: 32))
        }

        /// - Returns: what the node makes of it.
        private func verdict(_ lines: [SnapshotCheckLine], signal: Int32? = nil, isLate: Bool = false) throws -> (
            any Error
        )? {
            let output = try lines.flatMap { Array(try JSONEncoder().encode($0)) + [UInt8(ascii: "\n")] }
            let end = SnapshotCheckEnd(
                ChildProcess.End(output: output, signal: signal, isLate: isLate), limits, parks.map(manifest))
            do { try end.judge() } catch { return error }
            return nil
        }

        private func reading(_ park: String?) -> SnapshotCheckLine {
            SnapshotCheckLine(.reading, parks: park.map { [$0] } ?? [])
        }

        @Test("What a check throws is what the node throws") func verdictsTravel() throws {
            let error = StoreError(.schema, "the reason", remedy: "The remedy.")
            let failed = try #require(try verdict([reading("west"), SnapshotCheckLine(error)]) as? StoreError)
            #expect(failed == error)
            let lie = try #require(
                try verdict([SnapshotCheckLine(FalseSnapshot(park: "west", error: error))]) as? FalseSnapshot)
            #expect(lie.park == "west" && lie.error == error)
            let missing = UnconfirmedSnapshot(park: "west", gap: origin("south"))
            let unconfirmed = try #require(try verdict([SnapshotCheckLine(missing)]) as? UnconfirmedSnapshot)
            #expect(unconfirmed.park == "west" && unconfirmed.gap == origin("south"))
            let difference = DisagreeingSnapshots(parks: parks, parts: ["rows of organisation"])
            let differing = try #require(try verdict([SnapshotCheckLine(difference)]) as? DisagreeingSnapshots)
            #expect(differing.parks == parks && differing.parts == difference.parts)
            #expect(try verdict([reading("airport"), SnapshotCheckLine(.made)]) == nil)
        }

        @Test("A text of the snapshot's own is cut off") func longTexts() throws {
            let lie = FalseSnapshot(
                park: "west", error: StoreError(.damaged, String(repeating: "长", count: 1 << 20), remedy: "-"))
            let told = try #require(try verdict([SnapshotCheckLine(lie)]) as? FalseSnapshot)
            #expect(told.error.reason.utf8.count < SnapshotCheckLine.textBytesMax + 8)
        }

        @Test(
            "Whose snapshot a process was reading that ended is at fault",
            arguments: [SIGILL, SIGTRAP, SIGABRT, SIGSEGV]) func faults(
                _ signal: Int32
            ) throws
        {
            for park in parks {
                let lie = try #require(
                    try verdict([reading("airport"), reading(park)], signal: signal) as? FalseSnapshot)
                #expect(
                    lie.park == park
                        && lie.error.reason.contains("(signal \(signal)), which may have 208 MiB of memory"), "\(lie)")
            }
            let memory = try #require(try verdict([reading("west"), SnapshotCheckLine(.memory)]) as? FalseSnapshot)
            #expect(
                memory.park == "west" && memory.error.reason.contains("needs more than the 208 MiB of memory"),
                "\(memory)")
            // While two are compared, or before one was begun, nobody is named.
            for lines in [[reading("airport"), reading("west"), reading(nil)], []] {
                let error = try #require(try verdict(lines, signal: signal) as? StoreError)
                #expect(error.code == .invalidInput && error.reason.contains("airport and west"), "\(error)")
            }
        }

        @Test("Nobody is named for what the machine has done") func outside() throws {
            let late = try #require(try verdict([reading("west")], signal: SIGKILL, isLate: true) as? StoreError)
            #expect(late.code == .timeout && late.reason == "the snapshot of west could not be checked in 600 s")
            #expect((try verdict([reading("west")], signal: SIGXCPU) as? StoreError)?.code == .timeout)
            let killed = try #require(try verdict([reading("west")], signal: SIGKILL) as? StoreError)
            #expect(
                killed.code == .internalState
                    && killed.reason == "the process that checked the snapshot of west was ended by signal 9")
            #expect((try verdict([]) as? StoreError)?.code == .internalState)
        }

        @Test("A longer snapshot has more time, and longer entries more memory") func limitsGrow() {
            let long = SnapshotCheckLimits(entryBytesMax: 32 << 20, bytes: 128 << 20)
            #expect(long.memoryBytes == 320 << 20 && long.milliseconds == 1_624_000)
            #expect(SnapshotCheckLimits(entryBytesMax: .max, bytes: .max).milliseconds > long.milliseconds)
        }

        /// It ignores what can be ignored, and keeps its output open.
        private static let endless = ["-c", "trap '' TERM INT HUP; echo begun; exec sleep 600"]

        private func input() throws -> FileHandle { try FileHandle(forReadingFrom: URL(fileURLWithPath: "/dev/null")) }

        @Test("A process whose time is over is ended") func timeIsOver() throws {
            let end = try ChildProcess(program: "/bin/sh").run(
                Self.endless, input: try input().fileDescriptor, within: 2_000, RealClock())
            #expect(end.isLate && end.signal == SIGKILL)
        }

        @Test("A process is ended with the work that wanted it, and none begins afterwards") func cancelled()
            async throws
        {
            let begun = FileManager.default.temporaryDirectory.appendingPathComponent(
                "parksync-begun-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: begun) }
            let child = ChildProcess(program: "/bin/sh")
            async let end = BlockingWork.onThreads.run {
                let input = try FileHandle(forReadingFrom: URL(fileURLWithPath: "/dev/null"))
                let script = ": > \(begun.path); exec sleep 600"
                return try child.run(["-c", script], input: input.fileDescriptor, within: 600_000, RealClock())
            }
            // Also if the test fails: the end of its scope waits for the process.
            defer { child.cancel() }
            try await until { FileManager.default.fileExists(atPath: begun.path) }
            child.cancel()
            let ended = try await end
            #expect(!ended.isLate && ended.signal == SIGKILL)
            let early = ChildProcess(program: "/bin/sh")
            early.cancel()
            #expect(throws: CancellationError.self) {
                try early.run(["-c", "true"], input: try input().fileDescriptor, within: 600_000, RealClock())
            }
        }

        @Test("A process hears no ignored signal, has no file of ours, and none of our variables") func clean() throws {
            let script = "kill -TERM $$; echo alive"
            #expect(
                try ChildProcess(program: "/bin/sh").run(
                    ["-c", script], input: try input().fileDescriptor, within: 60_000, RealClock()
                ).signal
                    == SIGTERM)
            // Without a pipe or a folder that the shell opens itself.
            let listing =
                """
                n=0; while [ $n -lt 64 ]; do if [ -e /proc/$$/fd/$n ]; then printf '%s ' $n; fi; n=$((n + 1)); \
                done; env
                """
            let end = try ChildProcess(program: "/bin/sh").run(
                ["-c", listing], input: try input().fileDescriptor, within: 60_000, RealClock())
            let output = String(decoding: end.output, as: UTF8.self)
            #expect(output.hasPrefix("0 1 2 ") && end.signal == nil, "\(output)")
            #expect(!output.contains("HOME=") && !output.contains(" 3 "), "\(output)")
        }
    }
#endif
