import DaemonFixtures
import Foundation
import ParkSyncReports
import Testing

/// Who may keep connections of the peer interface open, and for how long.
@Suite(.serialized, .endsInTime) struct PeerConnectionTests {
    @Test func silentConnectionsKeepNoParkOut() async throws {
        let zone = try await TestZone(["south", "west"])
        try await zone.start("south")
        // More than the listener takes at a time, if nobody gave way.
        let silent = try (0..<300).map { _ in try RawHTTPConnection(port: zone.port("south")) }
        try await zone.start("west")
        try await zone.transact(
            "west", "INSERT INTO organisation (id, kind, name_zh) VALUES ('west:organisation:1', 'enterprise', '光')")
        _ = try await zone.agree(covering: "west:1")
        let told = try await zone.wait("the refusal of silent connections") {
            zone.log("south")
        } until: {
            $0.contains("event=stranger.refused address=127.0.0.1") && $0.contains("no TLS handshake within")
        }
        #expect(!told.isEmpty)
        for connection in silent { connection.close() }
        #expect(await zone.stopAll() == [0, 0])
    }

    @Test func anotherParksCertificateIsRefusedAtTheStart() async throws {
        let zone = try await TestZone(["south", "west"])
        for name in ["node.crt", "node.key"] {
            try Data(contentsOf: zone.file("south", name)).write(to: zone.file("west", name))
        }
        let run = try await TestProcess.run("parksyncd", ["run", "--config", zone.file("west", "parksyncd.yaml").path])
        #expect(run.status == 64 && run.output.contains("is for the park south, and this node is west's"), "\(run)")
    }

    /// A program in west's place that has a certificate of the zone's authority: what it is called
    /// decides.
    private static let server = """
        import socket, ssl, sys, threading
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1], sys.argv[2])
        context.maximum_version = ssl.TLSVersion[sys.argv[4]]
        listener = socket.create_server(('127.0.0.1', int(sys.argv[3])))
        def serve(connection):
            try:
                with context.wrap_socket(connection, server_side=True) as stream:
                    stream.recv(65536)
                    stream.sendall(b'HTTP/1.1 403 Forbidden\\r\\nContent-Length: 0\\r\\n\\r\\n')
                    stream.recv(65536)
            except OSError: pass
        while True: threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
        """

    private static let oddNames = [
        "subjectAltName=DNS:west.parksync,DNS:airport.parksync", "basicConstraints=CA:false",
        "subjectAltName=DNS:west.example",
    ]

    /// A certificate of the zone's authority that says in its subject that it is West's.
    private static func oddCertificate(_ extension_: String, in zone: TestZone) async throws -> URL {
        let folder = zone.folder
        try Data((extension_ + "\n").utf8).write(to: folder.appendingPathComponent("extensions"))
        let commands = [
            """
            openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout odd.key -out odd.csr -subj \
            /CN=west.parksync
            """,
            "openssl x509 -req -in odd.csr -CA zone-ca.crt -CAkey zone-ca.key -days 2 -extfile extensions -out odd.crt",
        ]
        for command in commands {
            let made = try await Self.shell(command, in: folder)
            #expect(made == 0, "\(command)")
        }
        return folder.appendingPathComponent("odd.crt")
    }

    /// Runs South while such a program is in West's place, until the link has failed for a cause.
    /// Returns what South says.
    private static func failure(
        _ zone: TestZone, certificate: URL, newest version: String = "TLSv1_3", _ cause: String
    ) async throws -> String {
        let folder = zone.folder
        try Data(Self.server.utf8).write(to: folder.appendingPathComponent("server.py"))
        let (key, port) = (certificate.deletingPathExtension().appendingPathExtension("key"), try ReservedPort())
        let arguments = ["python3", "server.py", certificate.path, key.path, "\(port.number)", version]
        let server = try TestProcess(
            "/usr/bin/env", arguments, folder: folder, output: folder.appendingPathComponent("server.log"))
        // This process may ignore SIGTERM, and then its children do.
        defer { server.signal(SIGKILL) }
        try await zone.start("south", environment: ["PARKSYNC_MEMBERS_WEST_URL": "https://127.0.0.1:\(port.number)"])
        let seen = try await zone.wait("the failure of the link") {
            try await zone.status("south").peers.first?.lastError ?? ""
        } until: {
            $0.contains(cause)
        }
        #expect(await zone.stopAll() == [0])
        return seen
    }

    @Test(arguments: oddNames) func aCertificateWithAnyOtherNamesIsNotTaken(_ names: String) async throws {
        let zone = try await TestZone(["south", "west"])
        let certificate = try await Self.oddCertificate(names, in: zone)
        let said = try await Self.failure(zone, certificate: certificate, "did not prove to be west.parksync")
        #expect(said.contains("not exactly the one name") || names.hasSuffix("example"), "\(said)")
    }

    /// The same certificates at a client, whatever park it says to be.
    @Test(arguments: oddNames) func aClientWithAnyOtherNamesIsNotTaken(_ names: String) async throws {
        let zone = try await TestZone(["south", "west", "airport"])
        let certificate = try await Self.oddCertificate(names, in: zone)
        try await zone.start("south")
        for park in ["west", "airport"] {
            let client = try TLSClient(of: "west", in: zone, port: zone.port("south"), certificate: certificate)
            #expect(try await client.said() == "open")
            #expect(try await client.answer(to: "log \(park)") == "403")
            let told = try await zone.wait("the refusal of \(park)") {
                zone.log("south")
            } until: {
                $0.contains("event=peer.refused address=127.0.0.1 park=\(park) code=peer-identity")
            }
            #expect(!told.isEmpty)
        }
        // West itself is heard: what it asks is nothing that a node would ask.
        let west = try TLSClient(of: "west", in: zone, port: zone.port("south"))
        #expect(try await west.said() == "open")
        #expect(try await west.answer(to: "log west") == "400")
        #expect(await zone.stopAll() == [0])
    }

    @Test(arguments: [("TLSv1_2", "protocol version"), ("TLSv1_3", "HTTP status 403")])
    func aPeerSpeaksTLS13(_ version: String, _ cause: String) async throws {
        let zone = try await TestZone(["south", "west"])
        _ = try await Self.failure(zone, certificate: zone.file("west", "node.crt"), newest: version, cause)
    }

    private static func shell(_ command: String, in folder: URL) async throws -> Int32 {
        try await TestProcess.run("/bin/sh", ["-c", command], folder: folder).status
    }
}
