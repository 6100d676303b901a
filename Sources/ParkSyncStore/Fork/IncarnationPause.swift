import ParkSyncCore
import ParkSyncReplication

/// Incarnations follow each other no faster than every ten minutes: two nodes with one identity
/// that take turns must not use up the names.
extension Reissue {
    static let intervalMilliseconds: UInt64 = 600_000

    typealias Cause = OwnLogRecord.Incarnation.Cause

    struct Pause {
        /// Unix milliseconds.
        var until: UInt64
        /// Why the last incarnation was opened.
        var last: Cause
    }

    /// Nil if the next incarnation may be opened now.
    static func pause(_ connection: Connection, park: String, wallMilliseconds wall: UInt64) throws -> Pause? {
        guard let last = try OwnLogRecord.load(connection, park: park).incarnation, wall >= last.at,
            wall - last.at < intervalMilliseconds
        else {
            return nil
        }
        return Pause(until: last.at &+ intervalMilliseconds, last: last.cause)
    }

    /// - Throws: `StoreError.notReady` during the pause.
    func checkPause(_ cause: Cause) throws {
        guard
            let pause = try Self.pause(
                connection, park: options.origin.park, wallMilliseconds: options.clock.wallMilliseconds())
        else { return }
        let (park, time) = (options.origin.park, TimeOfDay.minute(pause.until))
        let reason =
            "\(park) opened its last incarnation, "
            + "\(pause.last == .fork ? "since its log had forked" : "to write entries anew"), less than ten "
            + "minutes ago, "
            + "and opens one in ten minutes"
        let remedy =
            switch (pause.last, cause) {
            case (.fork, .fork):
                """
                Two nodes write as \(park), it seems: stop the one that should not be, and delete its files. It \
                goes on at \(time).
                """
            case (_, .fork): "Wait: it goes on at \(time)."
            case (_, .homecoming): "Wait: the park comes back into the zone at \(time)."
            case (_, .reissue):
                "Possible again at \(time). Nothing is lost: until then the other parks hold those entries."
            }
        throw StoreError(.notReady, reason, remedy: remedy)
    }
}
