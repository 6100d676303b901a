import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import ParkSyncReports
import ParkSyncWire

/// `POST /v1/queries`: the rows as lines of JSON, at the pace of the client.
struct QueryAnswer: Sendable {
    static let contentType = "application/x-ndjson"
    /// Lines are gathered until they have about this many bytes.
    static let chunkBytes = 32 << 10

    let api: any NodeAPI

    func respond(to request: Request, _ context: NodeRequestContext) async throws -> Response {
        var request = request
        let query = try await JSONBody.decode(QueryRequest.self, from: &request)
        try query.checkLimits()
        let producer = BodyProducer(endsAtShutdown: false) { [api] pipe in
            let lines = LineWriter(pipe)
            do {
                let rows = try await api.query(
                    query,
                    head: { try await lines.write(QueryHead(columns: $0)) },
                    row: { try await lines.write($0) })
                try await lines.write(QueryEnd(rows: rows))
            } catch {
                // Nothing was sent yet: the status can still tell of the error.
                guard await lines.hasSent else { throw error }
                try await lines.write(
                    QueryProblem(problem: ProblemDetails(error, path: LocalPath.queries, showsCause: true)))
            }
            try await lines.flush()
        }
        guard let first = try await producer.next() else { throw Problems.stopping }
        return StreamedResponse(
            headers: [.contentType: Self.contentType, .cacheControl: "no-store"], producer: producer, first: first,
            channel: context.channel, connection: .kept
        ).response()
    }
}

/// Gathers lines of JSON into chunks.
actor LineWriter {
    private let pipe: BodyPipe
    private let encoder = JSONBody.encoder()
    private var chunk = ByteBuffer()
    private(set) var hasSent = false

    init(_ pipe: BodyPipe) { self.pipe = pipe }

    func write(_ line: some Encodable) async throws {
        chunk.writeBytes(try encoder.encode(line))
        chunk.writeInteger(UInt8(ascii: "\n"))
        if chunk.readableBytes >= QueryAnswer.chunkBytes { try await flush() }
    }

    func flush() async throws {
        guard chunk.readableBytes > 0 else { return }
        let full = chunk
        chunk = ByteBuffer()
        hasSent = true
        try await pipe.push(full)
    }
}
