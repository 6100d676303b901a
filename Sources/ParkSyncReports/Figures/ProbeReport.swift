/// Answer of `GET /healthz` and `GET /readyz`.
package struct ProbeReport: Codable, Hashable, Sendable {
    package enum Status: String, Codable, Sendable { case alive, ready }

    package var status: Status
    package init(_ status: Status) { self.status = status }
}
