import ArgumentParser

/// What the commands that make a file of a node's database take.
struct CopyOptions: ParsableArguments {
    @Argument(help: "The file to make. It must not exist.")
    var file: String

    @OptionGroup var work: OfflineOption

    @Flag(help: "Print what was made as JSON.")
    var json = false
}

/// Whether a command does by itself what the node would do.
struct OfflineOption: ParsableArguments {
    @Flag(help: "Work on the files of a node that is down; needs --config.")
    var offline = false

    func check(_ node: NodeAddress) throws {
        if offline, node.config == nil {
            throw ValidationError("--offline needs --config: it names the node's files and keys.")
        }
    }
}

/// What the commands that list what a node has take.
struct ListOptions: ParsableArguments {
    @Option(help: "How many.")
    var limit = 100

    @Flag(help: "Print the node's answer as JSON.")
    var json = false
}
