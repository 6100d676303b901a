/// Writes families of samples in Prometheus' text format (version 0.0.4).
struct MetricsWriter {
    private(set) var text = ""

    typealias Labels = [(String, String)]

    mutating func family(_ name: String, _ kind: String, _ help: String, _ samples: [(labels: Labels, value: String)]) {
        // A family without samples would only say that it exists.
        guard !samples.isEmpty else { return }
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
        for sample in samples {
            let labels = sample.labels.map { "\($0)=\"\(Self.escaped($1))\"" }.joined(separator: ",")
            text += name + (labels.isEmpty ? "" : "{\(labels)}") + " \(sample.value)\n"
        }
    }

    mutating func gauge(_ name: String, _ help: String, _ value: some Numeric & CustomStringConvertible) {
        family(name, "gauge", help, [([], "\(value)")])
    }

    /// Unix milliseconds as the seconds that Prometheus reckons with.
    static func seconds(_ milliseconds: UInt64) -> String {
        let rest = "\(milliseconds % 1_000)"
        return "\(milliseconds / 1_000)." + String(repeating: "0", count: 3 - rest.count) + rest
    }

    static func escaped(_ text: String) -> String {
        text.map { $0 == "\\" ? "\\\\" : $0 == "\"" ? "\\\"" : $0 == "\n" || $0 == "\r\n" ? "\\n" : String($0) }
            .joined()
    }
}
