import ParkSyncCore
import ParkSyncFiles
import ParkSyncReplication
import ParkSyncStore
import ParkSyncWire

/// A branch of a node's own log that it fetches, when it was seen first.
struct BranchSeen {
    var source: OriginID
    var after: UInt64
    /// Of the own log, while the branch is not whole.
    var logged: UInt64
    var hash: [UInt8]
    /// Since when this source is asked, in virtual milliseconds.
    var since: UInt64
}

/// What a lying park does with snapshots and with other parks' own logs, and what is asked of
/// honest nodes then.
extension World {
    // MARK: snapshots

    /// How many lies are told at one step: each takes a check of a whole file.
    private static let snapshotLiesAtOnce: UInt64 = 3

    /// A park takes the snapshot of the lying one: by its operator's word while it runs, or to
    /// begin anew.
    func takeFromLiar(_ park: SimulatedPark, number: UInt64) {
        guard let liar, !isLiar(park) else { return }
        if number % 4 == 0 { return beginAnewFromLiar(park, isTrue: number / 4 % 3 == 0) }
        guard let before = park.store?.state() else { return }
        for _ in 0..<Self.snapshotLiesAtOnce {
            guard let outcome = snapshotOfLiar(for: park, isTrue: false), case .lie(let lie) = outcome else { continue }
            tell(park.index) { engine, _ in
                engine.note(lie, of: liar.origin)
                return []
            }
            expectNamed(park, .falseSnapshot)
        }
        // What its own programs wrote meanwhile may have been sealed.
        if let state = park.store?.state(),
            [(state.logged, before.logged), (state.applied, before.applied)].contains(where: { now, then in
                !now.covers(then)
                    || now.elements.contains { $0.origin != park.origin && $0.seq != then[$0.origin] }
            })
        {
            judge.fail(12, "\(park.origin) has \(state.logged) after a false snapshot, and had \(before.logged)")
        }
    }

    /// The park's file is deleted; it begins with the liar's snapshot if that is true, and with
    /// nothing if not.
    private func beginAnewFromLiar(_ park: SimulatedPark, isTrue: Bool) {
        guard mayLose(park), let liar else { return }
        if park.store != nil { end(park, .killed) }
        var file: [UInt8]?
        switch snapshotOfLiar(for: park, isTrue: isTrue) {
        case .taken(let taken): file = taken
        case .lie(let lie): park.lieToTell = lie
        case nil: break
        }
        counters.add(file == nil ? "began with nothing beside the liar" : "began with the liar's snapshot")
        // What a node that has lost its file waits for, is not what this is about.
        for log in liar.logs { log.claim(nil, of: [], number: 0) }
        loseFile(park, beginningWith: file)
    }

    private enum LiarSnapshot {
        case taken([UInt8])
        case lie(PeerLie)
    }

    /// The liar copies the snapshot of an honest node and alters it; the park checks it as the
    /// daemon does.
    ///
    /// - Returns: nil if there is none to copy, or nothing in it to lie about, or it cannot be used
    ///   for another reason that there is.
    private func snapshotOfLiar(for park: SimulatedPark, isTrue: Bool) -> LiarSnapshot? {
        let source = honest.first { $0 !== park && $0.store?.standing().isReady == true } ?? park
        guard let liar, let victim = source.store?.state().origin else { return nil }
        let path = folder.file("lie.sqlite")
        defer { FileSystem.removeDatabase(path) }
        let id = (0..<SnapshotManifest.idBytes).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        guard let made = value(command(source) { try await $0.makeSnapshot(at: path, id: id) }, "snapshot") else {
            return nil
        }
        let lie = isTrue ? nil : SnapshotLie.allCases[liar.nextSnapshotLie % SnapshotLie.allCases.count]
        if !isTrue { liar.nextSnapshotLie += 1 }
        do {
            guard let signed = try SnapshotLie.forge(lie, in: path, made.manifest, by: liar.log.park, victim: victim)
            else { return nil }
            counters.add(lie.map { "snapshot lie \($0.rawValue)" } ?? "snapshot of the liar as it is")
            return try judged(lie, install(path, signed, park, parks[liar.node]))
        } catch let found as FalseSnapshot where lie != nil && found.park == liar.origin.park {
            return .lie(PeerLie(.falseSnapshot, found.error.reason))
        } catch let error as StoreError where lie == nil && error.code == .clock {
            counters.add("snapshot of a node whose clock was ahead")
        } catch {
            let what = lie.map { "in which it lies (\($0.rawValue))" } ?? "which is true"
            judge.fail(12, "\(park.origin) says of the snapshot of \(liar.origin), \(what): \(error)")
        }
        return nil
    }

