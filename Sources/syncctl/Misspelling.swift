import ArgumentParser
import ParkSyncCore

/// A command that does not exist is told as that. ArgumentParser would complain of an unexpected
/// argument, or of whatever comes next.
enum Misspelling {
    /// - Returns: what is wrong with the words, and the remedy; nil if they name a command, or go
    ///   on in a way that the command judges.
    static func complaint(_ arguments: [String], of root: any ParsableCommand.Type) -> String? {
        var command: any ParsableCommand.Type = root
        var path = root._commandName
        for word in arguments {
            let subcommands: [any ParsableCommand.Type] = command.configuration.subcommands
            // An option, or an argument of the command.
            guard !subcommands.isEmpty, !word.hasPrefix("-"), word != "help" else { return nil }
            guard let next = subcommands.first(where: { $0._commandName == word }) else {
                let names: [String] = subcommands.map { $0._commandName }
                return
                    """
                    \(path) has no command `\(word)`. \(Nearest.question(word, in: names))Commands: \
                    \(names.sorted().joined(separator: ", ")).
                    """
            }
            command = next
            path += " " + word
        }
        return nil
    }
}
