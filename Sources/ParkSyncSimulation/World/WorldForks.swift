import ParkSyncCore
import ParkSyncReports
import ParkSyncStore

/// What nodes say of forks, against what their logs hold.
extension World {
    /// Forks that come to their end by themselves and have not: their parks have gone on, and only
    /// entries are waited for that everybody writes.
    ///
    /// Where somebody lies, or is out of the zone, some may be waited for who never say so.
    var healingForks: [String] {
        guard liar == nil, fenced == nil else { return [] }
        return parks.flatMap { park in
            forks(of: park).filter { $0.waitsFor?.isEmpty == false }.map {
                "\(park.origin) waits for \($0.waitsFor?.joined(separator: ", ") ?? "") to acknowledge the fork of "
                    + "\($0.origin)"
            }
        }
    }

    /// Whoever says that a fork is healed is right: nobody has another branch.
    func checkForks(_ park: SimulatedPark, among honest: [SimulatedPark]) throws {
        for fork in forks(of: park) {
            counters.add(fork.isHealed ? "fork healed" : "fork open")
            guard fork.isHealed, let origin = OriginID(fork.origin) else { continue }
            let here = try park.store?.hash(of: origin, seq: fork.seq)
            for other in honest {
                guard let there = try other.store?.hash(of: origin, seq: fork.seq), there != here else { continue }
                judge.fail(
                    10,
                    "\(park.origin) says that the fork of \(fork.origin) at \(fork.seq) is healed, and "
                        + "\(other.origin) has another entry there")
            }
        }
    }

    private func forks(of park: SimulatedPark) -> [NodeStatus.Fork] {
        guard let store = park.store,
            store.state().logged.elements.contains(where: { (try? store.isForked($0.origin)) == true }),
            case .success(let forks)? = command(park, { try await $0.firstForks() })
        else { return [] }
        return forks
    }
}
