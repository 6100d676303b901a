import ParkSyncCore

/// Decides on all requests for one subject, whatever their machine. Only the subject's home park
/// does so (for a machine whose arbiter is the asker: the asking park), in the order in which
/// requests and acts arrive there, so that nothing is given twice however the parks are parted.
///
/// Pure: a function of what it is given, the time included. Where only the first of the steps that
/// it returns are written, the next call returns the others. Whatever other parks send, each step
/// is a declared move: one that the schema's guards refuse would be refused again each time, and
/// would keep all other requests for the subject waiting.
package struct Arbiter: Sendable {
    package let machines: Machines

    package init(machines: Machines) { self.machines = machines }

    /// What is to be written, and when to look again.
    package struct Decision: Hashable, Sendable {
        /// In the order in which they are to be written.
        package var steps: [Step]
        /// The next moment at which a deadline falls due if nothing happens before.
        package var nextAt: Instant?
        /// Requests whose deadline does not run, since the park that it waits for has not been
        /// heard of since the step. Sorted.
        package var unseen: [ExactText]
        /// Acts that no declared move can answer: the machine's rows lack the self-move. Sorted.
        package var unanswerable: [ExactText]
    }

    /// - Parameters:
    ///   - subject: nil if the home has no such item.
    ///   - requests: in the order in which they arrived at the home. Those that have ended, take no
    ///     room and have no act to be answered may be left out.
    ///   - acts: on these requests, in the order of arrival. Those that a step names are answered.
    ///   - steps: all of these requests, in any order.
    ///   - frozen: requests whose next step could not be written. They keep what they have, and
    ///     are not decided on.
    ///   - id: of the step that a request is about to have beside the `count` that it has.
    package func decide(
        subject: Subject?, requests: [Request], acts: [Act], steps: [Step], now: Instant, frozen: Set<ExactText> = [],
        id: (_ request: ExactText, _ count: Int) -> ExactText
    ) -> Decision {
        withoutActuallyEscaping(id) { id in
            var bench = Bench(
                machines: machines, subject: subject, requests: requests,
                acts: acts.filter { !frozen.contains($0.request) }, steps: steps, now: now, id: id)
            bench.frozen = frozen
            // Each step is what comes first as things stand then, so that whoever writes only some
            // of them gets the others by asking again.
            while bench.begin() || bench.answerAct() || bench.fireDeadline() || bench.promote() || bench.answerAsked() {
            }
            return bench.decision
        }
    }
}
