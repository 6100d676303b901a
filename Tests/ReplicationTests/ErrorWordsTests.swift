import Foundation
import ParkSyncReplication
import Testing

/// What people read of errors that come from Foundation.
@Suite struct ErrorWordsTests {
    private struct Bare: Error { var secret = "a secret" }
    private enum Kind: Error { case notFound, of(secret: String) }
    private struct Told: Error, CustomStringConvertible { var description: String { "the cause" } }

    private func error(_ body: () throws -> some Any) -> String {
        do {
            _ = try body()
            return ""
        } catch { return ErrorWords.of(error) }
    }

    @Test func filesAreToldWithTheReason() throws {
        let folder = NSTemporaryDirectory() + "parksync-words-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (file, gone) = (folder + "/file", folder + "/gone")
        try Data([0xFF, 0xFE, 0xFF]).write(to: URL(fileURLWithPath: file))
        for words in [
            error { try Data(contentsOf: URL(fileURLWithPath: gone)) },
            error { try String(contentsOfFile: gone, encoding: .utf8) },
            error { try FileManager.default.contentsOfDirectory(atPath: gone) },
            error { try FileManager.default.attributesOfItem(atPath: gone) },
            error { try FileHandle(forReadingFrom: URL(fileURLWithPath: gone)) },
            error { try Data().write(to: URL(fileURLWithPath: gone + "/in")) },
        ] {
            #expect(words == "there is no such file or folder")
        }
        #expect(error { try String(contentsOfFile: file, encoding: .utf8) } == "it is not UTF-8 text")
        #expect(error { try Data(contentsOf: URL(fileURLWithPath: folder)) } == "it is a folder")
        #expect(
            error { try FileManager.default.contentsOfDirectory(atPath: file) } == "a part of the path is no folder")
        #expect(error { try Data([1]).write(to: URL(fileURLWithPath: "/dev/full")) } == "the disk is full")
    }

    @Test func errorsOfTheSystemAndOfTheProgramAreWords() {
        #expect(ErrorWords.of(POSIXError(.EACCES)) == "this account has no permission")
        #expect(ErrorWords.of(CocoaError(.fileReadNoPermission)) == "this account has no permission")
        #expect(
            ErrorWords.of(CocoaError(.fileWriteOutOfSpace)) == "the disk is full"
                && ErrorWords.isDiskFull(POSIXError(.ENOSPC)))
        #expect(
            ErrorWords.of(NSError(domain: NSPOSIXErrorDomain, code: Int(ENOTDIR))) == "a part of the path is no folder")
        #expect(ErrorWords.ofSystem(ELOOP) == String(cString: strerror(ELOOP)))
        #expect(ErrorWords.of(Told()) == "the cause")
        let bare = ErrorWords.of(Bare())
        #expect(bare.contains("Bare") && !bare.contains("secret"))
        // Never the bare name of a case, and of one with a value not that value.
        #expect(
            ErrorWords.of(Kind.notFound).hasSuffix("Kind.notFound)")
                && ErrorWords.of(Kind.notFound).hasPrefix("an error without a text"))
        #expect(ErrorWords.of(Kind.of(secret: "a secret")).hasSuffix("Kind)"))
        for code in [256, 512, 4_864, 99_999] {
            #expect(!ErrorWords.of(CocoaError(CocoaError.Code(rawValue: code))).contains("NSCocoa"))
        }
    }
}
