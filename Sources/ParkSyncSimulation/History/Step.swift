/// One thing that somebody does to the world at a virtual moment. Whatever is not possible then has
/// no effect, so that any part of a history is a history.
package struct Step: Hashable, Sendable, CustomStringConvertible {
    /// Virtual milliseconds.
    package var time: UInt64
    package var verb: Verb
    /// Whom it concerns, by their places in the order of names.
    package var nodes: [Int]
    /// What the verb needs to be decided: a seed, a duration, a count.
    package var number: UInt64

    package init(_ time: UInt64, _ verb: Verb, _ nodes: [Int] = [], _ number: UInt64 = 0) {
        self.time = time
        self.verb = verb
        self.nodes = nodes
        self.number = number
    }

    /// `@120 write n2 #42`
    package var description: String {
        "@\(time) \(verb.rawValue)" + nodes.map { " n\($0)" }.joined() + (number == 0 ? "" : " #\(number)")
    }

    /// Nil if the text is none.
    package init?(parsing text: some StringProtocol) {
        let words = text.split(separator: " ")
        guard words.count >= 2, words[0].hasPrefix("@"), let time = UInt64(words[0].dropFirst()),
            let verb = Verb(rawValue: String(words[1]))
        else {
            return nil
        }
        self.init(time, verb)
        for word in words.dropFirst(2) {
            if word.hasPrefix("n"), let node = Int(word.dropFirst()), node >= 0 {
                nodes.append(node)
            } else if word.hasPrefix("#"), let number = UInt64(word.dropFirst()) {
                self.number = number
            } else {
                return nil
            }
        }
    }
}

package enum Verb: String, Hashable, Sendable, CaseIterable {
    // Activities. The number decides what is written.
    /// Transactions through the node, one to three at the same moment.
    case write
    /// Another program writes to the file and commits.
    case foreign
    /// Another program begins a transaction, and keeps the write lock until `foreign-end` or for
    /// the number's milliseconds.
    case foreignBegin = "foreign-begin"
    case foreignEnd = "foreign-end"

    // Links. The first node calls the second.
    case cut, heal, reset, silence, tail
    case isolate, join, split, mend
    case lostAnswer = "lost-answer", duplicate, drip, garble
    /// The longest delay of all messages is the number's milliseconds.
    case delay
    /// An operator pauses the link to the second node at the first, or resumes it.
    case pause, resume

    // Processes and machines.
    /// kill -9, now or in the middle of the number's disk write from now.
    case kill
    case killAtWrite = "kill-at-write"
    case power
    case powerAtWrite = "power-at-write"
    /// A graceful end.
    case stop
    case start

    // Clocks: the wall clock is the number's milliseconds ahead or behind the true time.
    case ahead, behind
    /// The operator sets the clock right, and has entries written anew that were stamped in the
    /// future.
    case reissue
    /// The clocks of the node run that many millionths too fast (even) or too slow (odd) from its
    /// next start on.
    case drift

    // Disks.
    case full, free
    case readError = "read-error", writeError = "write-error", syncError = "sync-error"
    /// A bit flips while the node is down; the operator verifies the file and replaces it.
    case bitFlip = "bit-flip"
    /// Syncs succeed and keep nothing for the number's milliseconds, until the power fails.
    case lyingSync = "lying-sync"
    /// A hand on the file changes a row past capture. The number decides which and how.
    case tamper

    // Operators.
    /// The file is deleted while the node is down; it fetches its state back.
    case lose
    /// The database and its log are copied, as they are at this moment.
    case backup
    /// The newest backup takes the place of the file.
    case restore
    /// The first time the file is cloned. Later the machine with the clone takes the node's place,
    /// and the other way round.
    case swap
    /// The operator lets a node write that finds no peer to compare its log with.
    case accept
    /// The next schema file is installed and the node is started again.
    case upgrade
    /// All entries but the number's newest of each origin are archived, as far as they may be.
    case archive
    /// Traces of deleted rows are dropped that all have acknowledged.
    case compact
    /// The first node's file is deleted; it begins with a snapshot of the second. Beside a lying
    /// park it is that one's, and the number decides what becomes of the file.
    case snapshot
    /// What the second node lacks of the first is carried to it in a bundle; twice if the number is
    /// even.
    case bundle
    /// The second node is stopped, and its park is taken out of the zone at the first.
    case fence
    /// The file of a park that was taken out is deleted, and it comes back with another node's
    /// snapshot.
    case comeBack = "return"
    /// The lying park tells something that is not true or not allowed. The number decides what.
    case lie
}
