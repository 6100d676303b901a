import Foundation
import ParkSyncWire

/// Where a node's local API is.
package enum ControlAddress: Hashable, Sendable, CustomStringConvertible {
    case socket(path: String)
    /// As in `http://127.0.0.1:7600`.
    case url(String)

    package var description: String {
        switch self {
        case .socket(let path): path
        case .url(let url): url
        }
    }
}

/// A request to a node that got no answer from it: why, and the remedy. What a node answers is `ProblemDetails`.
package struct ControlFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package var reason: String
    package var remedy: String

    package init(reason: String, remedy: String) {
        self.reason = reason
        self.remedy = remedy
    }

    package var description: String { "\(reason). \(remedy)" }
}

/// Calls a node's local API.
package final class ControlClient: Sendable {
    package static let connectMillisecondsMax = 5_000
    /// How much of an answer that is not streamed is taken.
    package static let answerBytesMax = 256 << 20

    private let address: ControlAddress
    private let loop: CurlLoop

    package init(_ address: ControlAddress, loop: CurlLoop) {
        self.address = address
        self.loop = loop
    }

    // MARK: whole answers

    /// - Throws: `ProblemDetails` from the node, `ControlFailure` if there is no answer.
    package func get<Answer: Decodable>(_ path: String, _ parameters: [(String, String)] = [], as type: Answer.Type = Answer.self) async throws
        -> Answer
    {
        try decode(await send("GET", path, parameters), from: path)
    }

    package func post<Answer: Decodable>(_ path: String, _ body: (some Encodable)?, as type: Answer.Type = Answer.self) async throws -> Answer {
        try decode(await send("POST", path, body: try body.map { Array(try JSONEncoder().encode($0)) } ?? []), from: path)
    }

    private func decode<Answer: Decodable>(_ bytes: [UInt8], from path: String) throws -> Answer {
        do { return try JSONDecoder().decode(Answer.self, from: Data(bytes)) } catch {
            throw ControlFailure(
                reason: "\(address) answered \(path) with something else than expected: \(error)", remedy: "Use the syncctl of the node's version.")
        }
    }

    /// - Parameter body: nil for a request without one.
    /// - Returns: the body of a 2xx answer.
    package func send(_ method: String, _ path: String, _ parameters: [(String, String)] = [], body: [UInt8]? = nil) async throws -> [UInt8] {
        let answer = Locked(Answer())
        return try await withCheckedThrowingContinuation { continuation in
            var request = request(method, path, parameters, body)
            request.onHead = { head in answer.with { $0.head = head } }
            request.onBytes = { bytes in
                answer.with { answer in
                    answer.body += bytes
                    return answer.body.count <= Self.answerBytesMax
                }
            }
            request.onEnd = { [address] end in
                continuation.resume(with: Result { try answer.with { try $0.result(end, address: address) } })
            }
            _ = loop.start(request)
        }
    }

    // MARK: streamed answers

    /// The lines of an answer as they come. Reading them slowly slows the node down; leaving off reading ends the request.
    package func lines(_ method: String, _ path: String, _ parameters: [(String, String)] = [], body: [UInt8]? = nil) -> ControlLines {
        let lines = ControlLines(address: address, loop: loop)
        var request = request(method, path, parameters, body)
        // Weak: a reader that leaves off releases the lines, and with them ends the request.
        request.onHead = { [weak lines] in lines?.head($0) }
        request.onBytes = { [weak lines] in lines?.bytes($0) ?? false }
        request.onEnd = { [weak lines] in lines?.end($0) }
        lines.start(request)
        return lines
    }

    private func request(_ method: String, _ path: String, _ parameters: [(String, String)], _ body: [UInt8]?) -> TransferRequest {
        let query = parameters.map { "\(Self.escaped($0))=\(Self.escaped($1))" }.joined(separator: "&")
        let target = path + (query.isEmpty ? "" : "?" + query)
        var request = TransferRequest(
            method: method, url: "http://localhost" + target, headers: body?.isEmpty == false ? ["Content-Type: application/json"] : [], body: body,
            connectMillisecondsMax: Self.connectMillisecondsMax, onHead: { _ in }, onBytes: { _ in true }, onEnd: { _ in })
        switch address {
        case .socket(let path): request.unixSocketPath = path
        case .url(let base): request.url = (base.hasSuffix("/") ? String(base.dropLast()) : base) + target
        }
        return request
    }

    private static let unreserved = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
    private static func escaped(_ text: String) -> String { text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? "" }
}

/// An answer while it is read.
struct Answer: Sendable {
    var head: ResponseHead?
    var body: [UInt8] = []

    func result(_ end: TransferEnd, address: ControlAddress) throws -> [UInt8] {
        if case .failed(let failure) = end { throw Self.failure(failure, address) }
        guard case .finished = end, let head else { throw ControlFailure(reason: "the request to \(address) was given up", remedy: "Ask again.") }
        guard !(200...299).contains(head.status) else { return body }
        if head.mediaType == ProblemDetails.contentType, let problem = try? JSONDecoder().decode(ProblemDetails.self, from: Data(body)) {
            throw problem
        }
        throw ControlFailure(
            reason: "\(address) answered with HTTP status \(head.status)", remedy: "Check that this is the local API of a ParkSync node.")
    }

    static func failure(_ failure: TransferFailure, _ address: ControlAddress) -> ControlFailure {
        if failure.wasConnected { return ControlFailure(reason: "the answer of \(address) broke off: \(failure.text)", remedy: "Ask again.") }
        let reason = failure.systemError == 0 ? failure.text : PeerFailures.systemText(failure.systemError)
        return ControlFailure(
            reason: "no node answers at \(address): \(reason)",
            remedy: "Check that its parksyncd runs, that the address is its own, and that you may open it.")
    }
}
