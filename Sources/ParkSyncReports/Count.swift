/// Arithmetic on numbers that an answer brings: they may be anything.
package enum Count {
    /// The sum, or the greatest number there is.
    package static func sum(_ numbers: some Sequence<Int64>) -> Int64 {
        numbers.reduce(0) { sum, number in
            let (next, isBeyond) = sum.addingReportingOverflow(max(0, number))
            return isBeyond ? .max : next
        }
    }

    /// How many of `all` are not among the `shown`; 0 for a count that is none.
    package static func more(_ all: Int64, shown: Int) -> Int64 { all > shown ? all - Int64(shown) : 0 }
}
