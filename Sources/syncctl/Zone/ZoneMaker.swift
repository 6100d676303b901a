import ArgumentParser
import Crypto
import Foundation
import SwiftASN1
import X509

/// Writes the keys, certificates and configurations of a zone.
struct ZoneMaker {
    let folder: URL
    let days: Int
    let now: Date

    static let secretMode = 0o600
    static let folderMode = 0o700

    private var authorityCertificate: URL { folder.appendingPathComponent("zone-ca.crt") }
    private var authorityKey: URL { folder.appendingPathComponent("zone-ca.key") }

    /// - Throws: `ValidationError` if the folder holds a zone already.
    func make(_ plan: ZonePlan, zone: String) throws {
        guard !FileManager.default.fileExists(atPath: authorityKey.path), !FileManager.default.fileExists(atPath: authorityCertificate.path) else {
            throw ValidationError(
                "\(folder.path) holds a zone already; its keys are not overwritten. Name another folder, or renew one park's certificate with --renew."
            )
        }
        try makeFolder(folder)
        let authority = try ZoneAuthority(zone: zone, days: days, now: now)
        var identities: [String: Curve25519.Signing.PrivateKey] = [:]
        for park in plan.parks { identities[park.name] = Curve25519.Signing.PrivateKey() }
        let publicKeys = identities.mapValues { $0.publicKey.rawRepresentation.base64EncodedString() }
        for park in plan.parks {
            let home = folder.appendingPathComponent(park.name)
            try makeFolder(home)
            let identity = identities[park.name]?.rawRepresentation.base64EncodedString() ?? ""
            try write(identity + "\n", to: home.appendingPathComponent("identity.key"), mode: Self.secretMode)
            try writeCertificate(of: park.name, by: authority)
            try write(ConfigurationText.yaml(park, in: plan, publicKeys: publicKeys), to: home.appendingPathComponent("parksyncd.yaml"), mode: 0o644)
            if !plan.isSystem {
                let state = home.appendingPathComponent("state")
                try makeFolder(state)
                // Tells the node that there is no earlier database to recover.
                try write("", to: state.appendingPathComponent("first-start"), mode: 0o644)
            }
        }
        // Last, so that a zone that is not complete can be made again.
        try write(authority.keyText + "\n", to: authorityKey, mode: Self.secretMode)
        try write(try authority.certificate.serializeAsPEM().pemString + "\n", to: authorityCertificate, mode: 0o644)
    }

    /// Makes a new certificate for one park with the zone's kept authority.
    func renew(park: String) throws {
        guard FileManager.default.fileExists(atPath: folder.appendingPathComponent(park).path) else {
            throw ValidationError("\(folder.path) has no park \(park).")
        }
        let authority: ZoneAuthority
        do {
            authority = try ZoneAuthority(
                certificate: try String(contentsOf: authorityCertificate, encoding: .utf8), key: try String(contentsOf: authorityKey, encoding: .utf8)
            )
        } catch { throw ValidationError("The authority in \(folder.path) cannot be used: \(error)") }
        try writeCertificate(of: park, by: authority)
    }

    private func writeCertificate(of park: String, by authority: ZoneAuthority) throws {
        let home = folder.appendingPathComponent(park)
        let issued = try authority.issue(park: park, days: days, now: now)
        try write(issued.key + "\n", to: home.appendingPathComponent("node.key"), mode: Self.secretMode)
        try write(issued.certificate + "\n", to: home.appendingPathComponent("node.crt"), mode: 0o644)
        try write(try authority.certificate.serializeAsPEM().pemString + "\n", to: home.appendingPathComponent("zone-ca.crt"), mode: 0o644)
    }

    private func makeFolder(_ url: URL) throws {
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: Self.folderMode])
    }

    /// Whole or not at all, and never readable for others in between.
    private func write(_ text: String, to url: URL, mode: Int) throws {
        let scratch = url.appendingPathExtension("new")
        try? FileManager.default.removeItem(at: scratch)
        guard FileManager.default.createFile(atPath: scratch.path, contents: Data(text.utf8), attributes: [.posixPermissions: mode]) else {
            throw ValidationError("\(url.path) cannot be written.")
        }
        guard rename(scratch.path, url.path) == 0 else { throw ValidationError("\(url.path) cannot be written: \(String(cString: strerror(errno)))") }
    }
}
