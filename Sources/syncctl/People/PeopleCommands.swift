import ArgumentParser

/// The commands for the people of a park, apart from those of its operator.
enum PeopleCommands {
    static let groups = [
        CommandGroup(name: "What the parks share", subcommands: requests),
        CommandGroup(name: "What it comes to", subcommands: figures),
    ]

    static let requests: [any ParsableCommand.Type] = [
        Find.self, Show.self, Free.self, Ask.self, Act.self, Decide.self, Inbox.self,
    ]
}
