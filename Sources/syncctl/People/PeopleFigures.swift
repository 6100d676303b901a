import ArgumentParser

extension PeopleCommands {
    static let figures: [any ParsableCommand.Type] = []
}
