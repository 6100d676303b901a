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
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: key.publicKey, notValidBefore: now - Self.clockSlackSeconds,
            notValidAfter: now + Double(days) * Self.daySeconds, issuer: name, subject: name, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                SubjectKeyIdentifier(hash: key.publicKey)
            }, issuerPrivateKey: key)
    }

    /// A kept authority, from PEM.
    init(certificate: String, key text: String) throws {
        self.certificate = try Certificate(pemEncoded: certificate)
        keyText = text
        key = Certificate.PrivateKey(try P256.Signing.PrivateKey(pemRepresentation: text))
    }

    /// A node's certificate and its key as PEM.
    func issue(park: String, days: Int, now: Date) throws -> (certificate: String, key: String) {
        let nodeKey = P256.Signing.PrivateKey()
        let publicKey = Certificate.PublicKey(nodeKey.publicKey)
        let issued = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: publicKey, notValidBefore: now - Self.clockSlackSeconds,
            notValidAfter: min(now + Double(days) * Self.daySeconds, certificate.notValidAfter), issuer: certificate.subject,
            subject: try DistinguishedName { CommonName(park + Self.nameSuffix) }, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([.serverAuth, .clientAuth])
                SubjectAlternativeNames([.dnsName(park + Self.nameSuffix)])
                SubjectKeyIdentifier(hash: publicKey)
            }, issuerPrivateKey: key)
        return (try issued.serializeAsPEM().pemString, nodeKey.pemRepresentation)
    }
}
