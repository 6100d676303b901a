-- parksync: schema 7
--
-- The catalogue of the parks, part 7: each kind as a view of its own, with the fields of `detail` as columns.
--
-- They are what the rows of `field` say in schema 7; a file that adds fields to a kind drops its view and makes it anew.
-- A field whose value has another type than it should is shown as it is.

-- 大型科学仪器.
CREATE VIEW instrument AS
SELECT
    id, -- 编号
    name_zh, -- 名称
    name_en, -- 英文名称
    owner_id, -- 权属单位
    capacity, -- 容量
    share_class, -- 共享方式
    state, -- 状态
    scope, -- 公开范围
    json_extract(detail, '$.description_zh') AS description_zh, -- 简介
    json_extract(detail, '$.description_en') AS description_en, -- 英文简介
    json_extract(detail, '$.keywords') AS keywords, -- 关键词
    json_extract(detail, '$.contact') AS contact, -- 联系邮箱（办公）
    json_extract(detail, '$.pid') AS pid, -- 持久标识符
    json_extract(detail, '$.landing_page') AS landing_page, -- 介绍网页
    json_extract(detail, '$.manufacturer') AS manufacturer, -- 制造商
    json_extract(detail, '$.model') AS model, -- 型号
    json_extract(detail, '$.instrument_type') AS instrument_type, -- 仪器类别
    json_extract(detail, '$.measured_variable') AS measured_variable, -- 测量参数
    json_extract(detail, '$.serial_number') AS serial_number, -- 出厂编号
    json_extract(detail, '$.asset_number') AS asset_number, -- 固定资产编号
    json_extract(detail, '$.commissioned_on') AS commissioned_on, -- 启用日期
    json_extract(detail, '$.decommissioned_on') AS decommissioned_on, -- 停用日期
    json_extract(detail, '$.registered_on') AS registered_on, -- 入网登记日期
    json_extract(detail, '$.value') AS value, -- 原值（分）
    json_extract(detail, '$.effective_hours') AS effective_hours, -- 年额定机时（小时）
    json_extract(detail, '$.place_zh') AS place_zh -- 放置地点
FROM item WHERE kind = 'instrument' AND json_valid(detail);

-- 实验室.
CREATE VIEW laboratory AS
SELECT
    id, -- 编号
    name_zh, -- 名称
    name_en, -- 英文名称
    owner_id, -- 权属单位
    capacity, -- 容量
    share_class, -- 共享方式
    state, -- 状态
    scope, -- 公开范围
    json_extract(detail, '$.description_zh') AS description_zh, -- 简介
    json_extract(detail, '$.description_en') AS description_en, -- 英文简介
    json_extract(detail, '$.keywords') AS keywords, -- 关键词
    json_extract(detail, '$.contact') AS contact, -- 联系邮箱（办公）
    json_extract(detail, '$.level') AS level, -- 实验室级别
    json_extract(detail, '$.discipline') AS discipline, -- 研究方向
    json_extract(detail, '$.area') AS area, -- 面积（平方米）
    json_extract(detail, '$.safety_level') AS safety_level, -- 生物安全等级
    json_extract(detail, '$.effective_hours') AS effective_hours -- 年额定机时（小时）
FROM item WHERE kind = 'laboratory' AND json_valid(detail);

-- 科研设施.
CREATE VIEW facility AS
SELECT
    id, -- 编号
    name_zh, -- 名称
    name_en, -- 英文名称
    owner_id, -- 权属单位
    capacity, -- 容量
    share_class, -- 共享方式
    state, -- 状态
    scope, -- 公开范围
    json_extract(detail, '$.description_zh') AS description_zh, -- 简介
    json_extract(detail, '$.description_en') AS description_en, -- 英文简介
    json_extract(detail, '$.keywords') AS keywords, -- 关键词
    json_extract(detail, '$.contact') AS contact, -- 联系邮箱（办公）
    json_extract(detail, '$.facility_type') AS facility_type, -- 设施类型
    json_extract(detail, '$.commissioned_on') AS commissioned_on, -- 启用日期
    json_extract(detail, '$.effective_hours') AS effective_hours -- 年额定机时（小时）
FROM item WHERE kind = 'facility' AND json_valid(detail);

-- 公共技术平台.
CREATE VIEW platform AS
SELECT
    id, -- 编号
    name_zh, -- 名称
    name_en, -- 英文名称
    owner_id, -- 权属单位
    capacity, -- 容量
    share_class, -- 共享方式
    state, -- 状态
    scope, -- 公开范围
    json_extract(detail, '$.description_zh') AS description_zh, -- 简介
    json_extract(detail, '$.description_en') AS description_en, -- 英文简介
    json_extract(detail, '$.keywords') AS keywords, -- 关键词
    json_extract(detail, '$.contact') AS contact, -- 联系邮箱（办公）
    json_extract(detail, '$.platform_type') AS platform_type, -- 平台类型
    json_extract(detail, '$.services') AS services, -- 服务内容
    json_extract(detail, '$.effective_hours') AS effective_hours -- 年额定机时（小时）
FROM item WHERE kind = 'platform' AND json_valid(detail);

-- 科技服务.
CREATE VIEW service AS
SELECT
    id, -- 编号
    name_zh, -- 名称
    name_en, -- 英文名称
    owner_id, -- 权属单位
    capacity, -- 容量
    share_class, -- 共享方式
    state, -- 状态
    scope, -- 公开范围
    json_extract(detail, '$.description_zh') AS description_zh, -- 简介
    json_extract(detail, '$.description_en') AS description_en, -- 英文简介
    json_extract(detail, '$.keywords') AS keywords, -- 关键词
    json_extract(detail, '$.contact') AS contact, -- 联系邮箱（办公）
    json_extract(detail, '$.category') AS category, -- 服务类别
    json_extract(detail, '$.accreditation') AS accreditation, -- 资质证书
    json_extract(detail, '$.turnaround_days') AS turnaround_days -- 办理周期（天）
FROM item WHERE kind = 'service' AND json_valid(detail);

-- 众创空间工位.
CREATE VIEW desk AS
SELECT
    id, -- 编号
    name_zh, -- 名称
    name_en, -- 英文名称
    owner_id, -- 权属单位
    capacity, -- 容量
    share_class, -- 共享方式
    state, -- 状态
    scope, -- 公开范围
    json_extract(detail, '$.description_zh') AS description_zh, -- 简介
    json_extract(detail, '$.description_en') AS description_en, -- 英文简介
    json_extract(detail, '$.keywords') AS keywords, -- 关键词
    json_extract(detail, '$.contact') AS contact, -- 联系邮箱（办公）
    json_extract(detail, '$.space_type') AS space_type, -- 空间类型
    json_extract(detail, '$.area') AS area, -- 面积（平方米）
    json_extract(detail, '$.monthly_rent') AS monthly_rent, -- 月租金（分）
    json_extract(detail, '$.address_zh') AS address_zh -- 地址
