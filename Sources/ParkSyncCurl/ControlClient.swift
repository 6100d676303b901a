import CCurl
import Foundation
import ParkSyncReports
import Synchronization

/// Where a node's local API is.
package enum ControlAddress: Hashable, Sendable, CustomStringConvertible {
    case socket(path: String)
    /// As in `http://127.0.0.1:7600`; the node answers next to nothing there without a token.
    case url(String, token: String? = nil)

    package var description: String {
        switch self {
        case .socket(let path): path
        case .url(let url, _): url
        }
    }
}

/// A request to a node that got no answer from it: why, and the remedy. What a node answers is
/// `ProblemDetails`.
package struct ControlFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package var reason: String
    package var remedy: String
    /// Whether the node may have received the request, and acted upon it.
    package var mayHaveArrived: Bool

    package init(reason: String, remedy: String, mayHaveArrived: Bool = false) {
        self.reason = reason
        self.remedy = remedy
        self.mayHaveArrived = mayHaveArrived
    }

    /// Reasons that come from the system may have their full stop already.
    package var description: String { "\(reason)\(reason.hasSuffix(".") ? "" : ".") \(remedy)" }
}

/// Calls a node's local API.
package final class ControlClient: Sendable {
    package static let connectMillisecondsMax = 5_000
    /// A node that is stopped or hangs still takes connections; without a limit its callers would
    /// hang with it.
    package static let answerMillisecondsMax = 60_000
    /// How much of an answer that is not streamed is taken.
    package static let answerBytesMax = 256 << 20

    let address: ControlAddress
    let loop: CurlLoop

    package init(_ address: ControlAddress, loop: CurlLoop) {
        self.address = address
        self.loop = loop
    }

    // MARK: whole answers

    /// - Parameter within: milliseconds for the whole answer; nil for no limit.
    /// - Throws: `ProblemDetails` from the node, `ControlFailure` if there is no answer.
    package func get<Answer: Decodable>(
        _ path: String, _ parameters: [(String, String)] = [], within: Int? = answerMillisecondsMax,
        as type: Answer.Type = Answer.self
    ) async throws -> Answer {
        try decode(await send("GET", path, parameters, within: within), from: path)
    }

    package func post<Answer: Decodable>(
        _ path: String, _ body: (some Encodable)?, within: Int? = answerMillisecondsMax,
        as type: Answer.Type = Answer.self
    ) async throws -> Answer {
        try decode(
            await send("POST", path, body: try body.map { Array(try JSONEncoder().encode($0)) } ?? [], within: within),
            from: path)
    }

    private func decode<Answer: Decodable>(_ bytes: [UInt8], from path: String) throws -> Answer {
        do { return try JSONCoding.decode(Answer.self, from: bytes, bytesMax: Self.answerBytesMax) } catch {
            throw ControlFailure(
                reason: "\(address) answered \(path) with something else than expected: \(error)",
                remedy: "Use the syncctl of the node's version.")
        }
    }

    /// - Parameters:
    ///   - body: nil for a request without one.
    ///   - within: milliseconds for the whole answer; nil for no limit.
    /// - Returns: the body of a 2xx answer.
    package func send(
        _ method: String, _ path: String, _ parameters: [(String, String)] = [], body: [UInt8]? = nil,
        within: Int? = answerMillisecondsMax
    ) async throws -> [UInt8] {
        let answer = Mutex(Answer())
        var request = request(method, path, parameters, body)
        request.totalMillisecondsMax = within
        request.onHead = { head in answer.withLock { $0.head = head } }
        request.onBytes = { bytes in
            answer.withLock { answer in
                guard answer.body.count + bytes.count <= Self.answerBytesMax else {
                    answer.isTooLong = true
                    return false
                }
                answer.body += bytes
                return true
            }
        }
        let transfer = TaskTransfer(loop)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                request.onEnd = { [address] end in
                    continuation.resume(
                        with: Result { try answer.withLock { try $0.result(end, address: address, within: within) } })
                }
                transfer.start(request)
            }
        } onCancel: {
            transfer.cancel()
        }
    }

    // MARK: streamed answers

    /// The lines of an answer as they come. Reading them slowly slows the node down; leaving off
    /// reading ends the request.
    package func lines(_ method: String, _ path: String, _ parameters: [(String, String)] = [], body: [UInt8]? = nil)
        -> ControlLines
    {
        let lines = ControlLines(address: address, loop: loop)
        var request = request(method, path, parameters, body)
        // Weak: a reader that leaves off releases the lines, and with them ends the request.
        request.onHead = { [weak lines] in lines?.head($0) }
        request.onBytes = { [weak lines] in lines?.bytes($0) ?? false }
        request.onEnd = { [weak lines] in lines?.end($0) }
        lines.start(request)
        return lines
    }

    func request(_ method: String, _ path: String, _ parameters: [(String, String)], _ body: [UInt8]?)
        -> TransferRequest
    {
        let query = parameters.map { "\(Self.escaped($0))=\(Self.escaped($1))" }.joined(separator: "&")
        let target = path + (query.isEmpty ? "" : "?" + query)
        var request = TransferRequest(
            method: method, url: "http://localhost" + target,
            headers: body?.isEmpty == false ? ["Content-Type: application/json"] : [], body: body,
            connectMillisecondsMax: Self.connectMillisecondsMax, onHead: { _ in }, onBytes: { _ in true },
            onEnd: { _ in })
        switch address {
        case .socket(let path): request.unixSocketPath = path
        case .url(let base, let token):
            request.url = (base.hasSuffix("/") ? String(base.dropLast()) : base) + target
            if let token { request.headers.append("Authorization: Bearer \(token)") }
        }
        return request
    }

    private static let unreserved = CharacterSet(
        charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
    private static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
    }
}

