import CCurl
import Foundation

/// A running transfer and its curl handle. Lives on the loop's thread only; libcurl calls it back
/// through its address.
final class EasyTransfer {
    /// How often an idle connection is probed, so that a peer that has lost its power is noticed.
    private static let keepAliveSeconds = 15
    private static let readBufferBytes = 64 << 10
    private static let encoding = "zstd"

    let id: UInt64
    let handle: UnsafeMutableRawPointer
    private let request: TransferRequest
    private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    private var headers: UnsafeMutablePointer<curl_slist>?
    private var targets: UnsafeMutablePointer<curl_slist>?
    private var head: ResponseHead?
    private var hasWholeHead = false
    private var isPaused = false
    private var isMisnamed = false
    /// Whether this side has said meanwhile that nothing more is to come for the time being, or at
    /// all.
    private let isStopWanted: () -> Bool
    private var decoder: ZstdDecoder?
    /// Why the bytes cannot be decompressed.
    private var damage: String?
    /// The taker wants no more.
    private var isRefused = false
    /// How the transfer ended while decompressed bytes were still to be handed over.
    var ended: CURLcode?

    /// - Throws: `TransferFailure` if curl refuses an option.
    init(id: UInt64, _ request: TransferRequest, isStopWanted: @escaping () -> Bool) throws {
        guard let handle = curl_easy_init() else {
            errorText.deallocate()
            throw TransferFailure(code: CURLE_OUT_OF_MEMORY.rawValue, text: "curl made no handle")
        }
        (self.id, self.handle, self.request, self.isStopWanted) = (id, handle, request, isStopWanted)
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        try setUp()
    }

    deinit {
        curl_easy_cleanup(handle)
        curl_slist_free_all(headers)
        curl_slist_free_all(targets)
        errorText.deallocate()
    }

    // MARK: options

    private func setUp() throws {
        try set(CURLOPT_URL, request.url)
        try set(CURLOPT_NOSIGNAL, 1)
        try set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
        try set(CURLOPT_PROTOCOLS_STR, "http,https")
        try set(CURLOPT_FOLLOWLOCATION, 0)
        // The empty text overrules the environment's http_proxy; NOPROXY alone would not be enough
        // for all variables.
        try set(CURLOPT_PROXY, "")
        try set(CURLOPT_NOPROXY, "*")
        try set(CURLOPT_TCP_NODELAY, 1)
        try set(CURLOPT_TCP_KEEPALIVE, 1)
        try set(CURLOPT_TCP_KEEPIDLE, Self.keepAliveSeconds)
        try set(CURLOPT_TCP_KEEPINTVL, Self.keepAliveSeconds)
        try set(CURLOPT_BUFFERSIZE, Self.readBufferBytes)
        try set(CURLOPT_CONNECTTIMEOUT_MS, request.connectMillisecondsMax)
        try set(CURLOPT_TIMEOUT_MS, request.totalMillisecondsMax ?? 0)
        if let seconds = request.silenceSecondsMax {
            try set(CURLOPT_LOW_SPEED_LIMIT, 1)
            try set(CURLOPT_LOW_SPEED_TIME, seconds)
        }
        if let path = request.unixSocketPath { try set(CURLOPT_UNIX_SOCKET_PATH, path) }
        try check(ccurl_set_pointer(handle, CURLOPT_ERRORBUFFER, errorText))
        try setUpSecurity()
        try setUpBody()
        try setUpCallbacks()
    }

