/// Invented names of the catalogue's demo, beside those of `DemoNames`.
enum CatalogueNames {
    typealias Name = DemoNames.Name

    static let surnames = [
        Name("李", "Li"), Name("王", "Wang"), Name("陈", "Chen"), Name("赵", "Zhao"), Name("刘", "Liu"), Name("周", "Zhou"),
        Name("吴", "Wu"), Name("徐", "Xu"), Name("孙", "Sun"), Name("何", "He"), Name("郭", "Guo"), Name("唐", "Tang"),
        Name("罗", "Luo"), Name("邓", "Deng"), Name("曾", "Zeng"), Name("蒋", "Jiang"), Name("谢", "Xie"),
    ]
    static let givenNames = [
        Name("薇", "Wei"), Name("建华", "Jianhua"), Name("静怡", "Jingyi"), Name("浩然", "Haoran"), Name("思远", "Siyuan"),
        Name("敏", "Min"), Name("子涵", "Zihan"), Name("雪梅", "Xuemei"), Name("国强", "Guoqiang"), Name("晓芳", "Xiaofang"),
        Name("一鸣", "Yiming"), Name("雅琴", "Yaqin"), Name("志远", "Zhiyuan"),
    ]

    /// What is added to a stem; and what kind of organisation it is.
    struct Institution: Sendable {
        var kind: String
        var name: Name
        var isPublic: Bool
    }

    private static let university = Institution(
        kind: "university", name: Name("理工大学", "University of Technology"), isPublic: true)
    private static let institute = Institution(
        kind: "institute", name: Name("应用技术研究院", "Institute of Applied Technology"), isPublic: true)
    private static let industrial = Institution(
        kind: "industrial_institute", name: Name("产业技术研究院", "Industrial Technology Institute"), isPublic: true)
    private static let makerspace = Institution(
        kind: "makerspace", name: Name("众创空间", "Makerspace"), isPublic: false)
    private static let transfer = Institution(
        kind: "transfer_centre", name: Name("技术转移中心", "Technology Transfer Centre"), isPublic: true)
    private static let bank = Institution(
        kind: "finance", name: Name("科技支行", "Technology Branch Bank"), isPublic: false)
    private static let incubator = Institution(kind: "incubator", name: Name("孵化器", "Incubator"), isPublic: false)
    private static let academy = Institution(
        kind: "startup_academy", name: Name("创业学院", "Startup Academy"), isPublic: true)

    /// Of each park. The bank that lends on patents is the third of the first park.
    static let institutions = [
        [university, institute, bank], [industrial, makerspace], [institute, transfer], [makerspace],
        [university, institute, academy], [incubator],
    ]
    static let bankNumber = 3

    /// Something that can be booked.
    struct Bookable: Sendable {
        var kind: String
        var name: Name
        var capacity: Int64
        var fenPerHour: Int64
        var tags: [String]
        var detail: [(String, DemoJSON)]
    }

    private static func instrument(
        _ zh: String, _ en: String, _ type: String, _ variable: String, valueFen: Int64, fee: Int64, _ tags: [String]
    ) -> Bookable {
        Bookable(
            kind: "instrument", name: Name(zh, en), capacity: 1, fenPerHour: fee, tags: tags,
            detail: [
                ("instrument_type", .text(type)), ("measured_variable", .list([variable])),
                ("value", .integer(valueFen)),
                ("effective_hours", .integer(1_600)),
            ])
    }

    static let bookables = [
        instrument(
            "场发射扫描电子显微镜", "Field Emission Scanning Electron Microscope", "analysis", "表面形貌", valueFen: 420_000_000,
            fee: 60_000, ["显微", "材料"]),
        instrument(
            "液相色谱质谱联用仪", "LC-MS System", "analysis", "质荷比", valueFen: 310_000_000, fee: 45_000, ["质谱", "医药"]),
        Bookable(
            kind: "laboratory", name: Name("生物安全二级实验室", "BSL-2 Laboratory"), capacity: 1, fenPerHour: 80_000,
            tags: ["生物", "安全"],
            detail: [
                ("level", .text("provincial")), ("area", .integer(260)), ("safety_level", .integer(2)),
                ("effective_hours", .integer(1_800)),
            ]),
        Bookable(
            kind: "desk", name: Name("开放工位", "Open Desks"), capacity: 24, fenPerHour: 1_000, tags: ["创业", "工位"],
            detail: [
                ("space_type", .text("makerspace")), ("area", .integer(420)), ("monthly_rent", .integer(60_000)),
            ]),
        instrument(
            "核磁共振波谱仪", "NMR Spectrometer", "analysis", "化学位移", valueFen: 680_000_000, fee: 75_000, ["波谱", "化学"]),
        Bookable(
            kind: "facility", name: Name("电磁兼容测试暗室", "EMC Anechoic Chamber"), capacity: 2, fenPerHour: 120_000,
            tags: ["电子", "检测"],
            detail: [("facility_type", .text("电波暗室")), ("effective_hours", .integer(2_000))]),
        instrument(
            "高通量基因测序仪", "High-Throughput Sequencer", "medical", "核苷酸序列", valueFen: 550_000_000, fee: 90_000,
            ["基因", "医药"]),
        Bookable(
            kind: "platform", name: Name("高性能计算平台", "High Performance Computing Platform"), capacity: 4,
            fenPerHour: 30_000, tags: ["计算", "人工智能"],
            detail: [
                ("platform_type", .text("computing")), ("services", .list(["模型训练", "工程仿真"])),
                ("effective_hours", .integer(8_000)),
            ]),
        Bookable(
            kind: "service", name: Name("材料疲劳检测服务", "Material Fatigue Testing"), capacity: 2, fenPerHour: 35_000,
            tags: ["检测", "航空"],
            detail: [
                ("category", .text("telecom_testing")), ("accreditation", .text("CMA（演示）")),
                ("turnaround_days", .integer(5)),
            ]),
        instrument(
            "矢量网络分析仪", "Vector Network Analyser", "electronic", "散射参数", valueFen: 150_000_000, fee: 28_000,
            ["电子", "射频"]),
    ]

