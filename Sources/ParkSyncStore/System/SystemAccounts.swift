#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Accounts as the system's own libraries find them (nsswitch.conf).
package struct SystemAccounts: Sendable {
    /// Room for one account's texts; grows up to the second bound.
    private static let textBytes = 1 << 12
    private static let textBytesMax = 1 << 20
    /// Room for the groups of one account; Linux allows 65,536.
    private static let groups: Int32 = 64
    private static let groupsMax: Int32 = 1 << 16

    package init() {}

    package func name(of user: UInt32) -> String? {
        lookUp {
            getpwuid_r(user, $0, $1, $2, $3)
        } read: { (record: passwd) in
            record.pw_name.map { String(cString: $0) }
        }
    }

    package func groups(of user: UInt32, with group: UInt32) -> [UInt32] {
        guard let name = name(of: user) else { return [group] }
        var room = Self.groups
        while room <= Self.groupsMax {
            var count = room
            var found = [gid_t](repeating: 0, count: Int(room))
            if getgrouplist(name, group, &found, &count) >= 0 {
                // What the account itself has as its first group counts, too.
                return Array(found.prefix(Int(max(0, count)))) + (primaryGroup(of: user).map { [$0] } ?? [])
            }
            room = max(count, room * 2)
        }
        return [group]
    }

    private func primaryGroup(of user: UInt32) -> UInt32? {
        lookUp {
            getpwuid_r(user, $0, $1, $2, $3)
        } read: { (record: passwd) in
            record.pw_gid
        }
    }

    /// Nil if there is no such group.
    package func group(named name: String) -> UInt32? {
        lookUp {
            getgrnam_r(name, $0, $1, $2, $3)
        } read: { (record: GroupRecord) in
            record.gr_gid
        }
    }

    private func lookUp<Record: EmptyRecord, Result>(
        _ call: (
            UnsafeMutablePointer<Record>, UnsafeMutablePointer<CChar>, Int,
            UnsafeMutablePointer<UnsafeMutablePointer<Record>?>
        ) -> Int32,
        read: (Record) -> Result?
    ) -> Result? {
        var room = Self.textBytes
        while room <= Self.textBytesMax {
            var record = Record()
            var found: UnsafeMutablePointer<Record>?
            var text = [CChar](repeating: 0, count: room)
            // The record points into the text.
            let (status, result) = text.withUnsafeMutableBufferPointer { buffer -> (Int32, Result?) in
                guard let start = buffer.baseAddress else { return (0, nil) }
                let status = call(&record, start, buffer.count, &found)
                return (status, found == nil ? nil : read(record))
            }
            guard status == ERANGE else { return result }
            room *= 4
        }
        return nil
    }
}

/// A record of the C library that begins empty.
private protocol EmptyRecord { init() }
extension passwd: EmptyRecord {}
private typealias GroupRecord = group
extension GroupRecord: EmptyRecord {}
