import ParkSyncCore

/// What is owed because of a settled step, and what the payer's home pays of it.
package enum Claims {
    package struct Claim: Hashable, Sendable {
        /// Also the id of the transfer that pays it: so it is paid once.
        package var key: ExactText
        package var from: ExactText
        package var to: ExactText
        package var unit: ExactText
        package var amount: Int64
        package var because: ExactText

        package init(
            key: ExactText, from: ExactText, to: ExactText, unit: ExactText, amount: Int64, because: ExactText
        ) {
            (self.key, self.from, self.to) = (key, from, to)
            (self.unit, self.amount, self.because) = (unit, amount, because)
        }
    }

    /// An account and unit.
    package struct Purse: Hashable, Sendable {
        package var account: ExactText
        package var unit: ExactText

        package init(account: ExactText, unit: ExactText) { (self.account, self.unit) = (account, unit) }
    }

    /// What the steps of requests make their parties owe, in the order of the requests. Two
    /// branches of a fork make no claim until one is ended.
    ///
    /// - Parameters:
    ///   - owner: who is paid; nil: nobody, the use was free.
    ///   - account: of a party or owner.
    package static func due(
        requests: [Arbiter.Request], steps: [Arbiter.Step], owner: ExactText?, unit: ExactText,
        account: (ExactText) -> ExactText?
    ) -> [Claim] {
        guard let owner, let payee = account(owner) else { return [] }
        var chains: [ExactText: [Arbiter.Step]] = [:]
        for step in steps { chains[step.request, default: []].append(step) }
        return requests.compactMap { request in
            let chain = Chain(chains[request.id] ?? [])
            guard !chain.isForked, let step = chain.branch.first(where: { $0.owed != nil }), let amount = step.owed,
                amount > 0, let payer = account(request.party), payer != payee
            else { return nil }
            return Claim(key: step.id, from: payer, to: payee, unit: unit, amount: amount, because: step.id)
        }
    }

    /// The transfers that pay claims as far as the balances reach, in the order of the claims. One
    /// that is not covered is left for later, and those behind it are not held up.
    ///
    /// - Parameters:
    ///   - balances: of the accounts of this park.
    ///   - paid: keys of claims for which there is a transfer.
    package static func payments(_ claims: [Claim], balances: [Purse: Int64], paid: Set<ExactText>) -> [Claim] {
        var (balances, paid) = (balances, paid)
        return claims.filter { claim in
            let purse = Purse(account: claim.from, unit: claim.unit)
            guard claim.amount > 0, let balance = balances[purse], balance >= claim.amount,
                paid.insert(claim.key).inserted
            else { return false }
            balances[purse] = balance - claim.amount
            // What is received here may be spent here.
            let received = Purse(account: claim.to, unit: claim.unit)
            if let had = balances[received] { balances[received] = had.addedOrMost(claim.amount) }
            return true
        }
    }
}