    /// Two of each park.
    static let policies = [
        (
            title: Name("大型仪器开放共享奖励办法", "Measure on Rewards for Sharing Large Instruments"), type: "measure",
            topic: "sharing", body: "对向园区外单位开放共享大型仪器的单位，按年度服务机时给予奖励，每小时奖励不超过收费标准的百分之二十。"
        ),
        (
            title: Name("科技成果转化收益分配意见", "Opinion on Sharing the Proceeds of Research Results"), type: "opinion",
            topic: "use_rights", body: "高校院所科技成果转化所得净收益，按不低于百分之七十的比例奖励成果完成人和作出重要贡献的人员。"
        ),
    ]

    /// Fields of research: a technology of each, and the cluster that it belongs to.
    static let technologies = [
        (name: Name("抗体药物连续纯化", "continuous purification of antibodies"), cluster: "biology"),
        (name: Name("低功耗毫米波前端芯片", "low-power millimetre-wave front end"), cluster: "electronics"),
        (name: Name("航空发动机叶片疲劳监测", "fatigue monitoring of turbine blades"), cluster: "aviation"),
        (name: Name("工业缺陷小样本检测", "few-shot detection of industrial defects"), cluster: "big_data"),
        (name: Name("固态电池界面修饰", "interface treatment of solid-state batteries"), cluster: "new_energy"),
        (name: Name("液体活检甲基化分析", "methylation analysis of liquid biopsies"), cluster: "health"),
        (name: Name("轨道扣件状态感知", "condition sensing of rail fasteners"), cluster: "equipment"),
        (name: Name("量子密钥终端小型化", "miniature terminals for quantum keys"), cluster: "electronics"),
        (name: Name("高温合金增材制造", "additive manufacturing of superalloys"), cluster: "new_materials"),
        (name: Name("污泥低温干化", "low-temperature drying of sludge"), cluster: "energy_saving"),
        (name: Name("城市物流路径优化", "route planning of city logistics"), cluster: "logistics"),
    ]
    /// What tells patents of the same technology apart.
    static let aspects = [
        Name("", ""), Name("自适应", "Adaptive "), Name("模块化", "Modular "), Name("低成本", "Low-cost "),
        Name("高通量", "High-throughput "), Name("在线", "Online "),
    ]
    static let purposes = ["样品表征", "失效分析", "方法验证", "临床前研究", "可靠性试验", "教学实验"]
    static let programmes = [
        (name: Name("科技型中小企业创新券", "Innovation Vouchers for Small Firms"), instrument: "voucher"),
        (name: Name("重大成果转化前资助", "Pre-funding of Major Transformation Projects"), instrument: "pre_funding"),
        (name: Name("研发投入后补助", "Post-subsidy of R&D"), instrument: "post_subsidy"),
        (name: Name("科技贷款贴息", "Interest Subsidy for Technology Loans"), instrument: "loan_interest"),
        (name: Name("天使投资风险补助", "Risk Subsidy for Angel Investors"), instrument: "risk_subsidy"),
        (name: Name("创客项目众筹", "Crowdfunding of Maker Projects"), instrument: "crowdfunding"),
    ]

    /// A part of a park.
    struct Site: Sendable {
        var type: String
        var name: Name
        /// In square metres.
        var area: Int64
        var region: String?
    }

    /// Of each park. The park with the ring has a university as its first institution.
    static let sites = [
        [
            Site(
                type: "international_park", name: Name("新加坡合作创新园", "Singapore Innovation Park"), area: 420_000,
                region: "singapore"),
            Site(
                type: "agglomeration", name: Name("知识产权服务业集聚区", "Intellectual Property Services Quarter"),
                area: 60_000),
        ],
        [
            Site(
                type: "international_park", name: Name("韩国合作创新园", "Korean Innovation Park"), area: 260_000,
                region: "korea")
        ],
        [Site(type: "industrial_park", name: Name("生物医药产业园", "Biopharma Industrial Park"), area: 850_000)],
        [Site(type: "industrial_park", name: Name("航空装备产业园", "Aviation Industrial Park"), area: 1_100_000)],
        [Site(type: "knowledge_ring", name: Name("环高校知识经济圈", "University Knowledge Ring"), area: 540_000)],
        [Site(type: "conversion_base", name: Name("科技成果转化基地", "Technology Transfer Base"), area: 120_000)],
    ]
}