    private func setUpSecurity() throws {
        try set(CURLOPT_SSL_VERIFYPEER, 1)
        try set(CURLOPT_SSL_VERIFYHOST, 2)
        try set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_3)
        // Distributions build a folder of public authorities in; it would count besides CAINFO.
        try set(CURLOPT_CAPATH, nil)
        // Else a changed authority file would take effect a day later.
        try set(CURLOPT_CA_CACHE_TIMEOUT, 0)
        if let tls = request.tls {
            try set(CURLOPT_CAINFO, tls.authority)
            try set(CURLOPT_SSLCERT, tls.certificate)
            try set(CURLOPT_SSLKEY, tls.key)
            // For `hasOneName`.
            try set(CURLOPT_CERTINFO, 1)
        }
        if let target = request.connectTo {
            targets = try appending(target, to: targets)
            try check(ccurl_set_list(handle, CURLOPT_CONNECT_TO, targets))
        }
    }

    private func setUpBody() throws {
        if let body = request.body {
            try set(CURLOPT_POST, 1)
            try check(ccurl_set_offset(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)))
            var bytes = body.isEmpty ? [0] : body
            try check(
                bytes.withUnsafeMutableBytes { ccurl_set_pointer(handle, CURLOPT_COPYPOSTFIELDS, $0.baseAddress) })
        }
        try set(CURLOPT_CUSTOMREQUEST, request.method)
        // A body that waits for "100 Continue" would cost a round trip.
        headers = try appending("Expect:", to: headers)
        // Not by CURLOPT_ACCEPT_ENCODING: curl would hand over all that a piece decompresses to,
        // before it can be told to wait.
        headers = try appending("Accept-Encoding: \(Self.encoding)", to: headers)
        for line in request.headers { headers = try appending(line, to: headers) }
        try check(ccurl_set_list(handle, CURLOPT_HTTPHEADER, headers))
    }

    private func setUpCallbacks() throws {
        let address = Unmanaged.passUnretained(self).toOpaque()
        try check(ccurl_set_pointer(handle, CURLOPT_WRITEDATA, address))
        try check(ccurl_set_pointer(handle, CURLOPT_HEADERDATA, address))
        try check(
            ccurl_set_data_callback(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
                guard let context else { return 0 }
                let transfer = Unmanaged<EasyTransfer>.fromOpaque(context).takeUnretainedValue()
                return transfer.receive(UnsafeRawBufferPointer(start: bytes, count: size * count))
            })
        try check(
            ccurl_set_data_callback(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
                guard let context else { return 0 }
                let transfer = Unmanaged<EasyTransfer>.fromOpaque(context).takeUnretainedValue()
                return transfer.receiveHeader(UnsafeRawBufferPointer(start: bytes, count: size * count))
            })
    }

    private func set(_ option: CURLoption, _ value: Int) throws { try check(ccurl_set_long(handle, option, value)) }
    private func set(_ option: CURLoption, _ value: String?) throws {
        try check(ccurl_set_string(handle, option, value))
    }

    private func check(_ code: CURLcode) throws {
        guard code == CURLE_OK else { throw failure(code) }
    }

    private func appending(_ line: String, to list: UnsafeMutablePointer<curl_slist>?) throws -> UnsafeMutablePointer<
        curl_slist
    > {
        guard let longer = curl_slist_append(list, line) else { throw failure(CURLE_OUT_OF_MEMORY) }
        return longer
    }

    // MARK: answer

    private func receive(_ bytes: UnsafeRawBufferPointer) -> Int {
        // Any other number than the count ends the transfer.
        if isBroken { return bytes.count &+ 1 }
        // A pause that came before the transfer began is forgotten by curl. It keeps these bytes
        // and hands them over again.
        if isPaused || decoder?.isBusy == true || isStopWanted() { return Int(CURL_WRITEFUNC_PAUSE) }
        guard let decoder else { return request.onBytes(Array(bytes)) ? bytes.count : bytes.count &+ 1 }
        decoder.add(bytes)
        deliver()
        return isBroken ? bytes.count &+ 1 : bytes.count
    }

    /// Hands over what was received, in pieces, until it is all or nothing more is wanted for the
    /// time being.
    private func deliver() {
        while !isBroken, !isPaused, !isStopWanted() {
            do {
                guard let piece = try decoder?.next() else { return }
                isRefused = !request.onBytes(piece)
            } catch { damage = "\(error)" }
        }
    }

    /// Whether nothing of what comes can be used any more.
    var isBroken: Bool { damage != nil || isRefused }
    /// Whether received bytes are still to be handed over.
    var isBusy: Bool { !isBroken && decoder?.isBusy == true }

    /// - Returns: false for an encoding that was not asked for.
    private func decode(_ encoding: String?) -> Bool {
        switch encoding?.lowercased() {
        case nil, "", "identity": return true
        case Self.encoding:
            do { decoder = try ZstdDecoder() } catch { damage = "\(error)" }
            return damage == nil
        case let other?:
            damage = "the answer has the encoding \(other), which was not asked for"
            return false
        }
    }

    private func receiveHeader(_ bytes: UnsafeRawBufferPointer) -> Int {
        // Trailers of a chunked body come here as well.
        if hasWholeHead { return bytes.count }
        let line = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        if line.hasPrefix("HTTP/") {
            // Nothing that the other end says is taken before this.
            guard request.tls == nil || hasOneName() else {
                isMisnamed = true
                return 0
            }
            let words = line.split(separator: " ")
            head = ResponseHead(status: words.count > 1 ? Int(words[1]) ?? 0 : 0)
        } else if line.isEmpty {
            // 1xx only announces the answer.
            if let head, head.status >= 200 {
                hasWholeHead = true
                guard decode(head.fields["content-encoding"]) else { return 0 }
                request.onHead(head)
            }
        } else if let colon = line.firstIndex(of: ":") {
            let name = line[..<colon].lowercased()
            if ResponseHead.keptFields.contains(name) {
                head?.fields[name] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            }
        }
        return bytes.count
    }

    // MARK: control

    func setPaused(_ paused: Bool) {
        guard paused != isPaused else { return }
        isPaused = paused
        if !paused { deliver() }
        guard ended == nil else { return }
        // Resuming may call `receive` at once, with bytes that were kept.
        curl_easy_pause(handle, paused ? Int32(CURLPAUSE_RECV) : Int32(CURLPAUSE_CONT))
    }

    func end(_ code: CURLcode) { request.onEnd(code == CURLE_OK ? .finished : .failed(failure(code))) }
    func endCancelled() { request.onEnd(.cancelled) }

    /// Whether the certificate at the other end has the name of the URL's host and no other park's.
    ///
    /// curl has checked that some name fits, and takes the subject's common name where there are no
    /// others (RFC 6125, section 6.4.4).
    private func hasOneName() -> Bool {
        var connects = 0
        guard ccurl_get_long(handle, CURLINFO_NUM_CONNECTS, &connects) == CURLE_OK else { return false }
        // A connection that is used again was looked at when it was new.
        if connects == 0 { return true }
        var pointer: UnsafeMutableRawPointer?
        guard ccurl_get_pointer(handle, CURLINFO_CERTINFO, &pointer) == CURLE_OK,
            let certificates = pointer?.assumingMemoryBound(to: curl_certinfo.self).pointee,
            certificates.num_of_certs > 0,
            let host = URL(string: request.url)?.host
        else { return false }
        return PeerAddress.names(in: Self.lines(certificates.certinfo[0])) == [host]
    }

    private static func lines(_ list: UnsafeMutablePointer<curl_slist>?) -> [String] {
        var (next, lines) = (list, [String]())
        while let entry = next {
            lines.append(String(cString: entry.pointee.data))
            next = entry.pointee.next
        }
        return lines
    }

    private func failure(_ code: CURLcode) -> TransferFailure {
        if isMisnamed {
            return TransferFailure(
                code: CURLE_PEER_FAILED_VERIFICATION.rawValue, text: "its certificate has not exactly the one name",
                wasConnected: true)
        }
        if let damage {
            return TransferFailure(code: CURLE_BAD_CONTENT_ENCODING.rawValue, text: damage, wasConnected: true)
        }
        let detail = String(cString: errorText)
        let general = String(cString: curl_easy_strerror(code))
        var systemError = 0
        ccurl_get_long(handle, CURLINFO_OS_ERRNO, &systemError)
        var handshakeSeconds = 0.0
        let isEncrypted = request.url.hasPrefix("https:")
        ccurl_get_double(handle, isEncrypted ? CURLINFO_APPCONNECT_TIME : CURLINFO_CONNECT_TIME, &handshakeSeconds)
        return TransferFailure(
            code: code.rawValue, text: detail.isEmpty || detail == general ? general : "\(general) (\(detail))",
            systemError: Int32(truncatingIfNeeded: systemError), wasConnected: handshakeSeconds > 0)
    }
}

extension TransferFailure: Error {}
