import Foundation
import ServerFixtures

@testable import ParkSyncServer

extension RunningServers {
    /// The account that runs the tests, as an author of the fixture's park.
    static var author: String {
        LocalAccess(nodeUser: geteuid(), park: "south", accounts: MachineAccounts()).author(
            of: .account(user: geteuid(), group: getegid()))
    }
}
