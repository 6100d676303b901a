import ParkSyncFiles
import ParkSyncNode
import ParkSyncReplication
import ParkSyncReports
import ParkSyncStore
import ParkSyncWire

/// Snapshots whose tables do not follow from their log are taken when another park's comes to the
/// same.
extension SnapshotService {
    /// Says by being there that a snapshot is being checked: what ends the process there must not
    /// end every later start.
    var checkPath: String { configuration.databasePath + ".download-check" }

    /// Whether the check of a snapshot was begun and not ended, which is told once.
    func wasCheckCutOff() -> Bool {
        guard FileSystem.exists(checkPath) else { return false }
        FileSystem.remove(checkPath)
        let error = StoreError(
            .damaged, "the node ended while it checked a snapshot",
            remedy: "Nothing of it was used. Take one from another park, or once more: syncctl snapshot fetch.")
        fetching.end(error: error.description)
        journal.write(.snapshotFailed(nil, error.description))
        return true
    }

    func build(_ file: String, _ manifest: SnapshotManifest, _ confirmation: SnapshotCandidate.Confirmation)
        async throws
    {
        try FileSystem.touch(checkPath)
        defer { FileSystem.remove(checkPath) }
        try await SnapshotCheck(candidate: candidate, clock: clock).build(
            configuration.databasePath, from: file, manifest, confirmation)
    }

    /// Asks the other parks for theirs, one after the other, and makes the candidate when one comes
    /// to the same tables.
    ///
    /// - Throws: `UnconfirmedSnapshot` that says what each of them answered.
    func confirm(_ manifest: SnapshotManifest, _ file: String, _ unconfirmed: UnconfirmedSnapshot) async throws {
        var unconfirmed = unconfirmed
        var differing: [String] = []
        for park in others where park != manifest.park {
            do {
                try await compare(manifest, file, with: park)
                // Two parks say the same; at most one lies.
                for liar in differing {
                    lied(liar, "its snapshot is not what those of \(manifest.park) and \(park) come to")
                }
                return
            } catch let lie as FalseSnapshot where lie.park == park {
                note(lie)
                unconfirmed.answers.append("That of \(park) is refused: \(ErrorText.sentence(lie.error.reason))")
            } catch let difference as DisagreeingSnapshots {
                differing.append(park)
                unconfirmed.answers.append("\(difference).")
            } catch let refusal as PeerRefusal {
                unconfirmed.answers.append("\(park): \(ErrorText.sentence(refusal.reason))")
            } catch let failure as LinkFailure {
                unconfirmed.answers.append(ErrorText.sentence(failure.reason))
            } catch let error as StoreError
                where error.code == .invalidInput || error.code == .schema || error.code == .timeout
            {
                unconfirmed.answers.append(ErrorText.sentence(error.reason))
            }
        }
        throw unconfirmed
    }

    private func compare(_ manifest: SnapshotManifest, _ file: String, with park: String) async throws {
        let witness = download(from: park, as: "download-witness")
        // One that an earlier comparison left would be gone on with.
        witness.discard()
        defer { witness.discard() }
        let other = try await witness.run(from: park, entriesMin: 0)
        fetching.report(.verifying, from: manifest.park, bytes: manifest.bytes, total: manifest.bytes)
        try await build(file, manifest, .witness(file: witness.file, other, wallMilliseconds: clock.wallMilliseconds()))
    }

    /// Names the park that signed what is not so.
    func note(_ error: any Error) { if let lie = error as? FalseSnapshot { lied(lie.park, lie.error.reason) } }

    private func lied(_ park: String, _ reason: String) { driver.note(PeerLie(.falseSnapshot, reason), of: park) }
}