FROM item WHERE kind = 'desk' AND json_valid(detail);

-- 科学数据.
CREATE VIEW dataset AS
SELECT
    id, -- 编号
    name_zh, -- 名称
    name_en, -- 英文名称
    owner_id, -- 权属单位
    capacity, -- 容量
    share_class, -- 共享方式
    state, -- 状态
    scope, -- 公开范围
    json_extract(detail, '$.description_zh') AS description_zh, -- 简介
    json_extract(detail, '$.description_en') AS description_en, -- 英文简介
    json_extract(detail, '$.keywords') AS keywords, -- 关键词
    json_extract(detail, '$.contact') AS contact, -- 联系邮箱（办公）
    json_extract(detail, '$.doi') AS doi, -- 数字对象标识符
    json_extract(detail, '$.creators') AS creators, -- 创建者
    json_extract(detail, '$.publisher') AS publisher, -- 发布者
    json_extract(detail, '$.publication_year') AS publication_year, -- 发布年份（年）
    json_extract(detail, '$.resource_type') AS resource_type, -- 资源类型
    json_extract(detail, '$.version') AS version, -- 版本
    json_extract(detail, '$.rights') AS rights, -- 使用许可
    json_extract(detail, '$.subjects') AS subjects, -- 主题
    json_extract(detail, '$.formats') AS formats, -- 数据格式
    json_extract(detail, '$.size_bytes') AS size_bytes, -- 数据量（字节）
    json_extract(detail, '$.access_url') AS access_url, -- 访问地址
    json_extract(detail, '$.conditional') AS conditional -- 须接受条件
FROM item WHERE kind = 'dataset' AND json_valid(detail);

-- 科技文献.
CREATE VIEW literature AS
SELECT
    id, -- 编号
    name_zh, -- 名称
    name_en, -- 英文名称
    owner_id, -- 权属单位
    capacity, -- 容量
    share_class, -- 共享方式
    state, -- 状态
    scope, -- 公开范围
    json_extract(detail, '$.description_zh') AS description_zh, -- 简介
    json_extract(detail, '$.description_en') AS description_en, -- 英文简介
    json_extract(detail, '$.keywords') AS keywords, -- 关键词
    json_extract(detail, '$.contact') AS contact, -- 联系邮箱（办公）
    json_extract(detail, '$.literature_type') AS literature_type, -- 文献类型
    json_extract(detail, '$.creators') AS creators, -- 作者
    json_extract(detail, '$.publication_year') AS publication_year, -- 出版年份（年）
    json_extract(detail, '$.doi') AS doi, -- 数字对象标识符
    json_extract(detail, '$.issn') AS issn, -- 国际标准刊号
    json_extract(detail, '$.isbn') AS isbn, -- 国际标准书号
    json_extract(detail, '$.conditional') AS conditional -- 须接受条件
FROM item WHERE kind = 'literature' AND json_valid(detail);

-- 支持政策.
CREATE VIEW policy AS
SELECT
    id, -- 编号
    name_zh, -- 名称
    name_en, -- 英文名称
    owner_id, -- 权属单位
    capacity, -- 容量
    share_class, -- 共享方式
    state, -- 状态
    scope, -- 公开范围
    json_extract(detail, '$.description_zh') AS description_zh, -- 简介
    json_extract(detail, '$.description_en') AS description_en, -- 英文简介
    json_extract(detail, '$.keywords') AS keywords, -- 关键词
    json_extract(detail, '$.contact') AS contact, -- 联系邮箱（办公）
    json_extract(detail, '$.policy_type') AS policy_type, -- 文件种类
    json_extract(detail, '$.topic') AS topic, -- 政策主题
    json_extract(detail, '$.issuer') AS issuer, -- 发文机关
    json_extract(detail, '$.number') AS number, -- 发文字号
    json_extract(detail, '$.version') AS version, -- 版本
    json_extract(detail, '$.document_id') AS document_id, -- 正文文件
    json_extract(detail, '$.sha256') AS sha256, -- 正文摘要
    json_extract(detail, '$.issued_on') AS issued_on, -- 发布日期
    json_extract(detail, '$.effective_on') AS effective_on, -- 施行日期
    json_extract(detail, '$.expires_on') AS expires_on, -- 有效期至
    json_extract(detail, '$.origin') AS origin, -- 来源
    json_extract(detail, '$.origin_number') AS origin_number, -- 先行先试序号
    json_extract(detail, '$.responsible_id') AS responsible_id -- 责任单位
FROM item WHERE kind = 'policy' AND json_valid(detail);

-- 可复制经验.
CREATE VIEW practice AS
SELECT
    id, -- 编号
    name_zh, -- 名称
    name_en, -- 英文名称
    owner_id, -- 权属单位
    capacity, -- 容量
    share_class, -- 共享方式
    state, -- 状态
    scope, -- 公开范围
    json_extract(detail, '$.description_zh') AS description_zh, -- 简介
    json_extract(detail, '$.description_en') AS description_en, -- 英文简介
    json_extract(detail, '$.keywords') AS keywords, -- 关键词
    json_extract(detail, '$.contact') AS contact, -- 联系邮箱（办公）
    json_extract(detail, '$.practice_type') AS practice_type, -- 经验类型
    json_extract(detail, '$.policy_id') AS policy_id, -- 相关政策
    json_extract(detail, '$.results_zh') AS results_zh, -- 成效
    json_extract(detail, '$.conditional') AS conditional -- 须接受条件
FROM item WHERE kind = 'practice' AND json_valid(detail);

-- 可转移成果.
CREATE VIEW listing AS
SELECT
    id, -- 编号
    name_zh, -- 名称
    name_en, -- 英文名称
    owner_id, -- 权属单位
    capacity, -- 容量
    share_class, -- 共享方式
    state, -- 状态
    scope, -- 公开范围
    json_extract(detail, '$.description_zh') AS description_zh, -- 简介
    json_extract(detail, '$.description_en') AS description_en, -- 英文简介
    json_extract(detail, '$.keywords') AS keywords, -- 关键词
    json_extract(detail, '$.contact') AS contact, -- 联系邮箱（办公）
    json_extract(detail, '$.deal_forms') AS deal_forms, -- 合作方式
    json_extract(detail, '$.exclusive') AS exclusive, -- 独占许可
    json_extract(detail, '$.maturity') AS maturity, -- 技术成熟度
    json_extract(detail, '$.price') AS price, -- 意向价格（分）
    json_extract(detail, '$.valuation') AS valuation, -- 无形资产评估值（分）
    json_extract(detail, '$.valuation_by') AS valuation_by, -- 评估机构
    json_extract(detail, '$.rights_basis') AS rights_basis, -- 权属依据
    json_extract(detail, '$.patent_ids') AS patent_ids, -- 相关专利
    json_extract(detail, '$.cluster') AS cluster -- 所属产业
