import Testing

@testable import ParkSyncStore

/// A program's script, run on the file of `south` as that program would; then all parks have to
/// agree.
func runProgram(_ federation: Federation, _ script: String, sourceLocation: SourceLocation = #_sourceLocation)
    async throws
{
    federation.clock.advance(1)
    try federation.foreign("south", "sqlite3", ["-batch", "-bail"], input: script + ";\n")
    try await expectSame(federation, script, sourceLocation: sourceLocation)
}

/// The same for a script that has to be refused.
func expectProgramRefused(_ federation: Federation, _ script: String, sourceLocation: SourceLocation = #_sourceLocation)
    async throws
{
    federation.clock.advance(1)
    #expect(throws: StoreError.self, "\(script)", sourceLocation: sourceLocation) {
        try federation.foreign("south", "sqlite3", ["-batch", "-bail"], input: script + ";\n")
    }
    try await expectSame(federation, script, sourceLocation: sourceLocation)
}
