import ParkSyncCore
import ParkSyncReplication
import ParkSyncWire
import Synchronization

/// Who writes, as the log says it: what the kernel or a token vouches for, and never what a client
/// says of itself.
extension LocalAccess {
    /// A longer account name is not written out.
    static let nameBytesMax = 64

    /// `li@south`; `uid:1001@south` for an account without a name, or with one that could be read
    /// as something else; `token:desk@south`. No account's name has a colon (passwd(5)).
    func author(of caller: LocalCaller) -> String {
        switch caller {
        case .account(let user, _):
            "\(accounts.name(of: user).flatMap { Self.isPlain($0) ? $0 : nil } ?? "uid:\(user)")@\(park)"
        case .token(let name): "token:\(name)@\(park)"
        case .unknown: "unknown@\(park)"
        }
    }

    /// Directories of other systems have accounts with spaces and brackets.
    private static func isPlain(_ name: String) -> Bool {
        (1...nameBytesMax).contains(name.utf8.count)
            && name.unicodeScalars.allSatisfy {
                !$0.properties.isWhitespace && !"():".unicodeScalars.contains($0) && $0.value >= 0x20
                    && $0.value != 0x7F
            }
    }

    /// - Parameters:
    ///   - author: who writes.
    ///   - named: whom the client names, for whom it writes; empty or nil if it names nobody.
    /// - Returns: `li@south`, or `li@south (for wang)`: however the name is chosen, who has written
    ///   stands first.
    /// - Throws: a 413 problem if that is too long for an entry.
    static func author(_ author: String, for named: String?) throws -> String {
        guard let named, !named.isEmpty else { return author }
        let text = "\(author) (for \(named))"
        guard text.utf8.count <= CoreLimits.authorBytesMax else {
            throw Problems.longAuthor(roomBytes: CoreLimits.authorBytesMax - author.utf8.count - 7)
        }
        return text
    }
}

/// Remembers what accounts are called: each write needs it, and a directory may be far away.
final class AuthorNames: Sendable {
    /// An account that was renamed is found out after so long.
    static let millisecondsMax: UInt64 = 60_000
    static let accountsMax = 1_024

    private struct Known {
        var author: String
        var at: UInt64
    }

    private let access: LocalAccess
    private let clock: any NodeClock
    private let known = Mutex<[UInt32: Known]>([:])

    init(access: LocalAccess, clock: any NodeClock) { (self.access, self.clock) = (access, clock) }

    func author(of caller: LocalCaller) async -> String {
        guard case .account(let user, _) = caller else { return access.author(of: caller) }
        let now = clock.monotonicMilliseconds()
        if let found = known.withLock({ $0[user] }), now &- found.at < Self.millisecondsMax { return found.author }
        let author = await access.lookingUp { $0.author(of: caller) }
        known.withLock { known in
            if known.count >= Self.accountsMax { known.removeAll() }
            known[user] = Known(author: author, at: now)
        }
        return author
    }
}
