import Foundation

extension FileManager {
    /// Makes a file that is its owner's alone, in the place of whatever is there.
    package func writePrivate(_ text: String, _ url: URL) throws {
        try? removeItem(at: url)
        guard createFile(atPath: url.path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600]) else {
            throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: url.path])
        }
    }
}
