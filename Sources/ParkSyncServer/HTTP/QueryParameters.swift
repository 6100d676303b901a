import Hummingbird
import HummingbirdCore
import ParkSyncCore
import ParkSyncWire

/// The parameters of a request's URL, each at most once, none that the route does not know.
struct QueryParameters {
    private let values: [String: String]

    /// - Throws: `ProblemDetails` for a parameter that is unknown or given twice.
    init(_ request: Request, known: [String]) throws {
        var values: [String: String] = [:]
        for (name, value) in request.uri.queryParameters where !name.isEmpty {
            guard known.contains(String(name)) else {
                let list = known.isEmpty ? "none" : known.joined(separator: ", ")
                throw Problems.invalid("\(name): unknown parameter; known: \(list)")
            }
            guard values.updateValue(String(value), forKey: String(name)) == nil else {
                throw Problems.invalid("\(name): given more than once")
            }
        }
        self.values = values
    }

    func text(_ name: String) -> String? { values[name] }

    func required(_ name: String) throws -> String {
        guard let text = values[name], !text.isEmpty else { throw Problems.invalid("\(name): missing parameter") }
        return text
    }

    func integer(_ name: String, in range: ClosedRange<Int>, default fallback: Int) throws -> Int {
        guard let text = values[name] else { return fallback }
        guard let number = Int(text), range.contains(number) else {
            throw Problems.invalid("\(name): not a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func sequenceNumber(_ name: String) throws -> UInt64? {
        guard let text = values[name] else { return nil }
        guard let number = UInt64(text), number <= CoreLimits.entryNumberMax else {
            throw Problems.invalid("\(name): not an entry number, which are at most \(CoreLimits.entryNumberMax)")
        }
        return number
    }

    func flag(_ name: String) throws -> Bool {
        switch values[name] {
        case nil, "0": return false
        case "1": return true
        default: throw Problems.invalid("\(name): neither 0 nor 1")
        }
    }

    func origin(_ name: String) throws -> String? {
        guard let text = values[name] else { return nil }
        guard OriginID(text) != nil else { throw Problems.invalid("\(name): \(text) is not the name of an origin") }
        return text
    }
}