FROM item WHERE kind = 'listing' AND json_valid(detail);

-- 技术需求.
CREATE VIEW demand AS
SELECT
    id, -- 编号
    name_zh, -- 名称
    name_en, -- 英文名称
    owner_id, -- 权属单位
    capacity, -- 容量
    share_class, -- 共享方式
    state, -- 状态
    scope, -- 公开范围
    json_extract(detail, '$.description_zh') AS description_zh, -- 简介
    json_extract(detail, '$.description_en') AS description_en, -- 英文简介
    json_extract(detail, '$.keywords') AS keywords, -- 关键词
    json_extract(detail, '$.contact') AS contact, -- 联系邮箱（办公）
    json_extract(detail, '$.demand_type') AS demand_type, -- 需求类型
    json_extract(detail, '$.budget') AS budget, -- 预算（分）
    json_extract(detail, '$.needed_by') AS needed_by, -- 期望完成日期
    json_extract(detail, '$.cluster') AS cluster -- 所属产业
FROM item WHERE kind = 'demand' AND json_valid(detail);

-- 资金与计划项目.
CREATE VIEW programme AS
SELECT
    id, -- 编号
    name_zh, -- 名称
    name_en, -- 英文名称
    owner_id, -- 权属单位
    capacity, -- 容量
    share_class, -- 共享方式
    state, -- 状态
    scope, -- 公开范围
    json_extract(detail, '$.description_zh') AS description_zh, -- 简介
    json_extract(detail, '$.description_en') AS description_en, -- 英文简介
    json_extract(detail, '$.keywords') AS keywords, -- 关键词
    json_extract(detail, '$.contact') AS contact, -- 联系邮箱（办公）
    json_extract(detail, '$.instrument') AS instrument, -- 支持方式
    json_extract(detail, '$.umbrella') AS umbrella, -- 所属工程
    json_extract(detail, '$.budget') AS budget, -- 预算总额（分）
    json_extract(detail, '$.per_party_max') AS per_party_max, -- 单个主体上限（分）
    json_extract(detail, '$.opens_at') AS opens_at, -- 申报开始
    json_extract(detail, '$.closes_at') AS closes_at, -- 申报截止
    json_extract(detail, '$.publicity_days') AS publicity_days, -- 公示天数（天）
    json_extract(detail, '$.account_id') AS account_id, -- 资金账户
    json_extract(detail, '$.policy_id') AS policy_id -- 政策依据
FROM item WHERE kind = 'programme' AND json_valid(detail);

-- 年度遴选批次.
CREATE VIEW round AS
SELECT
    id, -- 编号
    name_zh, -- 名称
    name_en, -- 英文名称
    owner_id, -- 权属单位
    capacity, -- 容量
    share_class, -- 共享方式
    state, -- 状态
    scope, -- 公开范围
    json_extract(detail, '$.description_zh') AS description_zh, -- 简介
    json_extract(detail, '$.description_en') AS description_en, -- 英文简介
    json_extract(detail, '$.keywords') AS keywords, -- 关键词
    json_extract(detail, '$.contact') AS contact, -- 联系邮箱（办公）
    json_extract(detail, '$.year') AS year, -- 年度（年）
    json_extract(detail, '$.tier') AS tier, -- 培育层级
    json_extract(detail, '$.opens_at') AS opens_at, -- 申报开始
    json_extract(detail, '$.closes_at') AS closes_at, -- 申报截止
    json_extract(detail, '$.publicity_days') AS publicity_days, -- 公示天数（天）
    json_extract(detail, '$.weights') AS weights -- 评分权重
FROM item WHERE kind = 'round' AND json_valid(detail);

-- 活动.
CREATE VIEW event AS
SELECT
    id, -- 编号
    name_zh, -- 名称
    name_en, -- 英文名称
    owner_id, -- 权属单位
    capacity, -- 容量
    share_class, -- 共享方式
    state, -- 状态
    scope, -- 公开范围
    json_extract(detail, '$.description_zh') AS description_zh, -- 简介
    json_extract(detail, '$.description_en') AS description_en, -- 英文简介
    json_extract(detail, '$.keywords') AS keywords, -- 关键词
    json_extract(detail, '$.contact') AS contact, -- 联系邮箱（办公）
    json_extract(detail, '$.event_type') AS event_type, -- 活动类型
    json_extract(detail, '$.starts_at') AS starts_at, -- 开始
    json_extract(detail, '$.ends_at') AS ends_at, -- 结束
    json_extract(detail, '$.place_zh') AS place_zh, -- 地点
    json_extract(detail, '$.brand') AS brand, -- 品牌
    json_extract(detail, '$.url') AS url -- 网址
FROM item WHERE kind = 'event' AND json_valid(detail);

-- 培训课程.
CREATE VIEW course AS
SELECT
    id, -- 编号
    name_zh, -- 名称
    name_en, -- 英文名称
    owner_id, -- 权属单位
    capacity, -- 容量
    share_class, -- 共享方式
    state, -- 状态
    scope, -- 公开范围
    json_extract(detail, '$.description_zh') AS description_zh, -- 简介
    json_extract(detail, '$.description_en') AS description_en, -- 英文简介
    json_extract(detail, '$.keywords') AS keywords, -- 关键词
    json_extract(detail, '$.contact') AS contact, -- 联系邮箱（办公）
    json_extract(detail, '$.training_code') AS training_code, -- 培训证书代码
    json_extract(detail, '$.starts_at') AS starts_at, -- 开始
    json_extract(detail, '$.ends_at') AS ends_at, -- 结束
    json_extract(detail, '$.place_zh') AS place_zh, -- 地点
    json_extract(detail, '$.credits') AS credits, -- 创业学分（学分）
    json_extract(detail, '$.partner_id') AS partner_id, -- 合作院校
    json_extract(detail, '$.valid_months') AS valid_months -- 证书有效期（月）
FROM item WHERE kind = 'course' AND json_valid(detail);

-- 招聘岗位.
CREATE VIEW post AS
SELECT
    id, -- 编号
    name_zh, -- 名称
    name_en, -- 英文名称
    owner_id, -- 权属单位
    capacity, -- 容量
    share_class, -- 共享方式
    state, -- 状态
    scope, -- 公开范围
    json_extract(detail, '$.description_zh') AS description_zh, -- 简介
    json_extract(detail, '$.description_en') AS description_en, -- 英文简介
    json_extract(detail, '$.keywords') AS keywords, -- 关键词
    json_extract(detail, '$.contact') AS contact, -- 联系邮箱（办公）
    json_extract(detail, '$.employer_id') AS employer_id, -- 用人单位
    json_extract(detail, '$.talent_class') AS talent_class, -- 人才类别
    json_extract(detail, '$.salary_min') AS salary_min, -- 年薪下限（分）
    json_extract(detail, '$.salary_max') AS salary_max, -- 年薪上限（分）
    json_extract(detail, '$.closes_on') AS closes_on, -- 截止日期
    json_extract(detail, '$.team') AS team -- 团队引进
