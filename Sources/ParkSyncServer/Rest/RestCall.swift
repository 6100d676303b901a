import ParkSyncOffice
import ParkSyncReports

/// A request of `/api/v1`, as any library of HTTP can hand it over.
package struct RestCall: Sendable {
    package enum Method: String, CaseIterable, Hashable, Sendable {
        case get = "GET"
        case post = "POST"
        case patch = "PATCH"
    }

    package struct Parameter: Hashable, Sendable {
        package var name: String
        package var value: String
        package init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }
    }

    package var method: Method
    /// Below `/api/v1`, decoded, as in `["items", "instrument"]`.
    package var path: [String]
    /// Decoded, in their order.
    package var query: [Parameter]
    /// The fields of the request that the API looks at; nil where they are not there.
    package var accept: String?
    package var acceptLanguage: String?
    package var ifMatch: String?
    package var idempotencyKey: String?
    package var body: [UInt8]

    package init(
        _ method: Method, _ path: [String], query: [Parameter] = [], accept: String? = nil,
        acceptLanguage: String? = nil, ifMatch: String? = nil, idempotencyKey: String? = nil, body: [UInt8] = []
    ) {
        (self.method, self.path, self.query) = (method, path, query)
        self.accept = accept
        (self.acceptLanguage, self.ifMatch, self.idempotencyKey) = (acceptLanguage, ifMatch, idempotencyKey)
        self.body = body
    }

    package var language: Language { Language.of(acceptLanguage: acceptLanguage) }
}

/// An answer of `/api/v1`.
package struct RestReply: Hashable, Sendable {
    package struct Field: Hashable, Sendable {
        package var name: String
        package var value: String
    }

    package var status: Int
    package var fields: [Field]
    package var body: String

    /// - Parameter value: what the body is, as JSON with its members in alphabetical order.
    init(_ status: Int = 200, _ value: some Encodable, fields: [(String, String)] = []) throws {
        self.status = status
        body = try RowCoding.jsonText(value)
        self.fields =
            [Field(name: "Content-Type", value: "application/json")]
            + fields.map { Field(name: $0.0, value: $0.1) }
    }

    init(status: Int, contentType: String, body: String, fields: [(String, String)]) {
        (self.status, self.body) = (status, body)
        self.fields =
            [Field(name: "Content-Type", value: contentType)]
            + fields.map { Field(name: $0.0, value: $0.1) }
    }

    package func field(_ name: String) -> String? { fields.first { $0.name == name }?.value }
}
