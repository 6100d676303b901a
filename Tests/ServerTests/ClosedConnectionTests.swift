import NIOCore
import ParkSyncReports
import ParkSyncWire
import Testing

@testable import ParkSyncServer

/// Who hangs up while his request is looked at leaves errors behind that are nobody's fault.
@Suite struct ClosedConnectionTests {
    /// The handlers leave a connection that is closed, the one that knows the peer's certificate
    /// among them.
    @Test(arguments: [
        ChannelPipelineError.notFound as any Error, ChannelError.ioOnClosedChannel, ChannelError.inputClosed,
    ]) func isTold(
        _ error: any Error
    ) {
        let closed = ProblemDetails(error, path: WirePath.log, showsCause: false, isOpen: false)
        #expect(closed.code == "client-gone" && closed.status == 400 && !closed.remedy.isEmpty, "\(closed)")
        // On one that is open it is a defect, and told as such.
        let open = ProblemDetails(error, path: WirePath.log, showsCause: true)
        #expect(open.code == "internal-error" && open.status == 500, "\(open)")
    }
}