FROM item WHERE kind = 'post' AND json_valid(detail);

-- 人才时间.
CREATE VIEW talent_time AS
SELECT
    id, -- 编号
    name_zh, -- 名称
    name_en, -- 英文名称
    owner_id, -- 权属单位
    capacity, -- 容量
    share_class, -- 共享方式
    state, -- 状态
    scope, -- 公开范围
    json_extract(detail, '$.description_zh') AS description_zh, -- 简介
    json_extract(detail, '$.description_en') AS description_en, -- 英文简介
    json_extract(detail, '$.keywords') AS keywords, -- 关键词
    json_extract(detail, '$.contact') AS contact, -- 联系邮箱（办公）
    json_extract(detail, '$.person_id') AS person_id, -- 人才
    json_extract(detail, '$.employer_id') AS employer_id, -- 所在单位
    json_extract(detail, '$.second_type') AS second_type -- 流动方式
FROM item WHERE kind = 'talent_time' AND json_valid(detail);

-- 专利.
CREATE VIEW patent AS
SELECT
    id, -- 编号
    name_zh, -- 名称
    name_en, -- 英文名称
    owner_id, -- 权属单位
    capacity, -- 容量
    share_class, -- 共享方式
    state, -- 状态
    scope, -- 公开范围
    json_extract(detail, '$.description_zh') AS description_zh, -- 简介
    json_extract(detail, '$.description_en') AS description_en, -- 英文简介
    json_extract(detail, '$.keywords') AS keywords, -- 关键词
    json_extract(detail, '$.contact') AS contact, -- 联系邮箱（办公）
    json_extract(detail, '$.patent_type') AS patent_type, -- 专利类型
    json_extract(detail, '$.application_number') AS application_number, -- 申请号
    json_extract(detail, '$.publication_number') AS publication_number, -- 公开（公告）号
    json_extract(detail, '$.country') AS country, -- 国家或组织
    json_extract(detail, '$.filed_on') AS filed_on, -- 申请日
    json_extract(detail, '$.granted_on') AS granted_on, -- 授权公告日
    json_extract(detail, '$.expires_on') AS expires_on, -- 届满日
    json_extract(detail, '$.inventors') AS inventors, -- 发明人
    json_extract(detail, '$.valuation') AS valuation -- 评估值（分）
FROM item WHERE kind = 'patent' AND json_valid(detail);

-- 重大科技成果转化项目.
CREATE VIEW project AS
SELECT
    id, -- 编号
    name_zh, -- 名称
    name_en, -- 英文名称
    owner_id, -- 权属单位
    capacity, -- 容量
    share_class, -- 共享方式
    state, -- 状态
    scope, -- 公开范围
    json_extract(detail, '$.description_zh') AS description_zh, -- 简介
    json_extract(detail, '$.description_en') AS description_en, -- 英文简介
    json_extract(detail, '$.keywords') AS keywords, -- 关键词
    json_extract(detail, '$.contact') AS contact, -- 联系邮箱（办公）
    json_extract(detail, '$.stage') AS stage, -- 阶段
    json_extract(detail, '$.major') AS major, -- 重大项目
    json_extract(detail, '$.project_type') AS project_type, -- 项目类型
    json_extract(detail, '$.starts_on') AS starts_on, -- 开始日期
    json_extract(detail, '$.ends_on') AS ends_on, -- 计划完成日期
    json_extract(detail, '$.investment') AS investment, -- 总投资（分）
    json_extract(detail, '$.cluster') AS cluster, -- 所属产业
    json_extract(detail, '$.document_sha256') AS document_sha256 -- 立项文件摘要
FROM item WHERE kind = 'project' AND json_valid(detail);

-- 标准.
CREATE VIEW standard AS
SELECT
    id, -- 编号
    name_zh, -- 名称
    name_en, -- 英文名称
    owner_id, -- 权属单位
    capacity, -- 容量
    share_class, -- 共享方式
    state, -- 状态
    scope, -- 公开范围
    json_extract(detail, '$.description_zh') AS description_zh, -- 简介
    json_extract(detail, '$.description_en') AS description_en, -- 英文简介
    json_extract(detail, '$.keywords') AS keywords, -- 关键词
    json_extract(detail, '$.contact') AS contact, -- 联系邮箱（办公）
    json_extract(detail, '$.level') AS level, -- 标准层级
    json_extract(detail, '$.number') AS number, -- 标准号
    json_extract(detail, '$.role') AS role, -- 参与方式
    json_extract(detail, '$.revision') AS revision, -- 修订
    json_extract(detail, '$.published_on') AS published_on -- 发布日期
FROM item WHERE kind = 'standard' AND json_valid(detail);

-- 行政审批事项.
CREATE VIEW approval_item AS
SELECT
    id, -- 编号
    name_zh, -- 名称
    name_en, -- 英文名称
    owner_id, -- 权属单位
    capacity, -- 容量
    share_class, -- 共享方式
    state, -- 状态
    scope, -- 公开范围
    json_extract(detail, '$.description_zh') AS description_zh, -- 简介
    json_extract(detail, '$.description_en') AS description_en, -- 英文简介
    json_extract(detail, '$.keywords') AS keywords, -- 关键词
    json_extract(detail, '$.contact') AS contact, -- 联系邮箱（办公）
    json_extract(detail, '$.domain') AS domain, -- 领域
    json_extract(detail, '$.authority') AS authority, -- 实施机关
    json_extract(detail, '$.legal_basis') AS legal_basis, -- 设定依据
    json_extract(detail, '$.days') AS days -- 办理时限（工作日）
FROM item WHERE kind = 'approval_item' AND json_valid(detail);

-- 问题与任务清单.
CREATE VIEW register AS
SELECT
    id, -- 编号
    name_zh, -- 名称
    name_en, -- 英文名称
    owner_id, -- 权属单位
    capacity, -- 容量
    share_class, -- 共享方式
    state, -- 状态
    scope, -- 公开范围
    json_extract(detail, '$.description_zh') AS description_zh, -- 简介
    json_extract(detail, '$.description_en') AS description_en, -- 英文简介
    json_extract(detail, '$.keywords') AS keywords, -- 关键词
    json_extract(detail, '$.contact') AS contact, -- 联系邮箱（办公）
    json_extract(detail, '$.register_type') AS register_type, -- 清单类型
    json_extract(detail, '$.responsible_id') AS responsible_id -- 责任单位
FROM item WHERE kind = 'register' AND json_valid(detail);

