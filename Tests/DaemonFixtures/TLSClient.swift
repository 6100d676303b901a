import Foundation

/// A program with a park's certificate that keeps one connection to South.
package final class TLSClient: Sendable {
    private static let program = """
        import socket, ssl, sys
        context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=sys.argv[3])
        context.load_cert_chain(sys.argv[1], sys.argv[2])
        context.maximum_version = ssl.TLSVersion[sys.argv[5]]
        session = None
        def say(word): print(word, flush=True)
        def connect():
            raw = socket.create_connection(('127.0.0.1', int(sys.argv[4])), timeout=300)
            return context.wrap_socket(raw, server_hostname='south.parksync', session=session)
        try:
            stream = connect()
            say('open')
        except OSError:
            say('refused')
            sys.exit()
        for line in sys.stdin:
            try:
                if line == 'again\\n':
                    stream.close()
                    try:
                        stream = connect()
                        say('resumed' if stream.session_reused else 'full')
                    except OSError: say('refused')
                    continue
                if line == 'ask\\n':
                    stream.sendall(b'GET /nothing HTTP/1.1\\r\\nHost: south\\r\\nContent-Length: 0\\r\\n\\r\\n')
                    got = stream.recv(65536)
                    # The tickets come with the first bytes.
                    if got: session = stream.session
                    say('answered' if got else 'closed')
                    continue
                if line.startswith('log '):
                    head = 'POST /sync/v1/log HTTP/1.1\\r\\nHost: south\\r\\nParkSync-Park: %s\\r\\nContent-Length: \
                    0\\r\\n\\r\\n'
                    stream.sendall((head % line.split()[1]).encode())
                    say((stream.recv(65536).split() + [b'', b'closed'])[1].decode())
                    continue
                while stream.recv(65536): pass
                say('closed')
            except OSError: say('closed')
        """

    private let process: TestProcess
    private let pipes = TestPipes()

    /// - Parameters:
    ///   - certificate: beside its key with the ending `.key`; nil for the park's own.
    ///   - newest: the version of TLS that it speaks at most.
    package init(of park: String, in zone: TestZone, port: Int, certificate: URL? = nil, newest: String = "TLSv1_3")
        throws
    {
        let certificate = certificate ?? zone.file(park, "node.crt")
        let key = certificate.deletingPathExtension().appendingPathExtension("key")
        let arguments = [
            "python3", "-c", Self.program, certificate.path, key.path, zone.file(park, "zone-ca.crt").path, "\(port)",
            newest,
        ]
        process = try TestProcess("/usr/bin/env", arguments, prepare: pipes.attach)
    }

    // This process may ignore SIGTERM, and then its children do.
    deinit { process.signal(SIGKILL) }

    /// The next word.
    package func said() async throws -> String { try await pipes.line() }

    package func answer(to word: String) async throws -> String {
        try pipes.write(word + "\n")
        return try await said()
    }
}
