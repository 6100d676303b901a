import Foundation
import ParkSyncCore
import Yams

/// Every key that a node's configuration may have. A misspelt one is refused instead of being
/// ignored.
enum ConfigurationKeys {
    /// Dotted paths; `*` stands for a park.
    static let known = [
        "park", "state", "identity", "local.socket", "local.operators", "local.http", "local.http_token_file",
        "peer.listen", "peer.plain_http",
        "tls.certificate", "tls.key", "tls.authority", "parks", "former_parks", "members.*.url", "members.*.public_key",
        "schema", "arbiter",
        "log.level",
        "log.slow_milliseconds",
        "metrics.listen", "recovery.wait_seconds", "recovery.accept_loss",
        "retention.interval_seconds", "retention.auto_compact", "archive.keep_entries", "archive.keep_days",
        "snapshot.from", "snapshot.entries_min",
        "recovery.accept_without_peers", "entry.bytes_max",
    ]

    /// Longest file.
    static let fileBytesMax = 1 << 20

    /// - Parameter text: the file's contents.
    /// - Throws: `ConfigurationError` if it is no YAML mapping, or has an unknown key.
    static func check(yaml text: String, file: String) throws {
        guard text.utf8.count <= fileBytesMax else {
            throw ConfigurationError(
                "", "\(file) has more than \(fileBytesMax) bytes",
                remedy: "Name the node's configuration with --config.")
        }
        let root: Yams.Node?
        do { root = try Yams.compose(yaml: text) } catch {
            throw ConfigurationError("", "\(file) is not YAML: \(error)", remedy: "Correct the file.")
        }
        guard let mapping = root?.mapping else {
            throw ConfigurationError(
                "", "\(file) holds no keys",
                remedy: "Write one with `syncctl init`, or see the reference of the configuration.")
        }
        try check(mapping, under: [], file: file)
    }

    /// What is behind a key that is no section: a text, or a list of them.
    private static func checkValue(_ value: Yams.Node, _ path: [String], _ place: String) throws {
        for element in value.sequence.map(Array.init) ?? [value] {
            guard let text = element.scalar?.string else {
                throw ConfigurationError(
                    path.joined(separator: "."), "\(place) has lists or keys in its list",
                    remedy: "Write a list of texts, as in [south, west].")
            }
            // The system ends a path there, and another file would be meant.
            guard !text.utf8.contains(0) else {
                throw ConfigurationError(
                    path.joined(separator: "."), "\(place) has a zero byte in its value", remedy: "Take it out.")
            }
        }
    }

    private static func check(_ mapping: Yams.Node.Mapping, under path: [String], file: String) throws {
        for (key, value) in mapping {
            let here = path + [key.string ?? "?"]
            let line = key.mark.map { ":\($0.line)" } ?? ""
            guard let form = form(of: here) else {
                throw ConfigurationError(
                    here.joined(separator: "."), "\(file)\(line) has this key, which does not exist",
                    remedy: question(here) + "Known keys: \(known.joined(separator: ", ")).")
            }
            if let inner = value.mapping {
                guard form == .section else {
                    throw ConfigurationError(
                        here.joined(separator: "."), "\(file)\(line) has keys under it, a value is needed",
                        remedy: "Write the value behind the colon.")
                }
                try check(inner, under: here, file: file)
            } else if form == .section, value.scalar?.string.isEmpty != true {
                throw ConfigurationError(
                    here.joined(separator: "."), "\(file)\(line) has a value, keys are needed",
                    remedy: "Indent its keys below it.")
            } else {
                try checkValue(value, here, file + line)
            }
        }
    }

    /// The key or section of the same depth that was meant.
    private static func question(_ path: [String]) -> String {
        var candidates: Set<String> = []
        for key in known {
            let parts = key.split(separator: ".").map(String.init)
            guard parts.count >= path.count else { continue }
            candidates.insert(zip(parts, path).map { part, given in part == "*" ? given : part }.joined(separator: "."))
        }
        return Nearest.question(path.joined(separator: "."), in: candidates)
    }

    private enum Form { case section, value }

    private static func form(of path: [String]) -> Form? {
        for name in known {
            let parts = name.split(separator: ".").map(String.init)
            guard parts.count >= path.count, zip(parts, path).allSatisfy({ $0 == $1 || $0 == "*" }) else { continue }
            return parts.count == path.count ? .value : .section
        }
        return nil
    }

    /// - Parameter arguments: `--key value` or `--key=value`, where the key has hyphens for dots
    ///   and underscores.
    /// - Throws: `ConfigurationError` for anything else, which would be ignored otherwise.
    static func check(arguments: [String]) throws {
        let flags = known.map { flagPattern($0) }
        var expectsValue = false
        for argument in arguments {
            if argument.hasPrefix("--") {
                let name = argument.prefix { $0 != "=" }
                guard flags.contains(where: { matches(name, $0) }) else {
                    throw ConfigurationError(
                        String(name), "there is no such option",
                        remedy: Nearest.question(name, in: flags.map { $0.joined() })
                            + "Options: \(flags.map { $0.joined() }.joined(separator: ", ")).")
                }
                expectsValue = !argument.contains("=")
            } else if expectsValue {
                expectsValue = false
            } else {
                throw ConfigurationError(argument, "an option begins with --", remedy: "Write --key value.")
            }
        }
    }

    private static func flagPattern(_ key: String) -> [String] {
        let flag = "--" + key.replacing(".", with: "-").replacing("_", with: "-")
        return flag.split(separator: "*", omittingEmptySubsequences: false).map(String.init)
    }

    private static func matches(_ name: Substring, _ pattern: [String]) -> Bool {
        guard let first = pattern.first, let last = pattern.last else { return false }
        if pattern.count == 1 { return name == first }
        return name.count > first.count + last.count && name.hasPrefix(first) && name.hasSuffix(last)
    }
}
