/// Where a link to a peer stands, with what belongs to that case alone.
enum LinkPhase: Sendable {
    case waiting(until: UInt64)
    /// Called, and not greeted yet.
    case connecting(PeerStream)
    case streaming(PeerStream)
    case paused
    /// The park was taken out of the zone: it is not called.
    case out

    /// The same without the stream, to be compared.
    enum Stage: Hashable, Sendable {
        case waiting(until: UInt64)
        case connecting, streaming, paused, out
    }

    @inline(__always)
    var stage: Stage {
        switch self {
        case .waiting(let until): .waiting(until: until)
        case .connecting: .connecting
        case .streaming: .streaming
        case .paused: .paused
        case .out: .out
        }
    }

    /// Nil while there is none.
    @inline(__always)
    var stream: PeerStream? {
        switch self {
        case .connecting(let stream), .streaming(let stream): stream
        case .waiting, .paused, .out: nil
        }
    }

    /// Changes the stream, if there is one. It is moved out of its case meanwhile: were it held
    /// twice, each change would copy what has come of a frame.
    ///
    /// - Returns: what `change` does; nil without a stream.
    @discardableResult
    mutating func change<Result>(_ change: (inout PeerStream) throws -> Result) rethrows -> Result? {
        switch self {
        case .connecting(var stream):
            self = .paused
            defer { self = .connecting(stream) }
            return try change(&stream)
        case .streaming(var stream):
            self = .paused
            defer { self = .streaming(stream) }
            return try change(&stream)
        case .waiting, .paused, .out: return nil
        }
    }

    /// The peer has answered the call.
    mutating func greet() { if case .connecting(let stream) = self { self = .streaming(stream) } }
}
