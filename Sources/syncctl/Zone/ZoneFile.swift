import ArgumentParser
import Configuration
import Foundation
import ParkSyncCore
import ParkSyncReplication
import SystemPackage

/// A node's configuration file, as far as this program needs it.
struct ZoneFile {
    private let path: String
    private let reader: ConfigReader

    init(_ path: String) async throws {
        self.path = path
        do { _ = try String(contentsOfFile: path, encoding: .utf8) } catch {
            throw ValidationError(
                "\(path) cannot be read as a node's configuration: \(ErrorWords.of(error)). Name its parksyncd.yaml.")
        }
        do { reader = ConfigReader(provider: try await FileProvider<YAMLSnapshot>(filePath: FilePath(path))) } catch {
            throw ValidationError("\(path) cannot be read as a node's configuration: \(ErrorWords.of(error))")
        }
    }

    func socketPath() throws -> String {
        guard let socket = reader.string(forKey: ConfigKey(["local", "socket"])) else {
            throw ValidationError("\(path) has no local.socket.")
        }
        return URL(fileURLWithPath: socket, relativeTo: URL(fileURLWithPath: path).deletingLastPathComponent())
            .standardizedFileURL.path
    }

    /// A key's text; an empty one counts as missing.
    func text(_ key: String...) -> String? {
        guard let text = reader.string(forKey: ConfigKey(key)), !text.isEmpty else { return nil }
        return text
    }

    /// A path that the file names, which is relative to the file's folder.
    func path(_ key: String...) throws -> String? {
        guard let text = reader.string(forKey: ConfigKey(key)), !text.isEmpty else { return nil }
        return URL(fileURLWithPath: text, relativeTo: URL(fileURLWithPath: path).deletingLastPathComponent())
            .standardizedFileURL.path
    }

    /// The longest entry that the node makes and takes, in bytes; nil where the file does not say,
    /// or says what no node starts with.
    func entryBytesMax() -> Int? {
        reader.int(forKey: ConfigKey(["entry", "bytes_max"])).flatMap {
            (CoreLimits.payloadBytesLeast...CoreLimits.payloadBytesMax).contains($0) ? $0 : nil
        }
    }

    /// Raw Ed25519 public keys of the parks, and of those that have left the zone.
    func memberKeys() throws -> [String: [UInt8]] {
        var keys: [String: [UInt8]] = [:]
        for park in ["parks", "former_parks"].flatMap({ reader.stringArray(forKey: ConfigKey([$0])) ?? [] }) {
            let text = reader.string(forKey: ConfigKey(["members", park, "public_key"]))
            guard let key = text.flatMap({ Data(base64Encoded: $0) }), key.count == 32 else {
                throw ValidationError("\(path): members.\(park).public_key is not the base64 of 32 bytes.")
            }
            keys[park] = Array(key)
        }
        guard !keys.isEmpty else { throw ValidationError("\(path) lists no parks.") }
        return keys
    }
}
