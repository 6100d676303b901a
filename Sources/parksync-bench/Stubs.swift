struct ScaleBench { let table: FigureTable; let nodes: [Int]; func run() throws {} }
