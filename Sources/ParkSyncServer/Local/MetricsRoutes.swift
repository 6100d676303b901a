import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import ParkSyncReports
import ParkSyncWire

/// Figures for a monitoring system, and a sign of life.
struct MetricsRoutes: Sendable {
    static let table: [LocalRoute<MetricsRoutes>] = [
        LocalRoute(.get, LocalPath.health, right: .watch, health),
        LocalRoute(.get, LocalPath.metrics, right: .watch, metrics),
    ]

    let api: any NodeAPI

    private func health(_ request: Request, _ context: NodeRequestContext) async throws -> Response {
        try JSONBody.response(ProbeReport(.alive))
    }

    private func metrics(_ request: Request, _ context: NodeRequestContext) async throws -> Response {
        Response(
            status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: try await api.metrics())))
    }
}
