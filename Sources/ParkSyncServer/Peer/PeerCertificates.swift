import NIOCore
import NIOSSL
import ParkSyncReplication
import Synchronization

/// The certificates of the peer interface: those in force, and when they end. Read again when the
/// operator says so.
package final class PeerCertificates: Sendable {
    /// Paths of PEM files.
    package struct Files: Hashable, Sendable {
        package var certificate: String
        package var key: String
        package var authority: String
        package init(certificate: String, key: String, authority: String) {
            (self.certificate, self.key, self.authority) = (certificate, key, authority)
        }
    }

    /// How long one of them is valid, in Unix seconds.
    package struct Validity: Hashable, Sendable {
        package enum Role: String, Hashable, Sendable { case node, authority }
        package var role: Role
        package var file: String
        package var begin: Int64
        package var end: Int64
        package init(role: Role, file: String, begin: Int64, end: Int64) {
            (self.role, self.file, self.begin, self.end) = (role, file, begin, end)
        }
    }

    private struct Loaded {
        var certificates: [NIOSSLCertificate]
        var context: NIOSSLContext
        var validity: [Validity]
    }

    static let shutdownMilliseconds: Int64 = 200
    private let park: String
    private let state: Mutex<Loaded>
    /// What rests upon them.
    let connections = PeerConnections()

    /// - Parameter park: whose node this is; the certificate has to be for it.
    /// - Throws: `ServerStartError` that names the file which cannot be used.
    package init(_ files: Files, park: String) throws {
        self.park = park
        state = Mutex(try Self.load(files, park))
    }

    /// Connections that come from now on use what the files hold now. If that is something else,
    /// those that are open are closed: they were opened with certificates that may have been taken
    /// back.
    ///
    /// - Returns: whether it is something else.
    /// - Throws: `ServerStartError`; what was in force stays in force.
    @discardableResult package func reload(_ files: Files) throws -> Bool {
        let loaded = try Self.load(files, park)
        let isOther = state.withLock { state in
            defer { state = loaded }
            return state.certificates != loaded.certificates
        }
        if isOther { connections.closeAll() }
        return isOther
    }

    /// The node's certificate first.
    package var validity: [Validity] { state.withLock { $0.validity } }

    var current: NIOSSLContext { state.withLock { $0.context } }

    private static func load(_ files: Files, _ park: String) throws -> Loaded {
        let chain = try PEMFile(key: "tls.certificate", path: files.certificate).certificates()
        let key = try PEMFile(key: "tls.key", path: files.key).privateKey()
        let authorities = try PEMFile(key: "tls.authority", path: files.authority).certificates()
        try check(chain, isFor: park, files.certificate)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv13
        configuration.trustRoots = .certificates(authorities)
        // A client has no host name to verify; `PeerIdentity` reads its park from the certificate.
        configuration.certificateVerification = .noHostnameVerification
        // A peer that has closed already never answers the farewell; a stop would wait for it.
        configuration.shutdownTimeout = .milliseconds(shutdownMilliseconds)
        do {
            return Loaded(
                certificates: chain + authorities, context: try NIOSSLContext(configuration: configuration),
                validity: validity(chain, .node, files.certificate) + validity(authorities, .authority, files.authority)
            )
        } catch {
            throw ServerStartError(
                "TLS cannot be set up with the certificate, its key and the authority: \(ErrorWords.of(error))",
                remedy:
                    "Check that \(files.key) (tls.key) is the key of \(files.certificate) (tls.certificate), "
                    + "and that \(files.authority) "
                    + "(tls.authority) is the zone's authority.")
        }
    }

    private static func check(_ chain: [NIOSSLCertificate], isFor park: String, _ file: String) throws {
        let named = try? PeerIdentity.park(in: chain.first)
        guard named != park else { return }
        throw ServerStartError(
            """
            the certificate in \(file) is for \(named.map { "the park \($0)" } ?? "no park, or for several"), \
            and this node is \(park)'s
            """,
            remedy:
                "Give the node the certificate of its own park, with the one name \(park)\(PeerIdentity.nameSuffix).")
    }

    /// Of several certificates in one file the one that ends first counts.
    private static func validity(_ certificates: [NIOSSLCertificate], _ role: Validity.Role, _ file: String)
        -> [Validity]
    {
        let all = certificates.map {
            Validity(role: role, file: file, begin: Int64($0.notValidBefore), end: Int64($0.notValidAfter))
        }
        return all.min { $0.end < $1.end }.map { [$0] } ?? []
    }
}