/// An answer while it is read.
struct Answer: Sendable {
    var head: ResponseHead?
    var body: [UInt8] = []
    /// More came than is kept; the transfer was ended from this side.
    var isTooLong = false

    func result(_ end: TransferEnd, address: ControlAddress, within: Int? = nil) throws -> [UInt8] {
        if isTooLong {
            throw ControlFailure(
                reason: "\(address) answered with more than is taken", remedy: "Ask for less at a time.",
                mayHaveArrived: true)
        }
        if case .failed(let failure) = end { throw Self.failure(failure, address, within) }
        guard case .finished = end, let head else {
            throw ControlFailure(
                reason: "the request to \(address) was given up", remedy: "Ask again.", mayHaveArrived: true)
        }
        guard !(200...299).contains(head.status) else { return body }
        if head.mediaType == ProblemDetails.contentType,
            let problem = try? JSONCoding.decode(ProblemDetails.self, from: body)
        {
            throw problem
        }
        throw ControlFailure(
            reason: "\(address) answered with HTTP status \(head.status)",
            remedy: "Check that this is the local API of a ParkSync node.")
    }

    static func failure(_ failure: TransferFailure, _ address: ControlAddress, _ within: Int?) -> ControlFailure {
        let isLate = failure.code == CURLE_OPERATION_TIMEDOUT.rawValue
        // A connection that is used again counts as not made anew, so the time limit is looked at
        // first.
        if isLate, let within, within > ControlClient.connectMillisecondsMax || failure.wasConnected {
            return ControlFailure(
                reason: "\(address) did not answer within \(Double(within) / 1_000) seconds",
                remedy: "The node is overloaded or hangs; see its log.", mayHaveArrived: true)
        }
        if failure.wasConnected {
            return ControlFailure(
                reason: "the answer of \(address) broke off: \(failure.text)", remedy: "Ask again.",
                mayHaveArrived: true)
        }
        return unreachable(failure, address)
    }

    private static func unreachable(_ failure: TransferFailure, _ address: ControlAddress) -> ControlFailure {
        let reason = failure.systemError == 0 ? failure.text : PeerFailures.systemText(failure.systemError)
        let remedy =
            switch failure.systemError {
            case ENOENT: "No daemon has made this socket: start parksyncd, or correct the path."
            case ECONNREFUSED: "Its parksyncd is not running: start it."
            case EACCES, EPERM: "Run the command as a member of the socket's group."
            default: "Check that its parksyncd runs and that the address is its own."
            }
        // Not sure for a connection that was used again and broke.
        let isCertain = [CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST, CURLE_URL_MALFORMAT].map(\.rawValue)
            .contains(failure.code)
        return ControlFailure(
            reason: "no node answers at \(address): \(reason)", remedy: remedy, mayHaveArrived: !isCertain)
    }
}