-- 异地孵化空间.
CREATE VIEW incubation AS
SELECT
    id, -- 编号
    name_zh, -- 名称
    name_en, -- 英文名称
    owner_id, -- 权属单位
    capacity, -- 容量
    share_class, -- 共享方式
    state, -- 状态
    scope, -- 公开范围
    json_extract(detail, '$.description_zh') AS description_zh, -- 简介
    json_extract(detail, '$.description_en') AS description_en, -- 英文简介
    json_extract(detail, '$.keywords') AS keywords, -- 关键词
    json_extract(detail, '$.contact') AS contact, -- 联系邮箱（办公）
    json_extract(detail, '$.partner_id') AS partner_id, -- 合作园区或机构
    json_extract(detail, '$.place_zh') AS place_zh, -- 所在地
    json_extract(detail, '$.area') AS area -- 面积（平方米）
FROM item WHERE kind = 'incubation' AND json_valid(detail);

-- 合作共建关系.
CREATE VIEW partnership AS
SELECT
    id, -- 编号
    name_zh, -- 名称
    name_en, -- 英文名称
    owner_id, -- 权属单位
    capacity, -- 容量
    share_class, -- 共享方式
    state, -- 状态
    scope, -- 公开范围
    json_extract(detail, '$.description_zh') AS description_zh, -- 简介
    json_extract(detail, '$.description_en') AS description_en, -- 英文简介
    json_extract(detail, '$.keywords') AS keywords, -- 关键词
    json_extract(detail, '$.contact') AS contact, -- 联系邮箱（办公）
    json_extract(detail, '$.partnership_type') AS partnership_type, -- 合作类型
    json_extract(detail, '$.partner_id') AS partner_id, -- 合作方
    json_extract(detail, '$.region') AS region, -- 合作区域
    json_extract(detail, '$.share') AS share, -- 分享比例（基点）
    json_extract(detail, '$.starts_on') AS starts_on, -- 开始日期
    json_extract(detail, '$.ends_on') AS ends_on -- 结束日期
FROM item WHERE kind = 'partnership' AND json_valid(detail);

-- 产业集群.
CREATE VIEW cluster AS
SELECT
    id, -- 编号
    name_zh, -- 名称
    name_en, -- 英文名称
    state, -- 状态
    scope, -- 公开范围
    json_extract(detail, '$.description_zh') AS description_zh, -- 简介
    json_extract(detail, '$.description_en') AS description_en, -- 英文简介
    json_extract(detail, '$.keywords') AS keywords, -- 关键词
    json_extract(detail, '$.contact') AS contact, -- 联系邮箱（办公）
    json_extract(detail, '$.cluster') AS cluster, -- 产业
    json_extract(detail, '$.chain') AS chain -- 链条
FROM item WHERE kind = 'cluster' AND json_valid(detail);

-- 发展目标.
CREATE VIEW target AS
SELECT
    id, -- 编号
    name_zh, -- 名称
    name_en, -- 英文名称
    state, -- 状态
    scope, -- 公开范围
    json_extract(detail, '$.description_zh') AS description_zh, -- 简介
    json_extract(detail, '$.description_en') AS description_en, -- 英文简介
    json_extract(detail, '$.keywords') AS keywords, -- 关键词
    json_extract(detail, '$.contact') AS contact, -- 联系邮箱（办公）
    json_extract(detail, '$.indicator') AS indicator, -- 指标
    json_extract(detail, '$.year') AS year, -- 年份（年）
    json_extract(detail, '$.least') AS least, -- 目标值
    json_extract(detail, '$.most') AS most, -- 目标上限
    json_extract(detail, '$.unit') AS unit -- 单位
FROM item WHERE kind = 'target' AND json_valid(detail);

-- 阶段目标.
CREATE VIEW milestone AS
SELECT
    id, -- 编号
    name_zh, -- 名称
    name_en, -- 英文名称
    state, -- 状态
    scope, -- 公开范围
    json_extract(detail, '$.description_zh') AS description_zh, -- 简介
    json_extract(detail, '$.description_en') AS description_en, -- 英文简介
    json_extract(detail, '$.keywords') AS keywords, -- 关键词
    json_extract(detail, '$.contact') AS contact, -- 联系邮箱（办公）
    json_extract(detail, '$.year') AS year, -- 年份（年）
    json_extract(detail, '$.reached_on') AS reached_on, -- 达成日期
    json_extract(detail, '$.evidence_zh') AS evidence_zh -- 佐证
FROM item WHERE kind = 'milestone' AND json_valid(detail);

-- 考核评价.
CREATE VIEW evaluation AS
SELECT
    id, -- 编号
    name_zh, -- 名称
    name_en, -- 英文名称
    state, -- 状态
    scope, -- 公开范围
    json_extract(detail, '$.description_zh') AS description_zh, -- 简介
    json_extract(detail, '$.description_en') AS description_en, -- 英文简介
    json_extract(detail, '$.keywords') AS keywords, -- 关键词
    json_extract(detail, '$.contact') AS contact, -- 联系邮箱（办公）
    json_extract(detail, '$.evaluation_type') AS evaluation_type, -- 考核类型
    json_extract(detail, '$.evaluated_id') AS evaluated_id, -- 考核对象
    json_extract(detail, '$.year') AS year, -- 年份（年）
    json_extract(detail, '$.evaluator_id') AS evaluator_id, -- 考核单位
    json_extract(detail, '$.grade') AS grade, -- 考核等次
    json_extract(detail, '$.published_on') AS published_on, -- 公布日期
    json_extract(detail, '$.document_id') AS document_id, -- 评价报告
    json_extract(detail, '$.sha256') AS sha256 -- 评价报告摘要
FROM item WHERE kind = 'evaluation' AND json_valid(detail);

-- 园区片区与基地.
CREATE VIEW site AS
SELECT
    id, -- 编号
    name_zh, -- 名称
    name_en, -- 英文名称
    owner_id, -- 权属单位
    state, -- 状态
    scope, -- 公开范围
    json_extract(detail, '$.description_zh') AS description_zh, -- 简介
    json_extract(detail, '$.description_en') AS description_en, -- 英文简介
    json_extract(detail, '$.keywords') AS keywords, -- 关键词
    json_extract(detail, '$.contact') AS contact, -- 联系邮箱（办公）
    json_extract(detail, '$.site_type') AS site_type, -- 片区类型
    json_extract(detail, '$.place_zh') AS place_zh, -- 地点
    json_extract(detail, '$.area') AS area, -- 面积（平方米）
    json_extract(detail, '$.region') AS region, -- 合作区域
    json_extract(detail, '$.partner_id') AS partner_id -- 合作方
FROM item WHERE kind = 'site' AND json_valid(detail);

-- 计量单位.
CREATE VIEW unit AS
SELECT
    id, -- 编号
    name_zh, -- 名称
    name_en, -- 英文名称
    state, -- 状态
    scope, -- 公开范围
    json_extract(detail, '$.unit') AS unit, -- 单位
    json_extract(detail, '$.issued_for_zh') AS issued_for_zh, -- 用途
    json_extract(detail, '$.valid_until') AS valid_until -- 有效期至
FROM item WHERE kind = 'unit' AND json_valid(detail);

