import ArgumentParser
import Crypto
import Foundation
import ParkSyncCurl
import ParkSyncReplication
import ParkSyncReports
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
        if let found = foundZone() {
            throw ValidationError(
                """
                \(folder.path) holds a zone already (\(found)); its keys are not overwritten. Name another folder, or \
                renew one park's certificate \
                with --renew. If an earlier init broke off, remove the folder.
                """
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
            try write(
                ConfigurationText.yaml(park, in: plan, publicKeys: publicKeys),
                to: home.appendingPathComponent("parksyncd.yaml"), mode: 0o644)
            if park.localHTTP != nil { try makeToken(park: park.name) }
            if !plan.isSystem {
                let state = home.appendingPathComponent("state")
                try makeFolder(state)
                // Tells the node that there is no earlier database to recover.
                try write("", to: state.appendingPathComponent("first-start"), mode: 0o644)
            }
        }
        try write(authority.keyText + "\n", to: authorityKey, mode: Self.secretMode)
        try write(try authority.certificate.serializeAsPEM().pemString + "\n", to: authorityCertificate, mode: 0o644)
    }

    /// What shows that the folder holds a zone. Not the authority alone: its key may have been
    /// taken to a safe place.
    private func foundZone() -> String? {
        let inside = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
        let candidates =
            ["zone-ca.key", "zone-ca.crt"] + inside.map { $0 + "/identity.key" } + inside.map { $0 + "/parksyncd.yaml" }
        return candidates.first { FileManager.default.fileExists(atPath: folder.appendingPathComponent($0).path) }
    }

    /// Makes a new certificate for one park with the zone's kept authority.
    ///
    /// - Returns: when the certificate ends.
    func renew(park: String) throws -> Date {
        try ZonePlan.check(park)
        guard FileManager.default.fileExists(atPath: folder.appendingPathComponent(park).path) else {
            throw ValidationError("\(folder.path) has no park \(park).")
        }
        let authority: ZoneAuthority
        do {
            authority = try ZoneAuthority(
                certificate: try Self.read(authorityCertificate), key: try Self.read(authorityKey), now: now)
        } catch let fault as ZoneAuthority.Fault {
            let file = fault == .certificate ? authorityCertificate : authorityKey
            throw ValidationError("\(file.path) holds no \(fault.rawValue) in PEM. \(Self.authorityRemedy)")
        }
        return try writeCertificate(of: park, by: authority)
    }

    private static let authorityRemedy =
        "Put zone-ca.key and zone-ca.crt, as the zone was made with them, back for the renewal."

    private static func read(_ url: URL) throws -> String {
        do { return try String(contentsOf: url, encoding: .utf8) } catch {
            throw ValidationError(
                "\(url.path), of the zone's authority, cannot be read: \(ErrorWords.of(error)). \(authorityRemedy)")
        }
    }

    static let tokenFile = "http.token"
    /// What the first token is called.
    static let tokenName = "loopback"

    /// Makes a token for a park's loopback listener.
    ///
    /// - Returns: its file.
    /// - Throws: `ValidationError` if there is one, which programs may be using.
    @discardableResult
    func makeToken(park: String) throws -> String {
        try ZonePlan.check(park)
        let home = folder.appendingPathComponent(park)
        let file = home.appendingPathComponent(Self.tokenFile)
        guard FileManager.default.fileExists(atPath: home.path) else {
            throw ValidationError("\(folder.path) has no park \(park).")
        }
        guard !FileManager.default.fileExists(atPath: file.path) else {
            throw ValidationError(
                "\(file.path) is there already. Remove it first if its token is not to be used any more.")
        }
        // From the system's source of random numbers, 32 bytes.
        let secret = SymmetricKey(size: .bits256).withUnsafeBytes { Data($0).base64EncodedString() }
        try write(LocalToken(name: Self.tokenName, secret: secret).line, to: file, mode: Self.secretMode)
        return file.path
    }

    @discardableResult
    private func writeCertificate(of park: String, by authority: ZoneAuthority) throws -> Date {
        let home = folder.appendingPathComponent(park)
        let issued = try authority.issue(park: park, days: days, now: now)
        try write(issued.key + "\n", to: home.appendingPathComponent("node.key"), mode: Self.secretMode)
        try write(issued.certificate + "\n", to: home.appendingPathComponent("node.crt"), mode: 0o644)
        try write(
            try authority.certificate.serializeAsPEM().pemString + "\n", to: home.appendingPathComponent("zone-ca.crt"),
            mode: 0o644)
        return issued.end
    }

    private func makeFolder(_ url: URL) throws {
        do {
            try FileManager.default.createDirectory(
                at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: Self.folderMode])
        } catch {
            throw ControlFailure(reason: "\(url.path) cannot be made: \(ErrorWords.of(error))", remedy: Self.remedy)
        }
    }

    /// Whole or not at all, on the disk, and never readable for others in between.
    private func write(_ text: String, to url: URL, mode: Int) throws {
        let scratch = url.path + ".new"
        unlink(scratch)
        let descriptor = open(scratch, O_WRONLY | O_CREAT | O_EXCL, mode_t(mode))
        guard descriptor >= 0 else { throw Self.failure(url) }
        defer { unlink(scratch) }
        // Whatever the mask of new files is: a certificate is for everybody, a key for nobody.
        fchmod(descriptor, mode_t(mode))
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try file.write(contentsOf: Data(text.utf8))
            try file.synchronize()
            try file.close()
        } catch {
            throw ControlFailure(reason: "\(url.path) cannot be written: \(ErrorWords.of(error))", remedy: Self.remedy)
        }
        guard rename(scratch, url.path) == 0 else { throw Self.failure(url) }
    }

    private static let remedy = "Check the folder's permissions and the free space."

    private static func failure(_ url: URL) -> ControlFailure {
        ControlFailure(reason: "\(url.path) cannot be written: \(String(cString: strerror(errno)))", remedy: remedy)
    }
}
