import Foundation
import ParkSyncCore
import ParkSyncFiles
import ParkSyncNode
import ParkSyncReplication
import ParkSyncReports
import ParkSyncStore

/// What operators do with the logs of a running zone: archive, compact, carry bundles about, take
/// snapshots.
extension World {
    /// How often a node looks whether others wait for its receipt: `retention.interval_seconds`,
    /// which histories are too short for.
    static let acknowledgeMilliseconds: UInt64 = 4_000

    /// - Parameter other: the second node of the step.
    func command(_ step: Step, _ park: SimulatedPark, _ other: SimulatedPark?) {
        switch step.verb {
        case .archive: archive(park, keeping: step.number)
        case .compact: compact(park)
        case .snapshot where liar != nil: takeFromLiar(park, number: step.number)
        case .snapshot: if let other { beginAnew(park, from: other) }
        case .bundle: if let other { carryBundle(from: park, to: other, twice: step.number % 2 == 0) }
        case .fence: if let other { fence(other, at: park) }
        case .comeBack: comeBack(park)
        default: break
        }
    }

    /// Counts what came of a command.
    ///
    /// - Returns: nil if it was refused, or the node did not run.
    func value<T>(_ result: Result<T, any Error>?, _ name: String) -> T? {
        switch result {
        case .success(let value):
            counters.add(name)
            return value
        case .failure(let error): counters.add("\(name) refused: \((error as? StoreError)?.code.rawValue ?? "other")")
        case nil: break
        }
        return nil
    }

    // MARK: retention

    /// The turn of the retention service: others may wait to hear what this node has seen.
    func acknowledge(_ park: SimulatedPark) {
        let heard = park.desk?.heard ?? VersionVector()
        guard case .success(true)? = command(park, { try await $0.acknowledge(heard) }), let store = park.store else {
            return
        }
        counters.add("acknowledged")
        judge.acknowledge(park, store.state().origin, store.state().logged[store.state().origin], mark: nil)
    }

    private func archive(_ park: SimulatedPark, keeping entries: UInt64) {
        let policy = ArchivePolicy(keepEntries: entries, keepMilliseconds: 0)
        guard let outcome = value(command(park) { try await $0.archive(policy) }, "archive") else { return }
        counters.add("archived entries", Int(outcome.entries))
        mix(outcome.entries << 32 | UInt64(outcome.fileBytes))
    }

    func compact(_ park: SimulatedPark) {
        guard let outcome = value(command(park) { try await $0.compact() }, "compact") else { return }
        mix(UInt64(outcome.droppedRows) << 32 | (outcome.seq ?? 0))
        guard let seq = outcome.seq, let origin = park.store?.state().origin else { return }
        counters.add("dropped traces", outcome.droppedRows)
        judge.acknowledge(park, origin, seq, mark: nil)
    }

    // MARK: snapshots

    /// The node's file is deleted, and another node's snapshot becomes the file that it begins
    /// with.
    func beginAnew(_ park: SimulatedPark, from other: SimulatedPark) {
        guard park !== other, mayLose(park), !isLiar(park) else { return }
        if park.store != nil { end(park, .killed) }
        let file = snapshot(for: park, of: other)
        counters.add(file == nil ? "snapshot not taken" : "snapshot taken")
        loseFile(park, beginningWith: file)
    }

    /// The database that a snapshot of another node becomes, as the daemon makes it.
    ///
    /// - Returns: nil if the other node makes none now.
    private func snapshot(for park: SimulatedPark, of other: SimulatedPark) -> [UInt8]? {
        let path = folder.file("snapshot.sqlite")
        let id = (0..<SnapshotManifest.idBytes).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        defer { FileSystem.removeDatabase(path) }
        guard let made = value(command(other) { try await $0.makeSnapshot(at: path, id: id) }, "snapshot") else {
            return nil
        }
        do {
            return try install(path, made.signed, park, other)
        } catch let error as StoreError where error.code == .clock {
            counters.add("snapshot of a node whose clock was ahead")
        } catch let error as StoreError where error.code == .schema {
            // The other node has a schema file more.
            counters.add("snapshot of a newer schema")
        } catch { judge.fail(5, "\(park.origin) cannot use the snapshot of \(other.origin): \(error)") }
        return nil
    }

