struct NetworkBench {
    let bin: String
    let catchUpRows: Int
    let batch: Int
    let latencyCommits: Int
    let table: FigureTable
    func run() async throws {}
}
