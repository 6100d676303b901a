import Foundation

/// An error in words for people: not the name of an error's domain, its number, or a Swift value.
package enum ErrorWords {
    /// Of Foundation's errors about files: why, without the file's name, which whoever says it
    /// knows best. Errors that have a text of their own say that; what is in the others may be a
    /// secret.
    ///
    /// - Returns: part of a sentence, without a full stop at the end if it is about a file.
    package static func of(_ error: any Error) -> String {
        let type = type(of: error)
        if type == CocoaError.self || type == POSIXError.self || type is NSError.Type,
            let words = ofFile(error as NSError, depth: 0)
        {
            return words
        }
        if type is any CustomStringConvertible.Type, !(type is NSError.Type) { return "\(error)" }
        if let text = (error as? any LocalizedError)?.errorDescription { return text }
        return "an error without a text (\(String(reflecting: type))\(named(error)))"
    }

    /// A case of an enumeration that has nothing with it: its name is all that is known, and no
    /// secret.
    private static func named(_ error: any Error) -> String {
        let mirror = Mirror(reflecting: error)
        return mirror.displayStyle == .enum && mirror.children.isEmpty ? ".\(error)" : ""
    }

    /// Foundation wraps the system's error in its own, and that once more at most.
    private static let depthMax = 4

    private static func ofFile(_ error: NSError, depth: Int) -> String? {
        if error.domain == NSPOSIXErrorDomain, let number = Int32(exactly: error.code) { return ofSystem(number) }
        guard error.domain == NSCocoaErrorDomain else { return nil }
        // What is behind it says more: which of several reasons it was.
        if depth < depthMax, let behind = error.userInfo[NSUnderlyingErrorKey] as? any Error,
            let words = ofFile(behind as NSError, depth: depth + 1)
        {
            return words
        }
        switch CocoaError.Code(rawValue: error.code) {
        case .fileNoSuchFile, .fileReadNoSuchFile: return ofSystem(ENOENT)
        case .fileReadNoPermission, .fileWriteNoPermission: return ofSystem(EACCES)
        case .fileWriteOutOfSpace: return ofSystem(ENOSPC)
        case .fileWriteVolumeReadOnly: return ofSystem(EROFS)
        case .fileWriteFileExists: return ofSystem(EEXIST)
        case .fileReadTooLarge: return "it is too large"
        // Said of texts alone: nothing else is read with a form that Foundation knows.
        case .fileReadCorruptFile, .fileReadInapplicableStringEncoding, .fileReadUnknownStringEncoding:
            return "it is not UTF-8 text"
        default: return "the system gives no reason (error \(error.code))"
        }
    }

    /// Whether there was no room for what was to be written.
    package static func isDiskFull(_ error: any Error) -> Bool { of(error) == ofSystem(ENOSPC) }

    /// - Parameter number: `errno`.
    package static func ofSystem(_ number: Int32) -> String {
        switch number {
        case ENOENT: "there is no such file or folder"
        case EACCES, EPERM: "this account has no permission"
        case EISDIR: "it is a folder"
        case ENOTDIR: "a part of the path is no folder"
        case ENOSPC, EDQUOT: "the disk is full"
        case EROFS: "the file system is read-only"
        case EEXIST: "it is there already"
        default: String(cString: strerror(number))
        }
    }
}
