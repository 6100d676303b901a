import ArgumentParser
import Foundation

/// In which language people are spoken to. The rows have both.
enum Language: String, ExpressibleByArgument, CaseIterable, Sendable {
    case zh, en

    /// As the account has it, in the order in which the C library looks.
    static var ofEnvironment: Language { of(ProcessInfo.processInfo.environment) }

    static func of(_ environment: [String: String]) -> Language {
        let named = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        return named?.hasPrefix("zh") == true ? .zh : .en
    }

    func pick(_ zh: String, _ en: String) -> String { self == .zh ? zh : en }

    /// Of a row that need not have an English name.
    func name(_ zh: String?, _ en: String?) -> String? {
        let (first, second) = self == .zh ? (zh, en) : (en, zh)
        return first?.isEmpty == false ? first : second
    }
}
