import ParkSyncStore
import Testing

@Suite struct SystemAccountsTests {
    @Test func theMachinesAccountsAreFound() {
        let accounts = SystemAccounts()
        #expect(accounts.name(of: 0) == "root" && accounts.name(of: 4_000_000_000) == nil)
        #expect(Set(accounts.groups(of: 0, with: 77)).isSuperset(of: [0, 77]))
        #expect(accounts.groups(of: 4_000_000_000, with: 77) == [77])
        #expect(accounts.group(named: "root") == 0 && accounts.group(named: "no-such-group") == nil)
    }
}
