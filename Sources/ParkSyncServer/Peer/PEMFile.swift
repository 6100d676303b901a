import Foundation
import NIOSSL
import ParkSyncReplication

/// A file in PEM (RFC 7468) that a key of the configuration names.
struct PEMFile {
    /// As in `tls.certificate`.
    let key: String
    let path: String

    /// - Throws: `ServerStartError`, as all here.
    func certificates() throws -> [NIOSSLCertificate] {
        let bytes = try bytes(with: ["CERTIFICATE"])
        let found: [NIOSSLCertificate]
        do { found = try NIOSSLCertificate.fromPEMBytes(bytes) } catch { found = [] }
        guard !found.isEmpty else { throw refuse("what stands between BEGIN and END in it is no certificate") }
        return found
    }

    func privateKey() throws -> NIOSSLPrivateKey {
        let bytes = try bytes(with: ["PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY", "ENCRYPTED PRIVATE KEY"])
        let text = String(decoding: bytes, as: UTF8.self)
        guard !text.contains("ENCRYPTED") else {
            throw refuse(
                "the key in it is encrypted",
                remedy: "Write it without a passphrase, as `openssl pkey` does, for the node alone (chmod 600).")
        }
        do { return try NIOSSLPrivateKey(bytes: bytes, format: .pem) } catch {
            throw refuse("what stands between BEGIN and END in it is no private key")
        }
    }

    /// - Parameter labels: of which there has to be one.
    private func bytes(with labels: [String]) throws -> [UInt8] {
        let data: Data
        do { data = try Data(contentsOf: URL(fileURLWithPath: path)) } catch { throw refuse(ErrorWords.of(error)) }
        let text = String(decoding: data, as: UTF8.self)
        guard labels.contains(where: { text.contains("-----BEGIN \($0)-----") }) else {
            throw refuse("it is not PEM: it has no line `-----BEGIN \(labels[0])-----`")
        }
        return Array(data)
    }

    private func refuse(_ reason: String, remedy: String? = nil) -> ServerStartError {
        ServerStartError(
            "\(key): \(path): \(reason)",
            remedy: remedy
                ?? """
                Name the file that syncctl init has made (--renew PARK makes a new certificate and key), \
                readable for the node's user.
                """
        )
    }
}
