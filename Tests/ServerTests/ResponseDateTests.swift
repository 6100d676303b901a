import Testing

@testable import ParkSyncServer

@Suite struct ResponseDateTests {
    /// The example of RFC 9110, section 5.6.7, and days on which calendars differ.
    @Test(arguments: [
        (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
    ])
    func aDateIsWrittenAsTheStandardWantsIt(second: UInt64, text: String) {
        #expect(ResponseDate.format(second) == text)
    }

    @Test func itIsMadeAnewWhenTheSecondChanges() {
        let date = ResponseDate()
        #expect(date.text(at: 784_111_777_000) == date.text(at: 784_111_777_999))
        #expect(date.text(at: 784_111_778_000) == "Sun, 06 Nov 1994 08:49:38 GMT")
    }
}
