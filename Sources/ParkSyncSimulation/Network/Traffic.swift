import ParkSyncCore
import ParkSyncWire

/// What was sent, in real encoded bytes before compression and TLS, by what it was for.
package struct Traffic: Hashable, Sendable {
    package struct Sum: Hashable, Sendable {
        package var messages = 0
        package var bytes = 0
        mutating func add(_ bytes: Int) {
            messages += 1
            self.bytes += bytes
        }
    }

    /// Bodies of requests that reached the peer: the asker's state and its wants.
    package var requests = Sum()
    /// Greetings: the first frame of each stream.
    package var hellos = Sum()
    package var entries = Sum()
    /// Reports of progress and signs of life.
    package var states = Sum()
    package var others = Sum()

    package init() {}

    package var bytes: Int { requests.bytes + hellos.bytes + entries.bytes + states.bytes + others.bytes }
    package var messages: Int {
        requests.messages + hellos.messages + entries.messages + states.messages + others.messages
    }

    mutating func add(_ frame: LogFrame, bytes: Int) {
        switch frame {
        case .hello: hellos.add(bytes)
        case .entries: entries.add(bytes)
        case .state: states.add(bytes)
        case .gone, .branch, .goodbye: others.add(bytes)
        }
    }
}
