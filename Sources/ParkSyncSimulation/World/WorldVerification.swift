import ParkSyncCore
import ParkSyncNode
import ParkSyncStore

/// The node's own verification of rows, driven as the daemon drives it, on virtual time.
extension World {
    /// Only where rows are changed past capture: elsewhere it finds nothing, and takes most of the
    /// time that a history takes.
    func startVerifying(_ park: SimulatedPark) {
        guard history.profile == .hands else { return }
        let (life, clock) = (park.life, park.clock)
        guard case .success(let verifier)? = command(park, { try await RowVerifier($0, clock: clock) { _ in } }),
            park.life == life
        else { return }
        let driver = VerificationDriver(verifier, hands: VirtualTurns(self, park, verifier))
        park.verifier = driver
        driver.look()
    }
}

/// Takes the turns of a simulated node's verification. None begins at once: whoever asks may be at
/// work in a lane.
private final class VirtualTurns: VerificationHands, @unchecked Sendable {
    // Confined to the world's thread.
    private unowned let world: World
    private unowned let park: SimulatedPark
    private let verifier: RowVerifier
    private let alarm: VirtualAlarm

    init(_ world: World, _ park: SimulatedPark, _ verifier: RowVerifier) {
        (self.world, self.park, self.verifier) = (world, park, verifier)
        alarm = VirtualAlarm(world, park)
    }

    func wake(at time: UInt64, then ring: @escaping @Sendable () -> Void) { alarm.wake(at: time, then: ring) }

    func turn(then finish: @escaping @Sendable () -> Void) {
        let (park, verifier, life) = (park, verifier, park.life)
        world.after(1 + world.random.below(World.workMillisecondsMax)) { [unowned world] in
            guard park.life == life else { return }
            _ = world.command(park) { _ in await verifier.turn() }
            if park.life == life { finish() }
        }
    }
}

/// Rings once, at the earliest of the times that it was told, as long as the node lives.
final class VirtualAlarm: @unchecked Sendable {
    // Confined to the world's thread.
    private unowned let world: World
    private unowned let park: SimulatedPark
    private let life: UInt64
    /// The virtual moment at which it rings next.
    private var moment: UInt64?

    init(_ world: World, _ park: SimulatedPark) {
        (self.world, self.park, life) = (world, park, park.life)
    }

    func wake(at time: UInt64, then ring: @escaping @Sendable () -> Void) {
        let next = max(park.clock.moment(monotonic: time), world.now + 1)
        if let moment, moment <= next { return }
        moment = next
        world.after(next - world.now) { [self] in
            guard park.life == life, park.store != nil, !park.disk.isDead, moment == next else { return }
            moment = nil
            ring()
        }
    }
}
