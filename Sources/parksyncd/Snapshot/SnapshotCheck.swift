import Foundation
import ParkSyncFiles
import ParkSyncReplication
import ParkSyncReports
import ParkSyncStore

/// Makes the database of a downloaded snapshot in a process of its own, which the system gives so
/// much memory and time and no more: whatever the snapshot has in it, the node keeps its own.
struct SnapshotCheck: Sendable {
    let candidate: SnapshotCandidate
    let clock: any NodeClock

    #if os(Linux)
        /// - Throws: as `SnapshotCandidate.build`; `CancellationError` if the node is being
        ///   stopped.
        func build(
            _ database: String, from file: String, _ manifest: SnapshotManifest,
            _ confirmation: SnapshotCandidate.Confirmation
        ) async throws {
            var manifests = [manifest]
            if case .witness(_, let witness, _) = confirmation { manifests.append(witness) }
            let limits = SnapshotCheckLimits(
                entryBytesMax: candidate.entryBytesMax, bytes: manifests.reduce(0) { $0 &+ $1.bytes })
            let job = SnapshotCheckJob(candidate, database, from: file, manifest, confirmation, limits)
            let child = ChildProcess()
            do {
                let end = try await withTaskCancellationHandler {
                    try await BlockingWork.onThreads.run { [clock] in
                        let input = try Self.input(try JSONEncoder().encode(job), beside: database)
                        defer { close(input) }
                        return try child.run([CheckSnapshot.name], input: input, within: limits.milliseconds, clock)
                    }
                } onCancel: {
                    child.cancel()
                }
                try Task.checkCancellation()
                try SnapshotCheckEnd(end, limits, manifests).judge()
            } catch {
                SnapshotCandidate.discard(database)
                throw error
            }
        }

        /// A file without a name that holds the job.
        private static func input(_ job: Data, beside database: String) throws -> Int32 {
            let path = database + ".download-job"
            defer { FileSystem.remove(path) }
            do { try job.write(to: URL(fileURLWithPath: path)) } catch { throw FileSystem.notWritten(path, error) }
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else {
                throw StoreError(.readOnly, "\(path): \(ErrorWords.ofSystem(errno))", remedy: "Check the state folder.")
            }
            return descriptor
        }
    #else
        func build(
            _ database: String, from file: String, _ manifest: SnapshotManifest,
            _ confirmation: SnapshotCandidate.Confirmation
        ) async throws {
            try await BlockingWork.onThreads.run { [candidate] in
                try candidate.build(database, from: file, manifest, confirmation: confirmation)
            }
        }
    #endif
}

#if os(Linux)
    /// What the end of the process that checked a snapshot says of it.
    struct SnapshotCheckEnd {
        private let end: ChildProcess.End
        private let limits: SnapshotCheckLimits
        private let manifests: [SnapshotManifest]
        private let lines: [SnapshotCheckLine]

        /// - Parameter manifests: of the snapshot, and of its witness.
        init(_ end: ChildProcess.End, _ limits: SnapshotCheckLimits, _ manifests: [SnapshotManifest]) {
            (self.end, self.limits, self.manifests) = (end, limits, manifests)
            lines = end.output.split(separator: UInt8(ascii: "\n")).compactMap {
                try? JSONCoding.decode(SnapshotCheckLine.self, from: $0)
            }
        }

        /// Signals of a process whose own code could not go on: for want of memory, or over what it
        /// read.
        private static let faults = [SIGILL, SIGTRAP, SIGABRT, SIGSEGV, SIGFPE]

        /// - Throws: unless the candidate was made.
        func judge() throws {
            let last = lines.last
            if last?.kind == .made { return }
            if let verdict = last?.refusal { throw verdict }
            if end.isLate || end.signal == SIGXCPU {
                throw StoreError(
                    .timeout, "the snapshot of \(name) could not be checked in \(limits.milliseconds / 1_000) s",
                    remedy:
                        """
                        Nothing of it was used. Take one from another park, or repeat when this machine has \
                        less to do.
                        """
                )
            }
            let memory = "\(limits.memoryBytes >> 20) MiB of memory"
            if last?.kind == .memory { throw fault("its check needs more than the \(memory) that it may have") }
            if let signal = end.signal, Self.faults.contains(signal) {
                throw fault("it ended the process that checked it (signal \(signal)), which may have \(memory)")
            }
            throw StoreError(
                .internalState,
                "the process that checked the snapshot of \(name) was ended"
                    + (end.signal.map { " by signal \($0)" } ?? ""),
                remedy:
                    "Nothing of it was used. See that the machine has memory left, then repeat: syncctl snapshot fetch."
            )
        }

        /// Whose file was being read; nil while two were compared, and before the first.
        private var reading: SnapshotManifest? {
            guard let park = lines.last(where: { $0.kind == .reading })?.parks.first else { return nil }
            return manifests.first { $0.park == park }
        }

        private var name: String { reading?.park ?? manifests.map(\.park).joined(separator: " and ") }

        /// At fault is who signed what was being read. With two it is not known which, and the next
        /// park is asked.
        private func fault(_ reason: String) -> any Error {
            if let reading { return reading.refused(reason) }
            return StoreError(
                .invalidInput, "the snapshots of \(name) cannot be compared: \(reason)", remedy: "Nothing was replaced."
            )
        }
    }
#endif
