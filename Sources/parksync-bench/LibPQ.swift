import Foundation

/// PostgreSQL's client library, loaded at run time: the bench neither links it nor needs it for its
/// other figures.
struct LibPQ {
    typealias Connect = @convention(c) (UnsafePointer<CChar>?) -> OpaquePointer?
    typealias Status = @convention(c) (OpaquePointer?) -> Int32
    typealias Message = @convention(c) (OpaquePointer?) -> UnsafePointer<CChar>?
    typealias Release = @convention(c) (OpaquePointer?) -> Void
    typealias Execute = @convention(c) (OpaquePointer?, UnsafePointer<CChar>?) -> OpaquePointer?
    typealias Prepare =
        @convention(c) (OpaquePointer?, UnsafePointer<CChar>?, UnsafePointer<CChar>?, Int32, UnsafePointer<UInt32>?) ->
        OpaquePointer?
    typealias ExecutePrepared =
        @convention(c) (
            OpaquePointer?, UnsafePointer<CChar>?, Int32, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?,
            UnsafePointer<Int32>?, Int32
        ) -> OpaquePointer?
    typealias Value = @convention(c) (OpaquePointer?, Int32, Int32) -> UnsafePointer<CChar>?
    typealias PutCopyData = @convention(c) (OpaquePointer?, UnsafePointer<CChar>?, Int32) -> Int32
    typealias PutCopyEnd = @convention(c) (OpaquePointer?, UnsafePointer<CChar>?) -> Int32
    typealias NextResult = @convention(c) (OpaquePointer?) -> OpaquePointer?

    let connect: Connect
    let status: Status
    let finish: Release
    let errorMessage: Message
    let execute: Execute
    let prepare: Prepare
    let executePrepared: ExecutePrepared
    let resultStatus: Status
    let rowCount: Status
    let value: Value
    let clear: Release
    let putCopyData: PutCopyData
    let putCopyEnd: PutCopyEnd
    let nextResult: NextResult

    /// The library stays loaded until the process ends: connections hold pointers into it.
    init() throws {
        guard let library = dlopen("libpq.so.5", RTLD_NOW) else {
            throw PeerError(
                "libpq.so.5 cannot be loaded: \(dlerror().map { String(cString: $0) } ?? "no reason given")",
                remedy: "Install PostgreSQL's client library (Debian: libpq5).")
        }
        func symbol(_ name: String) throws -> UnsafeMutableRawPointer {
            guard let symbol = dlsym(library, name) else {
                throw PeerError("libpq.so.5 has no \(name)", remedy: "Install the libpq of PostgreSQL 14 or later.")
            }
            return symbol
        }
        connect = unsafeBitCast(try symbol("PQconnectdb"), to: Connect.self)
        status = unsafeBitCast(try symbol("PQstatus"), to: Status.self)
        finish = unsafeBitCast(try symbol("PQfinish"), to: Release.self)
        errorMessage = unsafeBitCast(try symbol("PQerrorMessage"), to: Message.self)
        execute = unsafeBitCast(try symbol("PQexec"), to: Execute.self)
        prepare = unsafeBitCast(try symbol("PQprepare"), to: Prepare.self)
        executePrepared = unsafeBitCast(try symbol("PQexecPrepared"), to: ExecutePrepared.self)
        resultStatus = unsafeBitCast(try symbol("PQresultStatus"), to: Status.self)
        rowCount = unsafeBitCast(try symbol("PQntuples"), to: Status.self)
        value = unsafeBitCast(try symbol("PQgetvalue"), to: Value.self)
        clear = unsafeBitCast(try symbol("PQclear"), to: Release.self)
        putCopyData = unsafeBitCast(try symbol("PQputCopyData"), to: PutCopyData.self)
        putCopyEnd = unsafeBitCast(try symbol("PQputCopyEnd"), to: PutCopyEnd.self)
        nextResult = unsafeBitCast(try symbol("PQgetResult"), to: NextResult.self)
    }
}

/// One connection; each call blocks until the server has answered. To be used by one thread at a
/// time.
final class PQConnection {
    /// Results of libpq that mean success (`ExecStatusType`).
    private enum Result {
        static let commandDone: Int32 = 1
        static let rows: Int32 = 2
        static let copyIn: Int32 = 4
    }

    private let library: LibPQ
    private let handle: OpaquePointer
    /// Which server it is, for messages.
    private let name: String

    init(_ library: LibPQ, name: String, parameters: String) throws {
        guard let handle = library.connect(parameters) else {
            throw PeerError("\(name): libpq could not make a connection", remedy: "Free memory and run again.")
        }
        self.library = library
        self.handle = handle
        self.name = name
        guard library.status(handle) == 0 else { throw failure("connect") }
    }

    deinit { library.finish(handle) }

    private func failure(_ what: String) -> PeerError {
        let message = library.errorMessage(handle).map { String(cString: $0) } ?? "no reason given"
        return PeerError(
            "PostgreSQL's \(name), \(what): \(message.trimmingCharacters(in: .whitespacesAndNewlines))",
            remedy: "See that PostgreSQL 14 or later is installed and the disk has room, then run again.")
    }

    /// Runs `sql` and returns the first column of the first row, if there is one.
    @discardableResult
    func execute(_ sql: String) throws -> String? {
        let result = library.execute(handle, sql)
        defer { library.clear(result) }
        return try firstValue(result, sql)
    }

    func prepare(_ statement: String, _ sql: String) throws {
        let result = library.prepare(handle, statement, sql, 0, nil)
        defer { library.clear(result) }
        guard library.resultStatus(result) == Result.commandDone else { throw failure(sql) }
    }

    /// Runs a prepared statement with text parameters and returns the first column of the first
    /// row, if there is one.
    @discardableResult
    func run(_ statement: String, _ parameters: [String]) throws -> String? {
        var pointers = parameters.map { strdup($0) }
        defer { for pointer in pointers { free(pointer) } }
        let result = pointers.withUnsafeMutableBufferPointer { buffer in
            buffer.withMemoryRebound(to: UnsafePointer<CChar>?.self) {
                library.executePrepared(handle, statement, Int32($0.count), UnsafePointer($0.baseAddress), nil, nil, 0)
            }
        }
        defer { library.clear(result) }
        return try firstValue(result, statement)
    }

    /// `COPY table FROM STDIN` of text-format lines, in a transaction of its own.
    func copy(into table: String, _ lines: [UInt8]) throws {
        let start = library.execute(handle, "COPY \(table) FROM STDIN")
        let started = library.resultStatus(start) == Result.copyIn
        library.clear(start)
        guard started else { throw failure("COPY \(table)") }
        let sent = lines.withUnsafeBytes {
            library.putCopyData(handle, $0.baseAddress?.assumingMemoryBound(to: CChar.self), Int32($0.count))
        }
        guard sent == 1, library.putCopyEnd(handle, nil) == 1 else { throw failure("COPY \(table)") }
        var done = true
        while let result = library.nextResult(handle) {
            if library.resultStatus(result) != Result.commandDone { done = false }
            library.clear(result)
        }
        guard done else { throw failure("COPY \(table)") }
    }

    private func firstValue(_ result: OpaquePointer?, _ what: String) throws -> String? {
        let status = library.resultStatus(result)
        guard status == Result.commandDone || status == Result.rows else { throw failure(what) }
        guard library.rowCount(result) > 0 else { return nil }
        return library.value(result, 0, 0).map { String(cString: $0) }
    }
}
