import Foundation
import ParkSyncCore
import ParkSyncNode
import ParkSyncServer
import ParkSyncStore

/// What the configuration means to the servers.
extension NodeConfiguration {
    /// Who may do what over the local interfaces.
    var access: LocalAccess {
        LocalAccess(
            nodeUser: geteuid(), park: park.name,
            operators: operators.map { LocalAccess.Group(name: $0.name, id: $0.id) },
            accounts: SystemAccounts())
    }
    var localTCP: NodeServers.LocalTCP? {
        localHTTP.map {
            NodeServers.LocalTCP(
                address: NodeServers.Address($0.address),
                tokens: LocalTokens(digests: $0.tokens.map { (name: $0.name, digest: $0.digest) }))
        }
    }
}

extension NodeServers.Address {
    init(_ address: NodeConfiguration.Address) { self.init(host: address.host, port: address.port) }
}

extension PeerCertificates.Files {
    init(_ files: NodeConfiguration.TLSFiles) {
        self.init(certificate: files.certificate, key: files.key, authority: files.authority)
    }
}

extension SystemAccounts: AccountDirectory {}
