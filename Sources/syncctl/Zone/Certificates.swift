import ArgumentParser
import Crypto
import Foundation
import SwiftASN1
import X509

/// The zone's own authority and the nodes' certificates (RFC 5280), with ECDSA keys on P-256.
struct ZoneAuthority {
    let certificate: Certificate
    private let key: Certificate.PrivateKey
    /// PEM.
    let keyText: String

    static let nameSuffix = ".parksync"
    /// Clocks of the parks may differ by so much when a certificate is new.
    static let clockSlackSeconds: TimeInterval = 3_600
    /// An authority that ended with its first certificates could not renew any.
    static let authorityDaysMin = 3_650
    private static let daySeconds: TimeInterval = 86_400

    /// A new authority.
    init(zone: String, days: Int, now: Date) throws {
        let made = P256.Signing.PrivateKey()
        keyText = made.pemRepresentation
        let key = Certificate.PrivateKey(made)
        self.key = key
        let name = try DistinguishedName {
            CommonName("ParkSync zone authority")
            OrganizationName(zone)
        }
        certificate = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: key.publicKey,
            notValidBefore: now - Self.clockSlackSeconds,
            notValidAfter: now + Double(max(days, Self.authorityDaysMin)) * Self.daySeconds, issuer: name,
            subject: name,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                SubjectKeyIdentifier(hash: key.publicKey)
            }, issuerPrivateKey: key)
    }

    /// Which of the two is none.
    enum Fault: String, Error { case certificate, key = "P-256 private key" }

    /// A kept authority, from PEM.
    ///
    /// - Throws: `Fault`; `ValidationError` if the two do not belong together, or the authority has
    ///   expired.
    init(certificate: String, key text: String, now: Date) throws {
        do { self.certificate = try Certificate(pemEncoded: certificate) } catch { throw Fault.certificate }
        keyText = text
        do { key = Certificate.PrivateKey(try P256.Signing.PrivateKey(pemRepresentation: text)) } catch {
            throw Fault.key
        }
        guard self.certificate.publicKey == key.publicKey else {
            throw ValidationError(
                "zone-ca.key is not the key of zone-ca.crt. Put both files of the zone's authority there.")
        }
        guard self.certificate.notValidAfter > now else {
            throw ValidationError("The zone's authority has expired. Make a new zone and give each park its files.")
        }
    }

    /// A node's certificate and its key as PEM. It ends with the authority at the latest.
    func issue(park: String, days: Int, now: Date) throws -> (certificate: String, key: String, end: Date) {
        let nodeKey = P256.Signing.PrivateKey()
        let end = min(now + Double(days) * Self.daySeconds, certificate.notValidAfter)
        let publicKey = Certificate.PublicKey(nodeKey.publicKey)
        let issued = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: publicKey,
            notValidBefore: now - Self.clockSlackSeconds,
            notValidAfter: end, issuer: certificate.subject,
            subject: try DistinguishedName { CommonName(park + Self.nameSuffix) }, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([.serverAuth, .clientAuth])
                SubjectAlternativeNames([.dnsName(park + Self.nameSuffix)])
                SubjectKeyIdentifier(hash: publicKey)
                // Strict verifiers want it (RFC 5280, 4.2.1.1).
                AuthorityKeyIdentifier(keyIdentifier: SubjectKeyIdentifier(hash: key.publicKey).keyIdentifier)
            }, issuerPrivateKey: key)
        return (try issued.serializeAsPEM().pemString, nodeKey.pemRepresentation, end)
    }
}
