import ArgumentParser

extension PeopleCommands {
    static let figures: [any ParsableCommand.Type] = [
        Meter.self, Accounts.self, Indicators.self, Selection.self, Report.self, History.self, Duplicates.self,
    ]
}
