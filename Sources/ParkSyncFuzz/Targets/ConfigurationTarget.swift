import ParkSyncCore
import ParkSyncNode
import ParkSyncServer
import ParkSyncServer

/// The file that a node is started with.
enum ConfigurationTarget {
    static let all = [FuzzTarget("configuration", seeds: { texts.map { Array($0.utf8) } }, run: run)]

    /// What is beside it is not there.
    private static let file = "/nonexistent/parksync/west.yaml"

    private static let texts = [
        """
        park: west
        state: state
        identity: west.key
        local: {socket: west.sock, http: "", http_token_file: west.token}
        peer:
          listen: "[::1]:7701"
          plain_http: true
        metrics:
          listen: localhost:7790
        parks: [south, west]
        members:
          south: {url: "http://127.0.0.1:7700", public_key: I8aH18fykxcYfmilGpHNvj8CfkZpVBWX6wZh9EJ1miM=}
          west: &west
            url: http://127.0.0.1:7701
            public_key: sQd2x4yrJ8vP7ymrtQ+96TumJ8MneDa8JIMom59r+28=
        schema: ./schema
        arbiter: no
        log: {level: debug, slow_milliseconds: 250}
        recovery: {wait_seconds: 5, accept_loss: true, accept_without_peers: "yes"}
        retention: {interval_seconds: 60, auto_compact: true}
        archive: {keep_entries: 100, keep_days: 7}
        snapshot: {from: south, entries_min: 1000}
        """,
        """
        # The least that a node needs.
        park: 'bio-city'
        state: /var/lib/parksync
        identity: "\\x2fetc/parksync/key"
        local:
          socket: |-
            /run/parksync/control.sock
        parks:
        - bio-city
        members:
          ? bio-city
          : url: https://bio-city.parks.example:7700
            public_key: elyqREo0hXIf/NbJoaWq6bg5imrCy1GjGxdszblnZ4g=
        """,
    ]

    private static func run(_ bytes: [UInt8]) throws {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw DecodingFailure("no UTF-8", at: 0) }
        let configuration = try NodeConfiguration(yaml: text, file: file)
        let parks = configuration.members.map(\.park)
        try hold(
            "its parks are not sorted, or one is there twice", zip(parks, parks.dropFirst()).allSatisfy { $0 < $1 })
        try hold("its own park is not among them", parks.contains(configuration.park.name))
        try hold(
            "a key has another length",
            configuration.members.allSatisfy { $0.publicKey.count == keyBytes && !$0.url.isEmpty })
        try hold("it listens nowhere", configuration.socketPath != nil || configuration.localHTTP != nil)
        try hold("it is looked after without a pause", configuration.retentionIntervalMilliseconds >= 1_000)
        let ports = [configuration.localHTTP?.address, configuration.peerListen, configuration.metricsListen].compactMap
        { $0?.port }
        try hold("a port is none", ports.allSatisfy { (0...Int(UInt16.max)).contains($0) })
        let paths =
            [configuration.statePath, configuration.identityPath, configuration.databasePath]
            + [configuration.socketPath, configuration.schemaPath].compactMap { $0 }
        try hold(
            "a path is relative, or ends before its end", paths.allSatisfy { $0.hasPrefix("/") && !$0.utf8.contains(0) }
        )
    }

    private static let keyBytes = 32

    private static func hold(_ otherwise: String, _ holds: Bool) throws {
        if !holds { throw FuzzBreach("a configuration was taken: \(otherwise)") }
    }
}
