import Logging
import ParkSyncServer

/// The node itself, and what it listens on.
extension Event {
    static func started(version: String, origin: String, listeners: Int) -> Event {
        Event(
            .nodeStarted, [Field("version", version), Field("origin", origin), Field("listeners", "\(listeners)")],
            "the node of \(origin) runs, version \(version)")
    }

    static func listening(_ listening: NodeServers.Listening) -> Event {
        let (interface, place) = listening.names
        return Event(
            .nodeListening, [Field("interface", interface), Field("address", place)],
            "listening on \(place) (\(interface))")
    }

    static func listenFailed(interface: String, place: String, cause: String, retryMilliseconds: UInt64) -> Event {
        Event(
            .nodeListenFailed, [Field("interface", interface), Field("address", place), Field("cause", cause)],
            "cannot listen on \(place) (\(interface)): \(cause). It is tried again, at first after "
                + "\(retryMilliseconds) ms; see that no other "
                + "program has the address, and that this machine has it")
    }

    static let reopened = Event(.nodeReopened, "opening the node anew with the snapshot that has come")
    static let stopped = Event(.nodeStopped, "the node has stopped in good order")

    /// - Parameter exit: the status that the process ends with.
    static func failed(_ text: String, exit: Int32) -> Event { Event(.nodeFailed, [Field("exit", "\(exit)")], text) }

    static func reloaded(_ what: [String]) -> Event {
        let list = what.joined(separator: ", ")
        return Event(
            .nodeReloaded, [Field("keys", list)],
            "the configuration was read again; in force now: \(list.isEmpty ? "nothing new" : list)")
    }

    static func reloadRefused(_ reason: String) -> Event {
        Event(
            .nodeReloadRefused,
            "the configuration was read again and is not used: \(reason) The node goes on with the earlier one")
    }

    static func restartNeeded(_ keys: [String]) -> Event {
        let list = keys.joined(separator: ", ")
        return Event(
            .nodeRestartNeeded, [Field("keys", list)],
            "these keys have changed and count from the next start on: \(list)")
    }

    /// - Parameters:
    ///   - cause: its name, as `syncctl status --json` has it.
    ///   - subject: the park, log, table or part of the node that it is about; `node` if it is the
    ///     node as a whole.
    ///   - reasons: for which an operator has to act, this one among them.
    static func broken(_ cause: String, subject: String, reasons: Int, _ text: String) -> Event {
        Event(
            .nodeBroken, [Field("cause", cause), Field("subject", subject), Field("reasons", "\(reasons)")],
            "BROKEN, an operator has to act: \(text)"
        )
    }

    /// - Parameter left: how many causes there are still.
    static func mended(_ cause: String, subject: String, afterMilliseconds: UInt64, left: Int) -> Event {
        let rest = left == 0 ? "no longer broken" : "still broken for \(left) other \(left == 1 ? "cause" : "causes")"
        return Event(
            .nodeMended,
            [
                Field("cause", cause), Field("subject", subject), Field("after_s", "\(afterMilliseconds / 1_000)"),
                Field("reasons", "\(left)"),
            ],
            "\(cause) (\(subject)) is over; \(rest)")
    }

    static func library(_ name: String, level: Logger.Level, _ text: String) -> Event {
        Event(.library, [Field("library", name)], priority: Priority(level), "\(name): \(text)")
    }
}

/// Who calls, and what he asks for.
extension Event {
    static func command(by caller: String, _ route: String) -> Event {
        Event(
            .operatorCommand, [Field("caller", caller), Field("route", route)],
            "\(caller) gives an operator's command: \(route)")
    }

    static func notAnOperator(_ caller: String, _ route: String) -> Event {
        Event(
            .operatorRefused, [Field("caller", caller), Field("route", route)],
            "\(caller) is no operator and was refused an operator's command: \(route)")
    }

    static func strangerRefused(_ address: String, _ reason: String) -> Event {
        Event(
            .strangerRefused, [Field("address", address), Field("cause", reason)],
            """
            a stranger at \(address) was refused: no certificate of this zone's authority that is valid now \
            (\(reason))
            """
        )
    }

    static func peerRefused(_ address: String, _ park: String, _ code: String, _ detail: String) -> Event {
        Event(
            .peerRefused, [Field("address", address), Field("park", park), Field("code", code)],
            "a request from \(address) in the name of \(park.isEmpty ? "nobody" : park) was refused: \(detail)")
    }

    static func requestRefused(_ caller: String, _ code: String, _ route: String) -> Event {
        Event(
            .requestRefused, [Field("caller", caller), Field("code", code), Field("route", route)],
            "\(caller) was refused what nobody may ask for here (\(code)): \(route)")
    }

    static func requestFailed(_ path: String, _ cause: String) -> Event {
        Event(.requestFailed, [Field("path", path)], "a request to \(path) failed: \(cause)")
    }

    /// - Parameter sql: the beginning of its text, without the parameters' values.
    static func slowStatement(_ kind: String, milliseconds: UInt64, sql: String) -> Event {
        Event(
            .statementSlow, [Field("sql", sql), Field("kind", kind), Field("ms", "\(milliseconds)")],
            "a \(kind) took \(milliseconds) ms; an index may be missing")
    }

    static func of(_ notice: ServerNotice) -> Event {
        switch notice {
        case .operatorRefused(let caller, let route): notAnOperator(caller, route)
        case .operatorCommand(let caller, let route): command(by: caller, route)
        case .strangerRefused(let address, let reason): strangerRefused(address, reason)
        case .peerRefused(let address, let park, let code, let detail): peerRefused(address, park, code, detail)
        case .requestRefused(let caller, let code, let route): requestRefused(caller, code, route)
        case .requestFailed(let path, let cause): requestFailed(path, cause)
        case .listenerFailed(let interface, let place, let cause, let pause):
            listenFailed(interface: interface, place: place, cause: cause, retryMilliseconds: pause)
        }
    }
}

extension NodeServers.Listening {
    /// The interface, as in `peer`, and where it is.
    var names: (interface: String, place: String) {
        switch self {
        case .localSocket(let path): ("local-socket", path)
        case .localTCP(let address): ("local-http", "\(address.host):\(address.port)")
        case .peer(let address, _): ("peer", "\(address.host):\(address.port)")
        case .metrics(let address): ("metrics", "\(address.host):\(address.port)")
        }
    }
}
