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
    static let institutions = [
        (kind: "university", name: Name("理工大学分校", "Polytechnic Campus")),
        (kind: "institute", name: Name("应用技术研究院", "Institute of Applied Technology")),
        (kind: "incubator", name: Name("众创空间", "Makerspace")),
    ]
    static let people = [
        Name("李薇", "Li Wei"), Name("王磊", "Wang Lei"), Name("陈静", "Chen Jing"), Name("赵阳", "Zhao Yang"),
        Name("刘洋", "Liu Yang"),
        Name("周敏", "Zhou Min"),
        Name("吴迪", "Wu Di"), Name("徐丽", "Xu Li"), Name("孙浩", "Sun Hao"), Name("何芳", "He Fang"), Name("郭强", "Guo Qiang"),
        Name("唐雪", "Tang Xue"),
    ]
    static let talents = ["young_founder", "executive_founder", "scientist_founder", "returnee_founder"]

    struct Equipment: Sendable {
        var kind: String
        var name: Name
        var type: String
        var variable: String
        var valueFen: Int64
        var feeFen: Int64
        var tags: [String]
    }

    static let equipment = [
        Equipment(
            kind: "instrument", name: Name("场发射扫描电子显微镜", "Field Emission Scanning Electron Microscope"),
            type: "electron microscope",
            variable: "surface morphology", valueFen: 420_000_000, feeFen: 60_000, tags: ["显微", "材料"]),
        Equipment(
            kind: "instrument", name: Name("液相色谱质谱联用仪", "LC-MS System"), type: "mass spectrometer",
            variable: "mass-to-charge ratio",
            valueFen: 310_000_000, feeFen: 45_000, tags: ["质谱", "医药"]),
        Equipment(
            kind: "laboratory", name: Name("生物安全二级实验室", "BSL-2 Laboratory"), type: "biosafety laboratory",
            variable: "microbial activity",
            valueFen: 900_000_000, feeFen: 80_000, tags: ["生物", "安全"]),
        Equipment(
            kind: "instrument", name: Name("核磁共振波谱仪", "NMR Spectrometer"), type: "spectrometer",
            variable: "chemical shift", valueFen: 680_000_000,
            feeFen: 75_000, tags: ["波谱", "化学"]),
        Equipment(
            kind: "facility", name: Name("电磁兼容测试暗室", "EMC Anechoic Chamber"), type: "anechoic chamber",
            variable: "field strength",
            valueFen: 1_500_000_000, feeFen: 120_000, tags: ["电子", "检测"]),
        Equipment(
            kind: "instrument", name: Name("高通量基因测序仪", "High-Throughput Sequencer"), type: "sequencer",
            variable: "nucleotide sequence",
            valueFen: 550_000_000, feeFen: 90_000, tags: ["基因", "医药"]),
        Equipment(
            kind: "platform", name: Name("高性能计算平台", "High Performance Computing Platform"), type: "computing cluster",
            variable: "floating point rate", valueFen: 2_000_000_000, feeFen: 30_000, tags: ["计算", "人工智能"]),
        Equipment(
            kind: "service", name: Name("材料疲劳检测服务", "Material Fatigue Testing"), type: "testing machine",
            variable: "cycles to failure",
            valueFen: 120_000_000, feeFen: 35_000, tags: ["检测", "航空"]),
    ]
    static let makers = [
        Name("川科仪器", "Chuanke Instruments"), Name("北极星精密", "Polaris Precision"), Name("瑞恒科技", "Ruiheng"),
    ]
    static let purposes = ["样品表征", "失效分析", "方法验证", "临床前研究", "可靠性试验", "教学实验"]

    static let policies = [
        (
            title: Name("大型仪器开放共享奖励办法", "Measure on Rewards for Sharing Large Instruments"),
            body: "对向园区外单位开放共享大型仪器的单位，按年度服务机时给予奖励。"
        ),
        (title: Name("创新券使用实施细则", "Rules for the Use of Innovation Vouchers"), body: "科技型中小企业可凭创新券购买检验检测、研发设计等服务。"),
    ]
}