    func install(_ file: String, _ signed: [UInt8], _ park: SimulatedPark, _ other: SimulatedPark) throws -> [UInt8]? {
        let path = folder.file("begun.sqlite")
        defer { for name in [path, SnapshotCandidate.path(path)] { FileSystem.removeDatabase(name) } }
        let manifest = try SnapshotManifest(reading: signed, from: other.origin.park, members: members)
        let schema = work.compiled[park.schemas - 1]
        try SnapshotCandidate(origin: park.origin, members: members, schema: schema).build(path, from: file, manifest)
        let options = StoreOptions(
            path: path, origin: park.origin, identity: park.identity, members: members, schema: schema,
            clock: park.clock,
            recoversWhenNew: true)
        switch try SnapshotInstall.consider(options) {
        case .installed: break
        case .refused(let error): throw error
        case nil: throw StoreError(.internalState, "there is no candidate", remedy: "None.")
        }
        return FileManager.default.contents(atPath: path).map { Array($0) }
    }

    // MARK: bundles

    private func carryBundle(from park: SimulatedPark, to other: SimulatedPark, twice: Bool) {
        guard park !== other, !isLiar(park), !isLiar(other), let vector = other.store?.state().logged else { return }
        let path = folder.file("\(park.origin.name).bundle")
        defer { try? FileManager.default.removeItem(atPath: path) }
        let made = command(park) { try await $0.exportBundle(to: other.origin.park, before: vector, path: path) }
        note(made, "made", at: park, from: park, to: other)
        guard case .success(let bundle)? = made, let after = VersionVector(parsing: bundle.after) else { return }
        let taken = command(other) { try await $0.importBundle(path) }
        note(taken, "taken", at: other, from: park, to: other)
        guard case .success(let outcome)? = taken, let state = other.store?.state() else { return }
        counters.add("entries in bundles", Int(outcome.newEntries))
        mix(outcome.newEntries)
        guard state.logged.covers(after) else {
            return judge.fail(5, "\(other.origin) has taken a bundle up to \(after) and has \(state.logged)")
        }
        if twice { importAgain(path, other, after) }
    }

    private func importAgain(_ path: String, _ park: SimulatedPark, _ after: VersionVector) {
        // Meanwhile entries may come by the links, and what other programs wrote be sealed; the
        // bundle itself brings nothing.
        guard case .success(let outcome)? = command(park, { try await $0.importBundle(path) }),
            let state = park.store?.state()
        else { return }
        counters.add("bundle taken twice")
        if outcome.newEntries != 0 || !state.logged.covers(after) {
            judge.fail(
                5,
                """
                \(park.origin) takes a bundle up to \(after) again, finds \(outcome.newEntries) entries new, \
                and has \(state.logged)
                """
            )
        }
    }

    private func note<T>(
        _ result: Result<T, any Error>?, _ what: String, at place: SimulatedPark, from park: SimulatedPark,
        to other: SimulatedPark
    ) {
        switch result {
        case .success: counters.add("bundle \(what)")
        case nil: break
        case .failure(let error):
            counters.add("bundle refused")
            if !isTrue(error, at: place, from: park, to: other) {
                judge.fail(5, "\(place.origin) refuses a bundle: \(error)")
            }
        }
    }

    /// Whether a bundle was refused for a reason that there is.
    private func isTrue(_ error: any Error, at place: SimulatedPark, from park: SimulatedPark, to other: SimulatedPark)
        -> Bool
    {
        guard let refusal = error as? StoreError else { return false }
        switch refusal.code {
        case .invalidInput:
            // Its file was lost, and entries of its own came back that it does not know of yet.
            guard let made = park.store?.state().logged, let had = other.store?.state().logged else {
                return place.disk.isDead
            }
            return made[other.origin] > had[other.origin] && refusal.reason.contains("entries of this node")
        case .notReady where place.store?.standing().isReady == false: return true
        // The machine died, the disk fails, or a program keeps the lock.
        default:
            return place.store == nil || place.program != nil
                || VirtualDisk.Fault.allCases.contains { place.disk.fired($0) > 0 }
        }
    }
}
