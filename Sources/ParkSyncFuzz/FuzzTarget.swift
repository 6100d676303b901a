/// One place where bytes from outside come in, and what has to hold for any of them.
package struct FuzzTarget: Sendable {
    /// Hands bytes to the code under test. A refusal is an error of that code and is fine; a trap
    /// ends the process.
    ///
    /// Throws `FuzzBreach` if something was accepted that must not be; any other error is a
    /// refusal.
    package enum Code: Sendable {
        case immediate(@Sendable ([UInt8]) throws -> Void)
        case asynchronous(@Sendable ([UInt8]) async throws -> Void)
    }

    package let name: String
    /// Well-formed inputs, made by the encoders that ship, from which others are made by damage.
    package let seeds: @Sendable () throws -> [[UInt8]]
    package let code: Code

    package init(
        _ name: String, seeds: @escaping @Sendable () throws -> [[UInt8]],
        run: @escaping @Sendable ([UInt8]) throws -> Void
    ) {
        (self.name, self.seeds, code) = (name, seeds, .immediate(run))
    }

    package init(
        _ name: String, seeds: @escaping @Sendable () throws -> [[UInt8]], code: Code
    ) {
        (self.name, self.seeds, self.code) = (name, seeds, code)
    }

    /// - Throws: `FuzzBreach`, or a refusal.
    package func run(_ bytes: [UInt8]) async throws {
        switch code {
        case .immediate(let run): try run(bytes)
        case .asynchronous(let run): try await run(bytes)
        }
    }

    /// All that the libraries can be asked; sorted by name.
    package static let all: [FuzzTarget] =
        (LogTargets.all + FileTargets.all + TextTargets.all + ConfigurationTarget.all + RequestTargets.all).sorted {
            $0.name < $1.name
        }
}

/// The code under test has taken bytes that it should have refused, or has given others back.
package struct FuzzBreach: Error, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}
