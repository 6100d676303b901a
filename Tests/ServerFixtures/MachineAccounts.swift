import ParkSyncServer
import ParkSyncStore

/// The accounts of the machine that runs the tests.
package struct MachineAccounts: AccountDirectory {
    private let accounts = SystemAccounts()
    package init() {}

    package func name(of user: UInt32) -> String? { accounts.name(of: user) }
    package func groups(of user: UInt32, with group: UInt32) -> [UInt32] { accounts.groups(of: user, with: group) }
}