    private func judged(_ lie: SnapshotLie?, _ file: [UInt8]?) -> LiarSnapshot? {
        if let lie { judge.fail(12, "a snapshot was taken in which its maker lies: \(lie.rawValue)") }
        return file.map { .taken($0) }
    }

    /// Tells a node that was just started what its operator has found meanwhile.
    func tellLie(_ park: SimulatedPark) {
        guard let lie = park.lieToTell, let liar else { return }
        park.lieToTell = nil
        tell(park.index) { engine, _ in
            engine.note(lie, of: liar.origin)
            return []
        }
        expectNamed(park, lie.kind)
    }

    /// Who was found to lie is in the node's reports, in this way or, if it did more since, in
    /// another.
    private func expectNamed(_ park: SimulatedPark, _ kind: PeerLie.Kind) {
        noteLiar(park)
        if let liar, reports(park.index).first(where: { $0.peer == liar.origin })?.lie?.kind != kind {
            judge.fail(12, "\(park.origin) does not name \(liar.origin), which has told a \(kind.rawValue)")
        }
    }

    // MARK: branches

    /// Whether every honest park has all that this one has published: then no entry is in the
    /// liar's hands alone.
    func haveAll(of park: SimulatedPark) -> Bool {
        let logs = judge.oracle.vector.elements.filter { $0.origin.park == park.origin.park }
        return honest.allSatisfy { other in
            guard other !== park else { return true }
            guard let logged = other.store?.state().logged else { return false }
            return logs.allSatisfy { logged[$0.origin] >= $0.seq }
        }
    }

    /// The liar shows a park, whose file is an old copy now, what it has heard of that park's log,
    /// and does something with the entries.
    func showBranch(to park: SimulatedPark) {
        guard let liar else { return }
        let lies = BranchLie.allCases
        let drawn = Int(random.below(UInt64(lies.count + 1)))
        liar.branch = (park.origin.park, drawn < lies.count ? lies[drawn] : nil)
        for log in liar.logs { log.claim(nil, of: [], number: 0) }
        // Mostly some program has written to the old copy before its node runs: that makes it
        // another branch.
        if random.below(4) > 0 { perform(Step(now, .foreign, [park.index], 1 + random.below(1 << 32))) }
        logChanged(liar.node)
    }

    /// What the liar shows to a park.
    func shownByLiar(_ stream: Stream) -> (any ChangeLog)? {
        guard let liar else { return nil }
        return liar.shown(to: names[stream.way.from], liar.log(for: stream.way.from, asking: stream.request)) {
            [unowned self] in
            if let lie = liar.branch?.lie { counters.add("branch lie \(lie)") }
        }
    }

    /// Entries of a node's own log that it never signed: whoever sent them is named for it.
    func checkForgery(_ park: SimulatedPark, _ stream: Stream, _ outcome: StoreOutcome) {
        guard case .refused(let refusal) = outcome, refusal.isForgery, refusal.origin.park == park.origin.park,
            stream.way.to == liar?.node
        else {
            return
        }
        expectNamed(park, .falseEntries)
    }

    /// What is fetched of a branch changes nothing before it is whole, and nobody is waited for
    /// without end.
    func checkBranch(_ park: SimulatedPark, _ store: ParkStore) {
        guard let liar else { return }
        let (state, seen) = (store.state(), park.branchSeen)
        guard let branch = store.branchFetch(), !branch.isWhole, store.standing().isFetching,
            let hash = try? store.hash(of: state.origin, seq: state.logged[state.origin])
        else { return park.branchSeen = nil }
        park.branchSeen = BranchSeen(
            source: branch.source, after: branch.after, logged: state.logged[state.origin], hash: hash,
            since: seen?.source == branch.source ? seen?.since ?? now : now)
        guard let seen, seen.after == branch.after else { return }
        if seen.logged != state.logged[state.origin] || seen.hash != hash {
            judge.fail(
                12,
                """
                \(park.origin) had \(seen.logged) entries, and has \(state.logged), before another branch has \
                come whole
                """
            )
        }
        guard seen.source == liar.origin else { return }
        if branch.source == liar.origin {
            if now - seen.since > Self.branchMillisecondsMax {
                judge.fail(12, "\(park.origin) waits for \(liar.origin) without end")
            }
        } else {
            counters.add("branch taken from another park than the liar")
            if reports(park.index).first(where: { $0.peer == liar.origin })?.lie == nil {
                judge.fail(12, "\(park.origin) asks another park than \(liar.origin), and does not say why")
            }
        }
    }

    /// A minute of being linked, another one of being away, and what it takes to call a peer.
    private static let branchMillisecondsMax = 2 * WireLimits.branchMillisecondsMax + 60_000
    /// How much later nodes may agree when somebody shows a branch and keeps it.
    var branchMilliseconds: UInt64 { liar?.branch == nil ? 0 : Self.branchMillisecondsMax }
}
