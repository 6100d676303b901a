/// The Unified Social Credit Code of an organisation, GB 32100-2015: 18 places, of which 9 to 17
/// are an organisation code with a check of its own (GB 11714-1997) and the last is a check over
/// all.
package enum CreditCode {
    static let places = 18
    private static let alphabet = IdentifierAlphabet("0123456789ABCDEFGHJKLMNPQRTUWXY")
    private static let organisationAlphabet = IdentifierAlphabet("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    private static let organisationWeights = [3, 7, 9, 10, 5, 8, 4, 2]
    private static let modulus = 31

    /// - Throws: what is wrong with the code.
    package static func validate(_ code: String) throws(IdentifierFault) {
        let bytes = try asciiPlaces(code, places)
        let check = try check(of: bytes[..<17])
        // A character that no code has is a worse fault than a check that does not come out.
        _ = try alphabet.value(bytes[17], at: 17)
        try checkEqual(try organisationCheck(of: bytes[8..<16]), bytes[16..<17])
        try checkEqual(check, bytes[17...])
    }

    /// Completes 8 leading places and 8 places of an organisation code with both check characters.
    ///
    /// - Throws: what is wrong with the 16 places.
    package static func complete(_ head: String, organisation: String) throws(IdentifierFault) -> String {
        let organisationBytes = try asciiPlaces(organisation, 8)
        _ = try asciiPlaces(head, 8)
        let body = head + organisation + (try organisationCheck(of: organisationBytes[...]))
        return body + (try check(of: Array(body.utf8)[...]))
    }

    private static func check(of bytes: ArraySlice<UInt8>) throws(IdentifierFault) -> String {
        var sum = 0
        var weight = 1
        for (position, byte) in bytes.enumerated() {
            sum += try alphabet.value(byte, at: position) * weight
            weight = weight * 3 % modulus
        }
        return alphabet[(modulus - sum % modulus) % modulus]
    }

    private static func organisationCheck(of bytes: ArraySlice<UInt8>) throws(IdentifierFault) -> String {
        var sum = 0
        for (index, byte) in bytes.enumerated() {
            sum +=
                try organisationAlphabet.value(byte, at: 8 + index)
                * organisationWeights[index % organisationWeights.count]
        }
        let check = 11 - sum % 11
        return check == 10 ? "X" : check == 11 ? "0" : "\(check)"
    }
}
