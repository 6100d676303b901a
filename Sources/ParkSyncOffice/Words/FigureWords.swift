/// Figures as people read them; JSON has whole fen, minutes and basis points.
package enum FigureWords {
    package static func money(_ fen: Int64, _ language: Language) -> String {
        language.pick("\(fixed(fen)) 元", "CNY \(fixed(fen))")
    }

    /// Of an amount in a unit; money is told in yuan.
    package static func amount(_ amount: Int64, unit: String?, _ language: Language) -> String {
        guard let unit, unit.hasSuffix(":unit:fen") else { return "\(amount)" }
        return money(amount, language)
    }

    /// Hundredths with two decimals.
    package static func fixed(_ hundredths: Int64) -> String {
        let digits = String(hundredths.magnitude)
        let padded = String(repeating: "0", count: max(0, 3 - digits.count)) + digits
        return (hundredths < 0 ? "-" : "") + padded.dropLast(2) + "." + padded.suffix(2)
    }

    /// `2:05`: hours and minutes.
    package static func hours(_ minutes: Int64) -> String {
        let rest = minutes.magnitude % 60
        return (minutes < 0 ? "-" : "") + "\(minutes.magnitude / 60):" + (rest < 10 ? "0" : "") + "\(rest)"
    }
}
