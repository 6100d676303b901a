/// One place where bytes from outside come in, and what has to hold for any of them.
package struct FuzzTarget: Sendable {
    package let name: String
    /// Well-formed inputs, made by the encoders that ship, from which others are made by damage.
    package let seeds: @Sendable () throws -> [[UInt8]]
    /// Hands bytes to the code under test. A refusal is an error of that code and is fine; a trap ends the process.
    ///
    /// - Throws: `FuzzBreach` if something was accepted that must not be; any other error is a refusal.
    package let run: @Sendable ([UInt8]) throws -> Void

    package init(
        _ name: String, seeds: @escaping @Sendable () throws -> [[UInt8]], run: @escaping @Sendable ([UInt8]) throws -> Void
    ) {
        (self.name, self.seeds, self.run) = (name, seeds, run)
    }

    /// All that the libraries can be asked; sorted by name.
    package static let all: [FuzzTarget] = (LogTargets.all + FileTargets.all + TextTargets.all).sorted { $0.name < $1.name }
}

/// The code under test has taken bytes that it should have refused, or has given others back.
package struct FuzzBreach: Error, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}
