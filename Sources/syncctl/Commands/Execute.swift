import ArgumentParser
import ParkSyncCurl
import ParkSyncReports
import ParkSyncWire

/// `syncctl exec`: writes, in one durable transaction.
struct Execute: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exec", abstract: "Execute SQL in one durable transaction.",
        discussion:
            "Give one statement, or a whole transaction as JSON (the body of POST /v1/transactions) with --file.")

    @OptionGroup var node: NodeAddress

    @Argument(help: "One SQL statement.")
    var sql: String?

    @Option(
        name: .customLong("param"), parsing: .unconditionalSingleValue,
        help: "A value for ?1, ?2 …: JSON, or else text.")
    var parameters: [String] = []

    @Option(help: "A file with a transaction as JSON; - for standard input.")
    var file: String?

    @Option(help: "For whom, if not for the account that runs this; stands in brackets behind it in the log.")
    var author: String?

    @Option(help: "Why, for the log.")
    var note: String?

    @Flag(help: "Print the node's answer as JSON.")
    var json = false

    func validate() throws {
        guard (sql == nil) != (file == nil) else { throw ValidationError("Give either one SQL statement or --file.") }
        if file != nil, !parameters.isEmpty {
            throw ValidationError("--param belongs to a statement; write parameters into the file.")
        }
    }

    func run() async throws {
        let loop = CurlLoop()
        try await reporting("exec") {
            let result = try await send(request(), to: try await node.client(loop))
            if json { return try Console.json(result) }
            for statement in result.results {
                guard let columns = statement.columns else { continue }
                Console.table([columns] + (statement.rows ?? []).map { $0.map(ParameterParsing.text) })
            }
            let changes = Count.sum(result.results.map { Int64($0.changes) })
            print(
                result.seq.map { "entry \(result.origin):\($0), \(changes) rows changed" } ?? "no shared table changed")
        }
    }

    /// How much longer than the transaction's own limit the answer is waited for.
    static let answerSlackMilliseconds = 30_000

    private func send(_ request: TransactionRequest, to client: ControlClient) async throws -> TransactionResult {
        let limit = min(
            request.timeoutMilliseconds ?? LocalLimits.queryMillisecondsDefault, LocalLimits.queryMillisecondsMax)
        do {
            return try await client.post(
                LocalPath.transactions, request, within: max(limit, 0) + Self.answerSlackMilliseconds)
        } catch let failure as ControlFailure where failure.mayHaveArrived {
            // Trying again blindly could write twice.
            throw ControlFailure(
                reason: failure.reason,
                remedy: "The transaction was executed or not: see `syncctl log show` before you try it again.",
                mayHaveArrived: true)
        }
    }

    private func request() throws -> TransactionRequest {
        guard let file else {
            return TransactionRequest(
                statements: [
                    SQLStatement(sql ?? "", parameters.isEmpty ? nil : parameters.map(ParameterParsing.value))
                ], author: author, note: note)
        }
        var request = try TransactionFile.read(file)
        request.author = author ?? request.author
        request.note = note ?? request.note
        return request
    }
}
