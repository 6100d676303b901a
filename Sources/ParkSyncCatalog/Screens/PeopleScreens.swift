/// What several screens read: words for codes.
package enum PeopleScreens {
    /// A reason by its code `?1`.
    package static let reason = """
        SELECT code, zh, en, remedy_zh, remedy_en, override_by FROM reason WHERE code = ?1 AND until IS NULL
        """
}