-- 账户.
CREATE VIEW account AS
SELECT
    id, -- 编号
    name_zh, -- 名称
    name_en, -- 英文名称
    owner_id, -- 权属单位
    state, -- 状态
    scope, -- 公开范围
    json_extract(detail, '$.account_type') AS account_type, -- 账户类型
    json_extract(detail, '$.bank_zh') AS bank_zh -- 开户行
FROM item WHERE kind = 'account' AND json_valid(detail);

-- 使用预约.
CREATE VIEW booking AS
SELECT
    r.id, -- 编号
    r.subject_id, -- 对象
    r.party_id, -- 申请方
    s.state, -- 状态
    s.state_zh, -- 状态（中文）
    s.starts_at, -- 开始
    s.ends_at, -- 结束
    s.weight, -- 数量
    r.at AS asked_at, -- 申请时间
    json_extract(r.detail, '$.purpose_zh') AS purpose_zh, -- 用途说明
    json_extract(r.detail, '$.samples') AS samples, -- 样品数（个）
    json_extract(r.detail, '$.operator') AS operator, -- 操作方式
    json_extract(r.detail, '$.may_wait') AS may_wait, -- 愿意候补
    json_extract(r.detail, '$.project_code') AS project_code -- 课题编号
FROM request AS r JOIN request_state AS s ON s.id = r.id
WHERE r.kind = 'booking' AND json_valid(r.detail);

-- 时段委托.
CREATE VIEW lending AS
SELECT
    r.id, -- 编号
    r.subject_id, -- 对象
    r.party_id, -- 申请方
    s.state, -- 状态
    s.state_zh, -- 状态（中文）
    s.starts_at, -- 开始
    s.ends_at, -- 结束
    s.weight, -- 数量
    r.at AS asked_at, -- 申请时间
    json_extract(r.detail, '$.purpose_zh') AS purpose_zh -- 用途说明
FROM request AS r JOIN request_state AS s ON s.id = r.id
WHERE r.kind = 'lending' AND json_valid(r.detail);

-- 管理方变更.
CREATE VIEW home_change AS
SELECT
    r.id, -- 编号
    r.subject_id, -- 对象
    r.party_id, -- 申请方
    s.state, -- 状态
    s.state_zh, -- 状态（中文）
    s.starts_at, -- 开始
    s.ends_at, -- 结束
    s.weight, -- 数量
    r.at AS asked_at, -- 申请时间
    json_extract(r.detail, '$.purpose_zh') AS purpose_zh, -- 用途说明
    json_extract(r.detail, '$.successor_id') AS successor_id -- 移交后的资源编号
FROM request AS r JOIN request_state AS s ON s.id = r.id
WHERE r.kind = 'home_change' AND json_valid(r.detail);

-- 数据使用申请.
CREATE VIEW data_access AS
SELECT
    r.id, -- 编号
    r.subject_id, -- 对象
    r.party_id, -- 申请方
    s.state, -- 状态
    s.state_zh, -- 状态（中文）
    s.starts_at, -- 开始
    s.ends_at, -- 结束
    s.weight, -- 数量
    r.at AS asked_at, -- 申请时间
    json_extract(r.detail, '$.purpose_zh') AS purpose_zh, -- 用途说明
    json_extract(r.detail, '$.days') AS days, -- 使用天数（天）
    json_extract(r.detail, '$.accepts_terms') AS accepts_terms -- 接受使用条件
FROM request AS r JOIN request_state AS s ON s.id = r.id
WHERE r.kind = 'data_access' AND json_valid(r.detail);

-- 文献传递申请.
CREATE VIEW literature_request AS
SELECT
    r.id, -- 编号
    r.subject_id, -- 对象
    r.party_id, -- 申请方
    s.state, -- 状态
    s.state_zh, -- 状态（中文）
    s.starts_at, -- 开始
    s.ends_at, -- 结束
    s.weight, -- 数量
    r.at AS asked_at, -- 申请时间
    json_extract(r.detail, '$.purpose_zh') AS purpose_zh, -- 用途说明
    json_extract(r.detail, '$.pages') AS pages, -- 页码
    json_extract(r.detail, '$.accepts_terms') AS accepts_terms -- 接受使用条件
FROM request AS r JOIN request_state AS s ON s.id = r.id
WHERE r.kind = 'literature_request' AND json_valid(r.detail);

-- 经验引进申请.
CREATE VIEW practice_request AS
SELECT
    r.id, -- 编号
    r.subject_id, -- 对象
    r.party_id, -- 申请方
    s.state, -- 状态
    s.state_zh, -- 状态（中文）
    s.starts_at, -- 开始
    s.ends_at, -- 结束
    s.weight, -- 数量
    r.at AS asked_at, -- 申请时间
    json_extract(r.detail, '$.purpose_zh') AS purpose_zh, -- 用途说明
    json_extract(r.detail, '$.accepts_terms') AS accepts_terms -- 接受使用条件
FROM request AS r JOIN request_state AS s ON s.id = r.id
WHERE r.kind = 'practice_request' AND json_valid(r.detail);

-- 活动报名.
CREATE VIEW event_signup AS
SELECT
    r.id, -- 编号
    r.subject_id, -- 对象
    r.party_id, -- 申请方
    s.state, -- 状态
    s.state_zh, -- 状态（中文）
    s.starts_at, -- 开始
    s.ends_at, -- 结束
    s.weight, -- 数量
    r.at AS asked_at, -- 申请时间
    json_extract(r.detail, '$.people') AS people, -- 参加人
    json_extract(r.detail, '$.entry_zh') AS entry_zh, -- 参赛项目
    json_extract(r.detail, '$.may_wait') AS may_wait -- 愿意候补
FROM request AS r JOIN request_state AS s ON s.id = r.id
WHERE r.kind = 'event_signup' AND json_valid(r.detail);

-- 课程报名.
CREATE VIEW course_signup AS
SELECT
    r.id, -- 编号
    r.subject_id, -- 对象
    r.party_id, -- 申请方
    s.state, -- 状态
    s.state_zh, -- 状态（中文）
    s.starts_at, -- 开始
    s.ends_at, -- 结束
    s.weight, -- 数量
    r.at AS asked_at, -- 申请时间
    json_extract(r.detail, '$.people') AS people, -- 参加人
    json_extract(r.detail, '$.student_id') AS student_id, -- 学员
    json_extract(r.detail, '$.may_wait') AS may_wait -- 愿意候补
FROM request AS r JOIN request_state AS s ON s.id = r.id
WHERE r.kind = 'course_signup' AND json_valid(r.detail);

