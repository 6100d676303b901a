import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import ParkSyncReports
import ParkSyncWire

/// Figures for a monitoring system, and a sign of life.
struct MetricsRoutes: Sendable {
    let api: any NodeAPI

    func add(to router: NodeRouter) {
        router.answer(LocalPath.health, .get) { _, _ in try JSONBody.response(ProbeReport(.alive)) }
        router.answer(LocalPath.metrics, .get) { _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: try await api.metrics())))
        }
    }
}
