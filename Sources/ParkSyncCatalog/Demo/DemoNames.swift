/// Invented names, in Chinese and English, from which the demo data is put together.
enum DemoNames {
    struct Name: Sendable {
        var zh: String
        var en: String
        init(_ zh: String, _ en: String) {
            self.zh = zh
            self.en = en
        }
    }

    struct Park: Sendable {
        var id: String
        var name: Name
        var enterprises: Int
        var institutions: Int
        var talents: Int
        var resources: Int
        var bookings: Int
    }

    static let parks = [
        Park(
            id: "south", name: Name("高新南区", "South Park"), enterprises: 20, institutions: 3, talents: 15, resources: 10,
            bookings: 41),
        Park(
            id: "west", name: Name("高新西区", "West Park"), enterprises: 14, institutions: 2, talents: 10, resources: 7,
            bookings: 29),
        Park(
            id: "bio-city", name: Name("国际生物城", "Bio City"), enterprises: 8, institutions: 2, talents: 8, resources: 8,
            bookings: 14),
        Park(
            id: "airport", name: Name("国际空港产业新城", "Airport City"), enterprises: 6, institutions: 1, talents: 4,
            resources: 3, bookings: 12),
        Park(
            id: "science-city", name: Name("成都科学城", "Science City"), enterprises: 7, institutions: 3, talents: 7,
            resources: 7, bookings: 14),
        Park(
            id: "jingrong-town", name: Name("菁蓉镇", "Jingrong Town"), enterprises: 5, institutions: 1, talents: 4,
            resources: 4, bookings: 10),
    ]

    static let stems = [
        Name("蓉光", "Rongguang"), Name("锦江", "Jinjiang"), Name("青羊", "Qingyang"), Name("天府", "Tianfu"),
        Name("岷山", "Minshan"), Name("云谷", "Yungu"),
        Name("星河", "Xinghe"), Name("麓湖", "Luhu"), Name("银杏", "Yinxing"), Name("望江", "Wangjiang"), Name("金沙", "Jinsha"),
        Name("竹海", "Zhuhai"),
    ]
    static let fields = [
        Name("生物医药", "Biopharma"), Name("集成电路", "Microelectronics"), Name("航空装备", "Aviation"),
        Name("人工智能", "Artificial Intelligence"),
        Name("新能源", "New Energy"), Name("精准医疗", "Precision Medicine"), Name("轨道交通", "Rail Transit"),
        Name("网络安全", "Network Security"),
    ]
    static let industries = ["C2761", "C3973", "C3741", "I6513", "C3825", "M7340", "C3714", "I6540"]
    static let talents = ["young_founder", "executive_founder", "scientist_founder", "returnee_founder"]
    static let makers = [
        Name("川科仪器", "Chuanke Instruments"), Name("北极星精密", "Polaris Precision"), Name("瑞恒科技", "Ruiheng"),
    ]
}
