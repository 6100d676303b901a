import ParkSyncNode
import ParkSyncReports

extension Journal {
    /// Tells what came of a look at what is asked of the park.
    func tell(_ news: ArbiterNews) {
        let (deciding, answering) = ("deciding on what is asked", "answering all requests")
        switch news {
        case .wrote: break
        case .looked: done(deciding, wrote: false)
        case .answeredAll: works(answering, .mendedWork(answering))
        case .setAside(let status): fails(answering, .bookingSetAside(status))
        case .failed(let error): failed(deciding, error, .bookingFailed(error))
        }
    }
}

extension Event {
    static func bookingFailed(_ error: any Error) -> Event {
        Event(
            .bookingFailed,
            "what is asked of this park could not be decided on and is tried again soon: \(ErrorText.of(error))")
    }

    static func bookingSetAside(_ status: ArbiterStatus) -> Event {
        Event(
            .bookingFailed,
            """
            \(status.subject ?? "a request") cannot be answered, and all others are: \
            \(ErrorText.sentence(status.error))
            """
        )
    }
}
