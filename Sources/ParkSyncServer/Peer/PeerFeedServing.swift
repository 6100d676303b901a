/// What the peer route needs: the log, served to one park over one response.
package protocol PeerFeedServing: Sendable {
    /// Answers one `LogRequest` and goes on until the task is cancelled or the feed is over.
    ///
    /// - Parameters:
    ///   - request: the encoded `LogRequest`.
    ///   - park: whom the connection was authenticated as.
    ///   - send: hands over whole frames in order; suspends while the connection is slower.
    /// - Throws: `ProblemDetails` before the first `send` if the request cannot be answered; it
    ///   becomes the HTTP answer. After the first `send` any error cuts the connection.
    func serve(request: [UInt8], from park: String, send: @escaping @Sendable ([UInt8]) async throws -> Void)
        async throws
}
