import Foundation
import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import Testing

@testable import ParkSyncStore

/// Old copies of a park's file, and what a node does that finds one.
extension Federation {
    private static let suffixes = ["", "-wal"]

    /// Copies a park's file as it is, as an operator with `cp` would. Nothing may be written
    /// meanwhile.
    func copy(_ park: String, to name: String) throws {
        for suffix in Self.suffixes {
            try? FileManager.default.removeItem(atPath: folder.path + "/\(name)" + suffix)
            guard FileManager.default.fileExists(atPath: path(park) + suffix) else { continue }
            try FileManager.default.copyItem(atPath: path(park) + suffix, toPath: folder.path + "/\(name)" + suffix)
        }
    }

    /// Ends a park's node and puts an old copy in the place of its file.
    func putBack(_ name: String, _ park: String) throws {
        closeWithoutCheckpoint(park)
        for suffix in Self.suffixes + ["-shm"] { try? FileManager.default.removeItem(atPath: path(park) + suffix) }
        for suffix in Self.suffixes where FileManager.default.fileExists(atPath: folder.path + "/\(name)" + suffix) {
            try FileManager.default.copyItem(atPath: folder.path + "/\(name)" + suffix, toPath: path(park) + suffix)
        }
    }

    /// What a peer says of its copy of a log.
    func branch(_ origin: OriginID, at park: String) throws -> LogBranch {
        let store = try self[park]
        return LogBranch(origin: origin, heads: try store.heads(of: origin, from: store.state().logged[origin]))
    }

    func verdict(_ park: String, peers: [String], policy: HeadGuard.Policy = .init()) throws -> HeadGuard.Judgement {
        let store = try self[park]
        let own = store.state()
        let reports = try parks.filter { $0 != park }.map { peer in
            guard peers.contains(peer) else {
                return PeerReport(
                    peer: try origin(peer), link: .waiting(until: 0),
                    failure: LinkFailure(.unreachable, "cut", remedy: "None."), relays: [], gone: []
                )
            }
            let remote = try self[peer].state()
            let fit = remote.logged[own.origin] > 0 ? store.compare(try branch(own.origin, at: peer)).fit : nil
            var report = PeerReport(
                peer: try origin(peer), link: .following, remote: remote, relays: [], gone: [], fit: fit)
            (report.heads, report.lastFit) = (try branch(own.origin, at: peer).heads, fit)
            report.proven = VersionVector(
                try remote.logged.elements.filter { $0.origin.isOfSamePark(as: own.origin) }
                    .map { ($0.origin, store.compare(try branch($0.origin, at: peer)).proven) })
            report.shown = report.proven
            return report
        }
        var headGuard = HeadGuard()
        headGuard.policy = policy
        return headGuard.judge(store.standing(), own: own, reports: reports, branch: store.branchFetch())
    }

    func carryOut(_ demand: LogDemand, _ park: String) async throws {
        let store = try self[park]
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            store.carryOut(demand) { continuation.resume(with: $0) }
        }
    }

    /// Does what the head guard wants until the park may write. `between` is called after each
    /// step.
    @discardableResult
    func check(
        _ park: String, peers: [String], policy: HeadGuard.Policy = .init(),
        between: (Int) async throws -> Void = { _ in }
    ) async throws -> [LogDemand] {
        var demands: [LogDemand] = []
        for step in 0..<50 {
            switch try verdict(park, peers: peers, policy: policy) {
            case .fine: return demands
            case .alone: throw StoreError(.notReady, "alone", remedy: "None.")
            case .demand(let demand):
                demands.append(demand)
                try await carryOut(demand, park)
            case .waiting:
                // A branch is asked of one peer.
                let source = try self[park].branchFetch()?.source.park
                for peer in peers where source == nil || source == peer {
                    if try self[park].compare(try branch(try self[park].state().origin, at: peer)).fit == .accounted {
                        continue
                    }
                    try await exchange(from: peer, to: park, bytesMax: 1)
                }
            }
            try await between(step)
        }
        throw StoreError(.notReady, "the check does not end: \(demands)", remedy: "None.")
    }
}