-- 政策采纳.
CREATE VIEW policy_adoption AS
SELECT
    r.id, -- 编号
    r.subject_id, -- 对象
    r.party_id, -- 申请方
    s.state, -- 状态
    s.state_zh, -- 状态（中文）
    s.starts_at, -- 开始
    s.ends_at, -- 结束
    s.weight, -- 数量
    r.at AS asked_at, -- 申请时间
    json_extract(r.detail, '$.sha256') AS sha256, -- 所引文件摘要
    json_extract(r.detail, '$.changes_zh') AS changes_zh, -- 修改内容
    json_extract(r.detail, '$.effective_on') AS effective_on, -- 施行日期
    json_extract(r.detail, '$.successor_id') AS successor_id -- 替代的采纳
FROM request AS r JOIN request_state AS s ON s.id = r.id
WHERE r.kind = 'policy_adoption' AND json_valid(r.detail);

-- 经验采纳.
CREATE VIEW practice_adoption AS
SELECT
    r.id, -- 编号
    r.subject_id, -- 对象
    r.party_id, -- 申请方
    s.state, -- 状态
    s.state_zh, -- 状态（中文）
    s.starts_at, -- 开始
    s.ends_at, -- 结束
    s.weight, -- 数量
    r.at AS asked_at, -- 申请时间
    json_extract(r.detail, '$.sha256') AS sha256, -- 所引文件摘要
    json_extract(r.detail, '$.changes_zh') AS changes_zh, -- 修改内容
    json_extract(r.detail, '$.effective_on') AS effective_on -- 施行日期
FROM request AS r JOIN request_state AS s ON s.id = r.id
WHERE r.kind = 'practice_adoption' AND json_valid(r.detail);

-- 技术交易要约.
CREATE VIEW technology_offer AS
SELECT
    r.id, -- 编号
    r.subject_id, -- 对象
    r.party_id, -- 申请方
    s.state, -- 状态
    s.state_zh, -- 状态（中文）
    s.starts_at, -- 开始
    s.ends_at, -- 结束
    s.weight, -- 数量
    r.at AS asked_at, -- 申请时间
    r.amount, -- 金额
    json_extract(r.detail, '$.deal_form') AS deal_form, -- 合作方式
    json_extract(r.detail, '$.exclusive') AS exclusive, -- 独占
    json_extract(r.detail, '$.field_of_use') AS field_of_use, -- 许可领域
    json_extract(r.detail, '$.equity') AS equity, -- 作价入股比例（基点）
    json_extract(r.detail, '$.registration_number') AS registration_number, -- 技术合同登记号
    json_extract(r.detail, '$.currency') AS currency, -- 币种
    json_extract(r.detail, '$.country') AS country, -- 国家或地区
    json_extract(r.detail, '$.royalty') AS royalty, -- 提成比例（基点）
    json_extract(r.detail, '$.revenue_share') AS revenue_share, -- 成果完成人收益比例（基点）
    json_extract(r.detail, '$.instalments') AS instalments -- 付款期数（期）
FROM request AS r JOIN request_state AS s ON s.id = r.id
WHERE r.kind = 'technology_offer' AND json_valid(r.detail);

-- 需求应答.
CREATE VIEW demand_response AS
SELECT
    r.id, -- 编号
    r.subject_id, -- 对象
    r.party_id, -- 申请方
    s.state, -- 状态
    s.state_zh, -- 状态（中文）
    s.starts_at, -- 开始
    s.ends_at, -- 结束
    s.weight, -- 数量
    r.at AS asked_at, -- 申请时间
    r.amount, -- 金额
    json_extract(r.detail, '$.deal_form') AS deal_form, -- 合作方式
    json_extract(r.detail, '$.plan_zh') AS plan_zh, -- 方案
    json_extract(r.detail, '$.currency') AS currency, -- 币种
    json_extract(r.detail, '$.country') AS country, -- 国家或地区
    json_extract(r.detail, '$.royalty') AS royalty, -- 提成比例（基点）
    json_extract(r.detail, '$.revenue_share') AS revenue_share, -- 成果完成人收益比例（基点）
    json_extract(r.detail, '$.instalments') AS instalments -- 付款期数（期）
FROM request AS r JOIN request_state AS s ON s.id = r.id
WHERE r.kind = 'demand_response' AND json_valid(r.detail);

-- 岗位应聘.
CREATE VIEW job_application AS
SELECT
    r.id, -- 编号
    r.subject_id, -- 对象
    r.party_id, -- 申请方
    s.state, -- 状态
    s.state_zh, -- 状态（中文）
    s.starts_at, -- 开始
    s.ends_at, -- 结束
    s.weight, -- 数量
    r.at AS asked_at, -- 申请时间
    r.amount, -- 金额
    json_extract(r.detail, '$.person_id') AS person_id, -- 应聘人
    json_extract(r.detail, '$.team') AS team, -- 团队成员
    json_extract(r.detail, '$.salary') AS salary -- 期望年薪（分）
FROM request AS r JOIN request_state AS s ON s.id = r.id
WHERE r.kind = 'job_application' AND json_valid(r.detail);

-- 专利权质押.
CREATE VIEW patent_pledge AS
SELECT
    r.id, -- 编号
    r.subject_id, -- 对象
    r.party_id, -- 申请方
    s.state, -- 状态
    s.state_zh, -- 状态（中文）
    s.starts_at, -- 开始
    s.ends_at, -- 结束
    s.weight, -- 数量
    r.at AS asked_at, -- 申请时间
    r.amount, -- 金额
    json_extract(r.detail, '$.lender_id') AS lender_id, -- 质权人
    json_extract(r.detail, '$.loan') AS loan, -- 贷款金额（分）
    json_extract(r.detail, '$.registration_number') AS registration_number -- 质押登记号
FROM request AS r JOIN request_state AS s ON s.id = r.id
WHERE r.kind = 'patent_pledge' AND json_valid(r.detail);

-- 众筹认投.
CREATE VIEW backing AS
SELECT
    r.id, -- 编号
    r.subject_id, -- 对象
    r.party_id, -- 申请方
    s.state, -- 状态
    s.state_zh, -- 状态（中文）
    s.starts_at, -- 开始
    s.ends_at, -- 结束
    s.weight, -- 数量
    r.at AS asked_at, -- 申请时间
    r.amount, -- 金额
    json_extract(r.detail, '$.purpose_zh') AS purpose_zh -- 用途说明
FROM request AS r JOIN request_state AS s ON s.id = r.id
WHERE r.kind = 'backing' AND json_valid(r.detail);

-- 项目申报.
CREATE VIEW grant_application AS
SELECT
    r.id, -- 编号
    r.subject_id, -- 对象
    r.party_id, -- 申请方
    s.state, -- 状态
    s.state_zh, -- 状态（中文）
    s.starts_at, -- 开始
    s.ends_at, -- 结束
    s.weight, -- 数量
    r.at AS asked_at, -- 申请时间
    r.amount, -- 金额
    json_extract(r.detail, '$.project_zh') AS project_zh, -- 项目名称
    json_extract(r.detail, '$.project_id') AS project_id, -- 关联项目
    json_extract(r.detail, '$.own_funds') AS own_funds, -- 自筹资金（分）
    json_extract(r.detail, '$.partners') AS partners, -- 合作单位
    json_extract(r.detail, '$.instrument') AS instrument -- 支持方式
