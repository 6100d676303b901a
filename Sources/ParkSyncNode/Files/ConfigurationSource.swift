import Configuration
import Foundation
import ParkSyncCore
import ParkSyncStore

/// Reads single keys and says which one is wrong.
struct ConfigurationSource {
    let reader: ConfigReader
    /// Path of the file.
    let file: String
    /// Of the file; what relative paths are relative to.
    let folder: String

    private static let publicKeyBytes = 32
    private static let secondsMax = 86_400
    private static let numberMax: UInt64 = 1_000_000_000

    private func key(_ name: String) -> ConfigKey { ConfigKey(name.split(separator: ".").map(String.init)) }

    /// Nil also for an empty value, so that an environment variable can switch something off.
    func string(_ name: String) -> String? {
        guard let text = reader.string(forKey: key(name)), !text.isEmpty else { return nil }
        return text
    }

    func required(_ name: String) throws -> String {
        guard let text = string(name) else {
            throw ConfigurationError(name, "it is missing", remedy: "Add it to the configuration.")
        }
        return text
    }

    func bool(_ name: String, default fallback: Bool) throws -> Bool {
        guard let text = string(name) else { return fallback }
        switch text.lowercased() {
        case "true", "yes", "1": return true
        case "false", "no", "0": return false
        default: throw ConfigurationError(name, "\(text) is neither true nor false", remedy: "Write true or false.")
        }
    }

    /// - Returns: milliseconds.
    func seconds(_ name: String, default fallback: UInt64) throws -> UInt64 {
        guard let text = string(name) else { return fallback * 1_000 }
        guard let number = UInt64(text), number <= Self.secondsMax else {
            throw ConfigurationError(
                name, "\(text) is not a number of seconds up to \(Self.secondsMax)", remedy: "Write a whole number.")
        }
        return number * 1_000
    }

    func number(_ name: String, default fallback: UInt64) throws -> UInt64 {
        guard let text = string(name) else { return fallback }
        guard let number = UInt64(text), number <= Self.numberMax else {
            throw ConfigurationError(
                name, "\(text) is not a number up to \(Self.numberMax)", remedy: "Write a whole number.")
        }
        return number
    }

    /// What the node takes of others decides how much memory it needs.
    func entryBytesMax() throws -> Int {
        let name = "entry.bytes_max"
        let range = CoreLimits.payloadBytesLeast...CoreLimits.payloadBytesMax
        let number = Int(clamping: try number(name, default: UInt64(CoreLimits.payloadBytesDefault)))
        guard range.contains(number) else {
            throw ConfigurationError(
                name, "\(number) is not between \(range.lowerBound) and \(range.upperBound) bytes",
                remedy: "Write the same number at all parks.")
        }
        return number
    }

    func snapshotSource() throws -> NodeConfiguration.SnapshotSource {
        switch string("snapshot.from") {
        case nil, "auto": return .auto
        case "never": return .never
        case let park?: return .park(park)
        }
    }

    func path(_ text: String) -> String {
        URL(fileURLWithPath: text, relativeTo: URL(fileURLWithPath: folder, isDirectory: true)).standardizedFileURL.path
    }

    func address(_ name: String) throws -> NodeConfiguration.Address? {
        guard let text = string(name) else { return nil }
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]),
            colon > text.startIndex
        else {
            throw ConfigurationError(
                name, "\(text) is not an address", remedy: "Write host:port, as in 127.0.0.1:7600 or [::]:7700.")
        }
        return NodeConfiguration.Address(
            host: text[..<colon].trimmingCharacters(in: CharacterSet(charactersIn: "[]")), port: Int(clamping: port))
    }

    /// The loopback listener, and what lets programs in over it; nil without an address.
    func localHTTP() throws -> NodeConfiguration.LocalHTTP? {
        guard let address = try address("local.http") else { return nil }
        let key = "local.http_token_file"
        guard let file = string(key).map(path) else {
            throw ConfigurationError(
                key, "it is missing, and local.http lets nobody in without a token",
                remedy: "Make a token (syncctl init DIR --token PARK) and name its file, or leave local.http out.")
        }
        return NodeConfiguration.LocalHTTP(address: address, tokens: try SecretFile.tokens(file, key: key))
    }

    /// A group of this machine, by its name.
    func group(_ name: String) throws -> NodeConfiguration.Group? {
        guard let text = string(name) else { return nil }
        guard let id = SystemAccounts().group(named: text) else {
            throw ConfigurationError(
                name, "this machine has no group \(text)",
                remedy:
                    """
                    Make it (groupadd --system \(text)), or leave the key out: then only root and the node's \
                    user are operators.
                    """
            )
        }
        return NodeConfiguration.Group(name: text, id: id)
    }

    func tlsFiles() throws -> NodeConfiguration.TLSFiles? {
        let names = ["tls.certificate", "tls.key", "tls.authority"]
        let values = names.map { string($0).map(path) }
        if values.allSatisfy({ $0 == nil }) { return nil }
        guard let certificate = values[0], let key = values[1], let authority = values[2] else {
            let missing = zip(names, values).filter { $0.1 == nil }.map(\.0)
            throw ConfigurationError(
                missing.joined(separator: ", "), "TLS needs all three files",
                remedy: "Give tls.certificate, tls.key and tls.authority.")
        }
        for (name, file) in zip(names, [certificate, key, authority]) {
            // What is in it, who opens the listener looks at.
            _ = try ConfiguredFile.bytes(
                file, key: name, bytesMax: 0,
                remedy: "Name the file that syncctl init has made (--renew PARK makes a new certificate and key).")
        }
        try SecretFile.check(key, key: "tls.key")
        return NodeConfiguration.TLSFiles(certificate: certificate, key: key, authority: authority)
    }

    func members() throws -> [NodeConfiguration.Member] {
        guard let parks = reader.stringArray(forKey: key("parks")), !parks.isEmpty else {
            throw ConfigurationError(
                "parks", "it is missing or empty", remedy: "List the parks of the zone, as in parks: [south, west].")
        }
        guard Set(parks).count == parks.count else {
            throw ConfigurationError("parks", "a park is listed twice", remedy: "List each park once.")
        }
        return try parks.sorted().map { park in
            let publicKey = try publicKey(of: park, in: "parks")
            return NodeConfiguration.Member(park: park, url: try required("members.\(park).url"), publicKey: publicKey)
        }
    }

    /// Public keys of parks that have left the zone: what they wrote is still checked, and nobody
    /// calls them or waits for them.
    func formerKeys(besides members: [NodeConfiguration.Member]) throws -> [String: [UInt8]] {
        var result: [String: [UInt8]] = [:]
        for park in reader.stringArray(forKey: key("former_parks")) ?? [] {
            guard !members.contains(where: { $0.park == park }) else {
                throw ConfigurationError(
                    "former_parks", "\(park) is listed in parks, too", remedy: "Leave it in one of the two.")
            }
            result[park] = try publicKey(of: park, in: "former_parks")
        }
        return result
    }

    private func publicKey(of park: String, in list: String) throws -> [UInt8] {
        guard let origin = OriginID(park), origin.park == park else {
            throw ConfigurationError(
                list, "\(park) is not a park's name", remedy: "Use the parks' identifiers, as in science-city.")
        }
        let name = "members.\(park).public_key"
        guard let key = Data(base64Encoded: try required(name)), key.count == Self.publicKeyBytes else {
            throw ConfigurationError(
                name, "it is not the base64 of \(Self.publicKeyBytes) bytes",
                remedy: "Copy the park's public key from its configuration.")
        }
        return Array(key)
    }
}
