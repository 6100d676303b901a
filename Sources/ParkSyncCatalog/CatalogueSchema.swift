/// The schema files that a node has unless its configuration names a folder with others.
package enum CatalogueSchema {
    /// In the order of their numbers.
    package static var files: [(name: String, sql: String)] {
        [
            ("001-catalogue.sql", text(PackageResources._01_catalogue_sql)),
            ("002-fields.sql", text(PackageResources._02_fields_sql)),
            ("003-tables.sql", text(PackageResources._03_tables_sql)),
            ("004-guards.sql", text(PackageResources._04_guards_sql)),
            ("005-views.sql", text(PackageResources._05_views_sql)),
            ("006-indicators.sql", text(PackageResources._06_indicators_sql)),
            ("007-kinds.sql", text(PackageResources._07_kinds_sql)),
        ]
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
