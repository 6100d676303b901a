import ParkSyncReplication
import Testing

@testable import ParkSyncCurl

/// What is told of a connection that TLS has ended. An operator has to act only if certificates are
/// at fault.
@Suite struct PeerFailureTests {
    struct Case: Sendable, CustomTestStringConvertible {
        /// A `CURLcode`: 35 is a failed handshake, 56 a failed reading, 60 a certificate that was
        /// not trusted.
        var code: UInt32
        var text: String
        var kind: LinkFailure.Kind
        var isAboutCertificates: Bool
        var testDescription: String { "\(code): \(text)" }
    }

    static let cases: [Case] = [
        Case(
            code: 60, text: "SSL certificate problem: unable to get local issuer certificate", kind: .untrusted,
            isAboutCertificates: true),
        Case(
            code: 35, text: "error:0A000410:SSL routines::sslv3 alert handshake failure", kind: .untrusted,
            isAboutCertificates: true),
        Case(
            code: 35, text: "error:0A00010B:SSL routines::wrong version number", kind: .untrusted,
            isAboutCertificates: true),
        Case(
            code: 56, text: "SSL_read: error:0A00045C:SSL routines::tlsv13 alert certificate required",
            kind: .untrusted, isAboutCertificates: true),
        Case(
            code: 56, text: "SSL_read: error:0A000418:SSL routines::tlsv1 alert unknown ca", kind: .untrusted,
            isAboutCertificates: true),
        // One bit that flips on the way.
        Case(
            code: 35, text: "error:0A000119:SSL routines::decryption failed or bad record mac", kind: .broken,
            isAboutCertificates: false),
        Case(
            code: 35, text: "error:0A000065:SSL routines::no suitable key share", kind: .broken,
            isAboutCertificates: false),
        Case(code: 35, text: "error:0A0001BB:SSL routines::bad record type", kind: .broken, isAboutCertificates: false),
        Case(
            code: 56, text: "SSL_read: error:0A000119:SSL routines::decryption failed or bad record mac", kind: .broken,
            isAboutCertificates: false),
        Case(
            code: 56, text: "SSL_read: error:0A0003FC:SSL routines::sslv3 alert bad record mac", kind: .broken,
            isAboutCertificates: false),
        Case(
            code: 35, text: "error:0A00041A:SSL routines::tlsv1 alert decode error", kind: .broken,
            isAboutCertificates: false),
    ]

    @Test(arguments: cases) func damagedBytesAreNotTakenForAWrongCertificate(_ each: Case) {
        let failure = PeerFailures.failure(
            TransferFailure(code: each.code, text: each.text, wasConnected: each.code == 56), park: "west",
            base: "https://west.example:7700")
        #expect(failure.kind == each.kind)
        #expect(failure.code == (each.isAboutCertificates ? "certificate" : "broken"))
        #expect(failure.remedy.contains("certificate") == each.isAboutCertificates, "\(failure.remedy)")
    }
}