FROM request AS r JOIN request_state AS s ON s.id = r.id
WHERE r.kind = 'grant_application' AND json_valid(r.detail);

-- 遴选申报.
CREATE VIEW selection_entry AS
SELECT
    r.id, -- 编号
    r.subject_id, -- 对象
    r.party_id, -- 申请方
    s.state, -- 状态
    s.state_zh, -- 状态（中文）
    s.starts_at, -- 开始
    s.ends_at, -- 结束
    s.weight, -- 数量
    r.at AS asked_at, -- 申请时间
    json_extract(r.detail, '$.revenue') AS revenue, -- 上年营业收入（分）
    json_extract(r.detail, '$.revenue_before') AS revenue_before, -- 前年营业收入（分）
    json_extract(r.detail, '$.rd_spend') AS rd_spend, -- 上年研发投入（分）
    json_extract(r.detail, '$.staff') AS staff, -- 从业人员（人）
    json_extract(r.detail, '$.patents') AS patents -- 有效发明专利（件）
FROM request AS r JOIN request_state AS s ON s.id = r.id
WHERE r.kind = 'selection_entry' AND json_valid(r.detail);

-- 人才派驻.
CREATE VIEW secondment AS
SELECT
    r.id, -- 编号
    r.subject_id, -- 对象
    r.party_id, -- 申请方
    s.state, -- 状态
    s.state_zh, -- 状态（中文）
    s.starts_at, -- 开始
    s.ends_at, -- 结束
    s.weight, -- 数量
    r.at AS asked_at, -- 申请时间
    r.amount, -- 金额
    json_extract(r.detail, '$.second_type') AS second_type, -- 流动方式
    json_extract(r.detail, '$.person_id') AS person_id, -- 人才
    json_extract(r.detail, '$.from_id') AS from_id, -- 派出单位
    json_extract(r.detail, '$.to_id') AS to_id, -- 接收单位
    json_extract(r.detail, '$.income_share') AS income_share -- 收益分配比例（基点）
FROM request AS r JOIN request_state AS s ON s.id = r.id
WHERE r.kind = 'secondment' AND json_valid(r.detail);

-- 容错申请.
CREATE VIEW tolerance_case AS
SELECT
    r.id, -- 编号
    r.subject_id, -- 对象
    r.party_id, -- 申请方
    s.state, -- 状态
    s.state_zh, -- 状态（中文）
    s.starts_at, -- 开始
    s.ends_at, -- 结束
    s.weight, -- 数量
    r.at AS asked_at, -- 申请时间
    json_extract(r.detail, '$.innovation_zh') AS innovation_zh, -- 探索事项
    json_extract(r.detail, '$.loss') AS loss, -- 损失金额（分）
    json_extract(r.detail, '$.process_zh') AS process_zh -- 决策与履职过程
FROM request AS r JOIN request_state AS s ON s.id = r.id
WHERE r.kind = 'tolerance_case' AND json_valid(r.detail);

-- 问题与任务.
CREATE VIEW issue AS
SELECT
    r.id, -- 编号
    r.subject_id, -- 对象
    r.party_id, -- 申请方
    s.state, -- 状态
    s.state_zh, -- 状态（中文）
    s.starts_at, -- 开始
    s.ends_at, -- 结束
    s.weight, -- 数量
    r.at AS asked_at, -- 申请时间
    json_extract(r.detail, '$.issue_type') AS issue_type, -- 事项类型
    json_extract(r.detail, '$.text_zh') AS text_zh, -- 事项内容
    json_extract(r.detail, '$.urgent') AS urgent -- 紧急
FROM request AS r JOIN request_state AS s ON s.id = r.id
WHERE r.kind = 'issue' AND json_valid(r.detail);

-- 考核自评.
CREATE VIEW evaluation_report AS
SELECT
    r.id, -- 编号
    r.subject_id, -- 对象
    r.party_id, -- 申请方
    s.state, -- 状态
    s.state_zh, -- 状态（中文）
    s.starts_at, -- 开始
    s.ends_at, -- 结束
    s.weight, -- 数量
    r.at AS asked_at, -- 申请时间
    json_extract(r.detail, '$.summary_zh') AS summary_zh, -- 自评概述
    json_extract(r.detail, '$.grade') AS grade, -- 自评等次
    json_extract(r.detail, '$.sha256') AS sha256 -- 自评报告摘要
FROM request AS r JOIN request_state AS s ON s.id = r.id
WHERE r.kind = 'evaluation_report' AND json_valid(r.detail);

-- 异地孵化入驻.
CREATE VIEW placement AS
SELECT
    r.id, -- 编号
    r.subject_id, -- 对象
    r.party_id, -- 申请方
    s.state, -- 状态
    s.state_zh, -- 状态（中文）
    s.starts_at, -- 开始
    s.ends_at, -- 结束
    s.weight, -- 数量
    r.at AS asked_at, -- 申请时间
    json_extract(r.detail, '$.seats') AS seats, -- 工位数（个）
    json_extract(r.detail, '$.project_zh') AS project_zh -- 入驻项目
FROM request AS r JOIN request_state AS s ON s.id = r.id
WHERE r.kind = 'placement' AND json_valid(r.detail);

-- 合作项目.
CREATE VIEW partner_project AS
SELECT
    r.id, -- 编号
    r.subject_id, -- 对象
    r.party_id, -- 申请方
    s.state, -- 状态
    s.state_zh, -- 状态（中文）
    s.starts_at, -- 开始
    s.ends_at, -- 结束
    s.weight, -- 数量
    r.at AS asked_at, -- 申请时间
    json_extract(r.detail, '$.project_zh') AS project_zh, -- 项目名称
    json_extract(r.detail, '$.partner_id') AS partner_id, -- 合作方
    json_extract(r.detail, '$.output_share') AS output_share, -- 产值分享比例（基点）
    json_extract(r.detail, '$.tax_share') AS tax_share -- 税收分享比例（基点）
FROM request AS r JOIN request_state AS s ON s.id = r.id
WHERE r.kind = 'partner_project' AND json_valid(r.detail);

-- 审批事项清理.
CREATE VIEW approval_review AS
SELECT
    r.id, -- 编号
    r.subject_id, -- 对象
    r.party_id, -- 申请方
    s.state, -- 状态
    s.state_zh, -- 状态（中文）
    s.starts_at, -- 开始
    s.ends_at, -- 结束
    s.weight, -- 数量
    r.at AS asked_at, -- 申请时间
    json_extract(r.detail, '$.proposal') AS proposal, -- 清理建议
    json_extract(r.detail, '$.basis_zh') AS basis_zh -- 依据
FROM request AS r JOIN request_state AS s ON s.id = r.id
WHERE r.kind = 'approval_review' AND json_valid(r.detail);
