/// Writes a node's configuration, with what each part is for.
enum ConfigurationText {
    static func yaml(_ park: ZonePlan.Park, in plan: ZonePlan, publicKeys: [String: String]) -> String {
        let folder = plan.isSystem ? "/etc/parksync/\(park.name)/" : ""
        let state = plan.isSystem ? "/var/lib/parksync/\(park.name)" : "state"
        let socket = plan.isSystem ? "/run/parksync/\(park.name)/control.sock" : "control.sock"
        var lines = [
            "# Configuration of the node of \(park.name). Relative paths are relative to this file's folder.",
            """
            # Every key can be overridden: PARKSYNC_LOCAL_HTTP in the environment, --local-http behind \
            `parksyncd run`.
            """,
            "", "park: \(park.name)", "# Folder of the database.", "state: \(state)",
            "# The key that signs this park's log, for the node's user alone (mode 0600). Keep a copy in a safe place.",
            "identity: \(folder)identity.key", "",
            "# For the programs of this park. Who may open the socket may write.", "local:",
            "  socket: \(socket)",
        ]
        if plan.isSystem {
            lines += [
                "  # Its members may fence, compact, back up and so on, besides root.",
                "  operators: parksync-operators",
            ]
        }
        lines += [
            """
              # Over TCP on loopback, for programs that cannot use the socket. Every account of the machine \
            reaches it, so it is off, and lets nobody
            """,
            "  # in without a token of that file (`syncctl init DIR --token \(park.name)` makes one).",
            "  # http: \(park.localHTTP ?? "127.0.0.1:7600")", "  http_token_file: \(folder)\(ZoneMaker.tokenFile)",
        ]
        lines += [
            "", "# For the other parks.", "peer:", "  listen: \(quoted(park.listen))", "tls:",
            "  certificate: \(folder)node.crt",
            "  key: \(folder)node.key",
            "  authority: \(folder)zone-ca.crt", "",
            "# All parks of the zone: where they are called, and the key that their log is signed with.",
            "parks: [\(plan.parks.map(\.name).joined(separator: ", "))]", "members:",
        ]
        for member in plan.parks {
            lines += [
                "  \(member.name):", "    url: \(quoted("https://" + member.peerAddress))",
                "    public_key: \(publicKeys[member.name] ?? "")",
            ]
        }
        lines += [
            "", "# Whether this node decides on what is asked of its park.", "arbiter: true", "",
            "log:", "  level: info", "",
            "# After a lost database: without accept_loss the node waits for every peer before it accepts writes.",
            "recovery:", "  wait_seconds: 30",
            "  accept_loss: false", "",
        ]
        return lines.joined(separator: "\n")
    }

    /// A scalar that YAML would take for a list without quotes: an IPv6 address begins with a
    /// bracket.
    private static func quoted(_ text: String) -> String { text.contains("[") ? "\"\(text)\"" : text }
}
