-- parksync: schema 2
--
-- The catalogue of the parks, part 2: the fields of each kind, and the vocabularies.
--
-- Money is whole fen, shares are basis points, days are 2026-12-07. Fields that come later are optional, and a field never
-- changes its type.

-- large scientific instrument
INSERT INTO field VALUES
    ('instrument', 'description_zh', 'text', 0, NULL, NULL, '简介', 'description', 'GB/T 30523 资源描述', 2, NULL),
    ('instrument', 'description_en', 'text', 0, NULL, NULL, '英文简介', 'description in English', NULL, 2, NULL),
    ('instrument', 'keywords', 'list', 0, NULL, NULL, '关键词', 'keywords', 'GB/T 30523 资源关键词', 2, NULL),
    ('instrument', 'contact', 'text', 0, NULL, NULL, '联系邮箱（办公）', 'office mailbox', 'GB/T 30523 联系方式', 2, NULL),
    ('instrument', 'pid', 'text', 0, NULL, NULL, '持久标识符', 'persistent identifier', 'PIDINST Identifier', 2, NULL),
    ('instrument', 'landing_page', 'text', 0, NULL, NULL, '介绍网页', 'landing page', 'PIDINST LandingPage', 2, NULL),
    ('instrument', 'manufacturer', 'text', 1, NULL, NULL, '制造商', 'manufacturer', 'PIDINST Manufacturer', 2, NULL),
    ('instrument', 'model', 'text', 1, NULL, NULL, '型号', 'model', 'PIDINST Model', 2, NULL),
    ('instrument', 'instrument_type', 'code', 1, NULL, 'instrument_type', '仪器类别', 'instrument type',
         'PIDINST InstrumentType', 2, NULL),
    ('instrument', 'measured_variable', 'list', 0, NULL, NULL, '测量参数', 'measured variables',
         'PIDINST MeasuredVariable', 2, NULL),
    ('instrument', 'serial_number', 'text', 0, NULL, NULL, '出厂编号', 'serial number',
         'PIDINST AlternateIdentifier (SerialNumber)', 2, NULL),
    ('instrument', 'asset_number', 'text', 0, NULL, NULL, '固定资产编号', 'asset number',
         'PIDINST AlternateIdentifier (InventoryNumber)', 2, NULL),
    ('instrument', 'commissioned_on', 'date', 0, NULL, NULL, '启用日期', 'commissioned on',
         'PIDINST Date (Commissioned)', 2, NULL),
    ('instrument', 'decommissioned_on', 'date', 0, NULL, NULL, '停用日期', 'decommissioned on',
         'PIDINST Date (DeCommissioned)', 2, NULL),
    ('instrument', 'registered_on', 'date', 0, NULL, NULL, '入网登记日期', 'registered for sharing on', NULL, 2, NULL),
    ('instrument', 'value', 'fen', 0, '分', NULL, '原值', 'original value', NULL, 2, NULL),
    ('instrument', 'effective_hours', 'integer', 0, '小时', NULL, '年额定机时', 'rated hours a year', NULL, 2, NULL),
    ('instrument', 'place_zh', 'text', 0, NULL, NULL, '放置地点', 'where it stands', NULL, 2, NULL);

-- laboratory
INSERT INTO field VALUES
    ('laboratory', 'description_zh', 'text', 0, NULL, NULL, '简介', 'description', 'GB/T 30523 资源描述', 2, NULL),
    ('laboratory', 'description_en', 'text', 0, NULL, NULL, '英文简介', 'description in English', NULL, 2, NULL),
    ('laboratory', 'keywords', 'list', 0, NULL, NULL, '关键词', 'keywords', 'GB/T 30523 资源关键词', 2, NULL),
    ('laboratory', 'contact', 'text', 0, NULL, NULL, '联系邮箱（办公）', 'office mailbox', 'GB/T 30523 联系方式', 2, NULL),
    ('laboratory', 'level', 'code', 0, NULL, 'laboratory_level', '实验室级别', 'level', NULL, 2, NULL),
    ('laboratory', 'discipline', 'list', 0, NULL, NULL, '研究方向', 'disciplines', NULL, 2, NULL),
    ('laboratory', 'area', 'integer', 0, '平方米', NULL, '面积', 'area', NULL, 2, NULL),
    ('laboratory', 'safety_level', 'integer', 0, NULL, NULL, '生物安全等级', 'biosafety level', 'GB 19489', 2, NULL),
    ('laboratory', 'effective_hours', 'integer', 0, '小时', NULL, '年额定机时', 'rated hours a year', NULL, 2, NULL);

-- research facility
INSERT INTO field VALUES
    ('facility', 'description_zh', 'text', 0, NULL, NULL, '简介', 'description', 'GB/T 30523 资源描述', 2, NULL),
    ('facility', 'description_en', 'text', 0, NULL, NULL, '英文简介', 'description in English', NULL, 2, NULL),
    ('facility', 'keywords', 'list', 0, NULL, NULL, '关键词', 'keywords', 'GB/T 30523 资源关键词', 2, NULL),
    ('facility', 'contact', 'text', 0, NULL, NULL, '联系邮箱（办公）', 'office mailbox', 'GB/T 30523 联系方式', 2, NULL),
    ('facility', 'facility_type', 'text', 0, NULL, NULL, '设施类型', 'type of facility', 'GB/T 30523 资源类别', 2, NULL),
    ('facility', 'commissioned_on', 'date', 0, NULL, NULL, '启用日期', 'commissioned on', NULL, 2, NULL),
    ('facility', 'effective_hours', 'integer', 0, '小时', NULL, '年额定机时', 'rated hours a year', NULL, 2, NULL);

-- public technology platform
INSERT INTO field VALUES
    ('platform', 'description_zh', 'text', 0, NULL, NULL, '简介', 'description', 'GB/T 30523 资源描述', 2, NULL),
    ('platform', 'description_en', 'text', 0, NULL, NULL, '英文简介', 'description in English', NULL, 2, NULL),
    ('platform', 'keywords', 'list', 0, NULL, NULL, '关键词', 'keywords', 'GB/T 30523 资源关键词', 2, NULL),
    ('platform', 'contact', 'text', 0, NULL, NULL, '联系邮箱（办公）', 'office mailbox', 'GB/T 30523 联系方式', 2, NULL),
    ('platform', 'platform_type', 'code', 1, NULL, 'platform_type', '平台类型', 'type of platform', NULL, 2, NULL),
    ('platform', 'services', 'list', 0, NULL, NULL, '服务内容', 'services', NULL, 2, NULL),
    ('platform', 'effective_hours', 'integer', 0, '小时', NULL, '年额定机时', 'rated hours a year', NULL, 2, NULL);

-- technical service
INSERT INTO field VALUES
    ('service', 'description_zh', 'text', 0, NULL, NULL, '简介', 'description', 'GB/T 30523 资源描述', 2, NULL),
    ('service', 'description_en', 'text', 0, NULL, NULL, '英文简介', 'description in English', NULL, 2, NULL),
    ('service', 'keywords', 'list', 0, NULL, NULL, '关键词', 'keywords', 'GB/T 30523 资源关键词', 2, NULL),
    ('service', 'contact', 'text', 0, NULL, NULL, '联系邮箱（办公）', 'office mailbox', 'GB/T 30523 联系方式', 2, NULL),
    ('service', 'category', 'code', 1, NULL, 'service_category', '服务类别', 'category', NULL, 2, NULL),
    ('service', 'accreditation', 'text', 0, NULL, NULL, '资质证书', 'accreditation', 'CMA / CNAS', 2, NULL),
    ('service', 'turnaround_days', 'integer', 0, '天', NULL, '办理周期', 'turnaround', NULL, 2, NULL);

-- makerspace desks
INSERT INTO field VALUES
    ('desk', 'description_zh', 'text', 0, NULL, NULL, '简介', 'description', 'GB/T 30523 资源描述', 2, NULL),
    ('desk', 'description_en', 'text', 0, NULL, NULL, '英文简介', 'description in English', NULL, 2, NULL),
    ('desk', 'keywords', 'list', 0, NULL, NULL, '关键词', 'keywords', 'GB/T 30523 资源关键词', 2, NULL),
    ('desk', 'contact', 'text', 0, NULL, NULL, '联系邮箱（办公）', 'office mailbox', 'GB/T 30523 联系方式', 2, NULL),
    ('desk', 'space_type', 'code', 1, NULL, 'space_type', '空间类型', 'type of space', NULL, 2, NULL),
    ('desk', 'area', 'integer', 0, '平方米', NULL, '面积', 'area', NULL, 2, NULL),
    ('desk', 'monthly_rent', 'fen', 0, '分', NULL, '月租金', 'rent a month', NULL, 2, NULL),
    ('desk', 'address_zh', 'text', 0, NULL, NULL, '地址', 'address', NULL, 2, NULL);

-- dataset
INSERT INTO field VALUES
    ('dataset', 'description_zh', 'text', 0, NULL, NULL, '简介', 'description', 'GB/T 30523 资源描述', 2, NULL),
    ('dataset', 'description_en', 'text', 0, NULL, NULL, '英文简介', 'description in English', NULL, 2, NULL),
    ('dataset', 'keywords', 'list', 0, NULL, NULL, '关键词', 'keywords', 'GB/T 30523 资源关键词', 2, NULL),
    ('dataset', 'contact', 'text', 0, NULL, NULL, '联系邮箱（办公）', 'office mailbox', 'GB/T 30523 联系方式', 2, NULL),
    ('dataset', 'doi', 'text', 0, NULL, NULL, '数字对象标识符', 'DOI', 'DataCite Identifier', 2, NULL),
    ('dataset', 'creators', 'list', 1, NULL, NULL, '创建者', 'creators', 'DataCite Creator', 2, NULL),
    ('dataset', 'publisher', 'text', 0, NULL, NULL, '发布者', 'publisher', 'DataCite Publisher', 2, NULL),
    ('dataset', 'publication_year', 'integer', 1, '年', NULL, '发布年份', 'publication year',
         'DataCite PublicationYear', 2, NULL),
    ('dataset', 'resource_type', 'code', 1, NULL, 'resource_type', '资源类型', 'resource type',
         'DataCite ResourceType', 2, NULL),
    ('dataset', 'version', 'text', 0, NULL, NULL, '版本', 'version', 'DataCite Version', 2, NULL),
    ('dataset', 'rights', 'text', 1, NULL, NULL, '使用许可', 'rights', 'DataCite Rights', 2, NULL),
    ('dataset', 'subjects', 'list', 0, NULL, NULL, '主题', 'subjects', 'DataCite Subject', 2, NULL),
    ('dataset', 'formats', 'list', 0, NULL, NULL, '数据格式', 'formats', 'DataCite Format', 2, NULL),
    ('dataset', 'size_bytes', 'integer', 0, '字节', NULL, '数据量', 'size', 'DataCite Size', 2, NULL),
    ('dataset', 'access_url', 'text', 0, NULL, NULL, '访问地址', 'access address', 'DCAT accessURL', 2, NULL),
    ('dataset', 'conditional', 'boolean', 0, NULL, NULL, '须接受条件', 'terms have to be accepted', NULL, 2, NULL);

-- literature
INSERT INTO field VALUES
    ('literature', 'description_zh', 'text', 0, NULL, NULL, '简介', 'description', 'GB/T 30523 资源描述', 2, NULL),
    ('literature', 'description_en', 'text', 0, NULL, NULL, '英文简介', 'description in English', NULL, 2, NULL),
    ('literature', 'keywords', 'list', 0, NULL, NULL, '关键词', 'keywords', 'GB/T 30523 资源关键词', 2, NULL),
    ('literature', 'contact', 'text', 0, NULL, NULL, '联系邮箱（办公）', 'office mailbox', 'GB/T 30523 联系方式', 2, NULL),
    ('literature', 'literature_type', 'code', 1, NULL, 'literature_type', '文献类型', 'type', 'DataCite ResourceType',
         2, NULL),
    ('literature', 'creators', 'list', 0, NULL, NULL, '作者', 'authors', 'DataCite Creator', 2, NULL),
    ('literature', 'publication_year', 'integer', 0, '年', NULL, '出版年份', 'publication year',
         'DataCite PublicationYear', 2, NULL),
    ('literature', 'doi', 'text', 0, NULL, NULL, '数字对象标识符', 'DOI', 'DataCite Identifier', 2, NULL),
    ('literature', 'issn', 'text', 0, NULL, NULL, '国际标准刊号', 'ISSN', 'ISO 3297', 2, NULL),
    ('literature', 'isbn', 'text', 0, NULL, NULL, '国际标准书号', 'ISBN', 'ISO 2108', 2, NULL),
    ('literature', 'conditional', 'boolean', 0, NULL, NULL, '须接受条件', 'terms have to be accepted', NULL, 2, NULL);

-- policy
INSERT INTO field VALUES
    ('policy', 'description_zh', 'text', 0, NULL, NULL, '简介', 'description', 'GB/T 30523 资源描述', 2, NULL),
    ('policy', 'description_en', 'text', 0, NULL, NULL, '英文简介', 'description in English', NULL, 2, NULL),
    ('policy', 'keywords', 'list', 0, NULL, NULL, '关键词', 'keywords', 'GB/T 30523 资源关键词', 2, NULL),
    ('policy', 'contact', 'text', 0, NULL, NULL, '联系邮箱（办公）', 'office mailbox', 'GB/T 30523 联系方式', 2, NULL),
    ('policy', 'policy_type', 'code', 1, NULL, 'policy_type', '文件种类', 'type', NULL, 2, NULL),
    ('policy', 'topic', 'code', 1, NULL, 'policy_topic', '政策主题', 'topic', NULL, 2, NULL),
    ('policy', 'issuer', 'text', 1, NULL, NULL, '发文机关', 'issuer', NULL, 2, NULL),
    ('policy', 'number', 'text', 0, NULL, NULL, '发文字号', 'document number', 'GB/T 9704', 2, NULL),
    ('policy', 'version', 'integer', 1, NULL, NULL, '版本', 'version', NULL, 2, NULL),
    ('policy', 'document_id', 'id', 0, NULL, NULL, '正文文件', 'document', NULL, 2, NULL),
    ('policy', 'sha256', 'text', 0, NULL, NULL, '正文摘要', 'SHA-256 of the text', NULL, 2, NULL),
    ('policy', 'issued_on', 'date', 0, NULL, NULL, '发布日期', 'issued on', NULL, 2, NULL),
    ('policy', 'effective_on', 'date', 0, NULL, NULL, '施行日期', 'in force from', NULL, 2, NULL),
    ('policy', 'expires_on', 'date', 0, NULL, NULL, '有效期至', 'in force until', NULL, 2, NULL),
    ('policy', 'origin', 'code', 0, NULL, 'policy_origin', '来源', 'where it comes from', NULL, 2, NULL),
    ('policy', 'origin_number', 'integer', 0, NULL, NULL, '先行先试序号', 'number among the ten pilot policies', NULL,
         2, NULL),
    ('policy', 'responsible_id', 'id', 0, NULL, NULL, '责任单位', 'responsible body', NULL, 2, NULL);

-- practice for export
INSERT INTO field VALUES
    ('practice', 'description_zh', 'text', 0, NULL, NULL, '简介', 'description', 'GB/T 30523 资源描述', 2, NULL),
    ('practice', 'description_en', 'text', 0, NULL, NULL, '英文简介', 'description in English', NULL, 2, NULL),
    ('practice', 'keywords', 'list', 0, NULL, NULL, '关键词', 'keywords', 'GB/T 30523 资源关键词', 2, NULL),
    ('practice', 'contact', 'text', 0, NULL, NULL, '联系邮箱（办公）', 'office mailbox', 'GB/T 30523 联系方式', 2, NULL),
    ('practice', 'practice_type', 'code', 1, NULL, 'practice_type', '经验类型', 'type', NULL, 2, NULL),
    ('practice', 'policy_id', 'id', 0, NULL, NULL, '相关政策', 'policy', NULL, 2, NULL),
    ('practice', 'results_zh', 'text', 0, NULL, NULL, '成效', 'results', NULL, 2, NULL),
    ('practice', 'conditional', 'boolean', 0, NULL, NULL, '须接受条件', 'terms have to be accepted', NULL, 2, NULL);

-- technology on offer
INSERT INTO field VALUES
    ('listing', 'description_zh', 'text', 0, NULL, NULL, '简介', 'description', 'GB/T 30523 资源描述', 2, NULL),
    ('listing', 'description_en', 'text', 0, NULL, NULL, '英文简介', 'description in English', NULL, 2, NULL),
    ('listing', 'keywords', 'list', 0, NULL, NULL, '关键词', 'keywords', 'GB/T 30523 资源关键词', 2, NULL),
    ('listing', 'contact', 'text', 0, NULL, NULL, '联系邮箱（办公）', 'office mailbox', 'GB/T 30523 联系方式', 2, NULL),
    ('listing', 'deal_forms', 'list', 1, NULL, 'deal_form', '合作方式', 'forms of deal', NULL, 2, NULL),
    ('listing', 'exclusive', 'boolean', 1, NULL, NULL, '独占许可', 'exclusive', NULL, 2, NULL),
    ('listing', 'maturity', 'integer', 0, NULL, NULL, '技术成熟度', 'technology readiness level', 'GB/T 22900', 2, NULL),
    ('listing', 'price', 'fen', 0, '分', NULL, '意向价格', 'asking price', NULL, 2, NULL),
    ('listing', 'valuation', 'fen', 0, '分', NULL, '无形资产评估值', 'valuation of the intangible asset', NULL, 2, NULL),
    ('listing', 'valuation_by', 'text', 0, NULL, NULL, '评估机构', 'valued by', NULL, 2, NULL),
    ('listing', 'rights_basis', 'code', 0, NULL, 'rights_basis', '权属依据', 'basis of the rights', NULL, 2, NULL),
    ('listing', 'patent_ids', 'list', 0, NULL, NULL, '相关专利', 'patents', NULL, 2, NULL),
    ('listing', 'cluster', 'code', 0, NULL, 'cluster', '所属产业', 'cluster', NULL, 2, NULL);

-- demand
INSERT INTO field VALUES
    ('demand', 'description_zh', 'text', 0, NULL, NULL, '简介', 'description', 'GB/T 30523 资源描述', 2, NULL),
    ('demand', 'description_en', 'text', 0, NULL, NULL, '英文简介', 'description in English', NULL, 2, NULL),
    ('demand', 'keywords', 'list', 0, NULL, NULL, '关键词', 'keywords', 'GB/T 30523 资源关键词', 2, NULL),
    ('demand', 'contact', 'text', 0, NULL, NULL, '联系邮箱（办公）', 'office mailbox', 'GB/T 30523 联系方式', 2, NULL),
    ('demand', 'demand_type', 'code', 1, NULL, 'demand_type', '需求类型', 'type', NULL, 2, NULL),
    ('demand', 'budget', 'fen', 0, '分', NULL, '预算', 'budget', NULL, 2, NULL),
    ('demand', 'needed_by', 'date', 0, NULL, NULL, '期望完成日期', 'needed by', NULL, 2, NULL),
    ('demand', 'cluster', 'code', 0, NULL, 'cluster', '所属产业', 'cluster', NULL, 2, NULL);

-- funding programme
INSERT INTO field VALUES
    ('programme', 'description_zh', 'text', 0, NULL, NULL, '简介', 'description', 'GB/T 30523 资源描述', 2, NULL),
    ('programme', 'description_en', 'text', 0, NULL, NULL, '英文简介', 'description in English', NULL, 2, NULL),
    ('programme', 'keywords', 'list', 0, NULL, NULL, '关键词', 'keywords', 'GB/T 30523 资源关键词', 2, NULL),
    ('programme', 'contact', 'text', 0, NULL, NULL, '联系邮箱（办公）', 'office mailbox', 'GB/T 30523 联系方式', 2, NULL),
    ('programme', 'instrument', 'code', 1, NULL, 'funding_instrument', '支持方式', 'funding instrument', NULL, 2, NULL),
    ('programme', 'umbrella', 'code', 0, NULL, 'umbrella', '所属工程', 'project it belongs to', NULL, 2, NULL),
    ('programme', 'budget', 'fen', 1, '分', NULL, '预算总额', 'budget', NULL, 2, NULL),
    ('programme', 'per_party_max', 'fen', 0, '分', NULL, '单个主体上限', 'most for one party', NULL, 2, NULL),
    ('programme', 'opens_at', 'instant', 0, NULL, NULL, '申报开始', 'opens', NULL, 2, NULL),
    ('programme', 'closes_at', 'instant', 0, NULL, NULL, '申报截止', 'closes', NULL, 2, NULL),
    ('programme', 'publicity_days', 'integer', 0, '天', NULL, '公示天数', 'days of publicity', NULL, 2, NULL),
    ('programme', 'account_id', 'id', 0, NULL, NULL, '资金账户', 'account that pays', NULL, 2, NULL),
    ('programme', 'policy_id', 'id', 0, NULL, NULL, '政策依据', 'policy it rests on', NULL, 2, NULL);

-- selection round
INSERT INTO field VALUES
    ('round', 'description_zh', 'text', 0, NULL, NULL, '简介', 'description', 'GB/T 30523 资源描述', 2, NULL),
    ('round', 'description_en', 'text', 0, NULL, NULL, '英文简介', 'description in English', NULL, 2, NULL),
    ('round', 'keywords', 'list', 0, NULL, NULL, '关键词', 'keywords', 'GB/T 30523 资源关键词', 2, NULL),
    ('round', 'contact', 'text', 0, NULL, NULL, '联系邮箱（办公）', 'office mailbox', 'GB/T 30523 联系方式', 2, NULL),
    ('round', 'year', 'integer', 1, '年', NULL, '年度', 'year', NULL, 2, NULL),
    ('round', 'tier', 'code', 1, NULL, 'cultivation_tier', '培育层级', 'tier', NULL, 2, NULL),
    ('round', 'opens_at', 'instant', 0, NULL, NULL, '申报开始', 'opens', NULL, 2, NULL),
    ('round', 'closes_at', 'instant', 1, NULL, NULL, '申报截止', 'closes', NULL, 2, NULL),
    ('round', 'publicity_days', 'integer', 0, '天', NULL, '公示天数', 'days of publicity', NULL, 2, NULL),
    ('round', 'weights', 'text', 0, NULL, NULL, '评分权重', 'weights of the inputs', NULL, 2, NULL);

-- event
INSERT INTO field VALUES
    ('event', 'description_zh', 'text', 0, NULL, NULL, '简介', 'description', 'GB/T 30523 资源描述', 2, NULL),
    ('event', 'description_en', 'text', 0, NULL, NULL, '英文简介', 'description in English', NULL, 2, NULL),
    ('event', 'keywords', 'list', 0, NULL, NULL, '关键词', 'keywords', 'GB/T 30523 资源关键词', 2, NULL),
    ('event', 'contact', 'text', 0, NULL, NULL, '联系邮箱（办公）', 'office mailbox', 'GB/T 30523 联系方式', 2, NULL),
    ('event', 'event_type', 'code', 1, NULL, 'event_type', '活动类型', 'type', 'iCalendar CATEGORIES', 2, NULL),
    ('event', 'starts_at', 'instant', 1, NULL, NULL, '开始', 'starts', 'iCalendar DTSTART', 2, NULL),
    ('event', 'ends_at', 'instant', 1, NULL, NULL, '结束', 'ends', 'iCalendar DTEND', 2, NULL),
    ('event', 'place_zh', 'text', 1, NULL, NULL, '地点', 'place', 'iCalendar LOCATION', 2, NULL),
    ('event', 'brand', 'code', 0, NULL, 'event_brand', '品牌', 'brand', NULL, 2, NULL),
    ('event', 'url', 'text', 0, NULL, NULL, '网址', 'address on the web', 'iCalendar URL', 2, NULL);

-- course
INSERT INTO field VALUES
    ('course', 'description_zh', 'text', 0, NULL, NULL, '简介', 'description', 'GB/T 30523 资源描述', 2, NULL),
    ('course', 'description_en', 'text', 0, NULL, NULL, '英文简介', 'description in English', NULL, 2, NULL),
    ('course', 'keywords', 'list', 0, NULL, NULL, '关键词', 'keywords', 'GB/T 30523 资源关键词', 2, NULL),
    ('course', 'contact', 'text', 0, NULL, NULL, '联系邮箱（办公）', 'office mailbox', 'GB/T 30523 联系方式', 2, NULL),
    ('course', 'training_code', 'text', 0, NULL, NULL, '培训证书代码', 'code of the certificate', NULL, 2, NULL),
    ('course', 'starts_at', 'instant', 1, NULL, NULL, '开始', 'starts', 'iCalendar DTSTART', 2, NULL),
    ('course', 'ends_at', 'instant', 1, NULL, NULL, '结束', 'ends', 'iCalendar DTEND', 2, NULL),
    ('course', 'place_zh', 'text', 1, NULL, NULL, '地点', 'place', 'iCalendar LOCATION', 2, NULL),
    ('course', 'credits', 'integer', 0, '学分', NULL, '创业学分', 'startup credits', NULL, 2, NULL),
    ('course', 'partner_id', 'id', 0, NULL, NULL, '合作院校', 'university it is given with', NULL, 2, NULL),
    ('course', 'valid_months', 'integer', 0, '月', NULL, '证书有效期', 'months that the certificate holds', NULL, 2, NULL);

-- post
INSERT INTO field VALUES
    ('post', 'description_zh', 'text', 0, NULL, NULL, '简介', 'description', 'GB/T 30523 资源描述', 2, NULL),
    ('post', 'description_en', 'text', 0, NULL, NULL, '英文简介', 'description in English', NULL, 2, NULL),
    ('post', 'keywords', 'list', 0, NULL, NULL, '关键词', 'keywords', 'GB/T 30523 资源关键词', 2, NULL),
    ('post', 'contact', 'text', 0, NULL, NULL, '联系邮箱（办公）', 'office mailbox', 'GB/T 30523 联系方式', 2, NULL),
    ('post', 'employer_id', 'id', 1, NULL, NULL, '用人单位', 'employer', NULL, 2, NULL),
    ('post', 'talent_class', 'code', 0, NULL, 'talent_class', '人才类别', 'talent class', NULL, 2, NULL),
    ('post', 'salary_min', 'fen', 0, '分', NULL, '年薪下限', 'least salary a year', NULL, 2, NULL),
    ('post', 'salary_max', 'fen', 0, '分', NULL, '年薪上限', 'highest salary a year', NULL, 2, NULL),
    ('post', 'closes_on', 'date', 0, NULL, NULL, '截止日期', 'closes on', NULL, 2, NULL),
    ('post', 'team', 'boolean', 0, NULL, NULL, '团队引进', 'for a team', NULL, 2, NULL);

-- working time of a person
INSERT INTO field VALUES
    ('talent_time', 'description_zh', 'text', 0, NULL, NULL, '简介', 'description', 'GB/T 30523 资源描述', 2, NULL),
    ('talent_time', 'description_en', 'text', 0, NULL, NULL, '英文简介', 'description in English', NULL, 2, NULL),
    ('talent_time', 'keywords', 'list', 0, NULL, NULL, '关键词', 'keywords', 'GB/T 30523 资源关键词', 2, NULL),
    ('talent_time', 'contact', 'text', 0, NULL, NULL, '联系邮箱（办公）', 'office mailbox', 'GB/T 30523 联系方式', 2, NULL),
    ('talent_time', 'person_id', 'id', 1, NULL, NULL, '人才', 'person', NULL, 2, NULL),
    ('talent_time', 'employer_id', 'id', 0, NULL, NULL, '所在单位', 'employer', NULL, 2, NULL),
    ('talent_time', 'second_type', 'code', 0, NULL, 'second_type', '流动方式', 'how', NULL, 2, NULL);

-- patent
INSERT INTO field VALUES
    ('patent', 'description_zh', 'text', 0, NULL, NULL, '简介', 'description', 'GB/T 30523 资源描述', 2, NULL),
    ('patent', 'description_en', 'text', 0, NULL, NULL, '英文简介', 'description in English', NULL, 2, NULL),
    ('patent', 'keywords', 'list', 0, NULL, NULL, '关键词', 'keywords', 'GB/T 30523 资源关键词', 2, NULL),
    ('patent', 'contact', 'text', 0, NULL, NULL, '联系邮箱（办公）', 'office mailbox', 'GB/T 30523 联系方式', 2, NULL),
    ('patent', 'patent_type', 'code', 1, NULL, 'patent_type', '专利类型', 'type', 'WIPO ST.16', 2, NULL),
    ('patent', 'application_number', 'text', 1, NULL, NULL, '申请号', 'application number', 'ZC 0006', 2, NULL),
    ('patent', 'publication_number', 'text', 0, NULL, NULL, '公开（公告）号', 'publication number', 'WIPO ST.16', 2, NULL),
    ('patent', 'country', 'text', 0, NULL, NULL, '国家或组织', 'country', 'WIPO ST.3', 2, NULL),
    ('patent', 'filed_on', 'date', 1, NULL, NULL, '申请日', 'filed on', NULL, 2, NULL),
    ('patent', 'granted_on', 'date', 0, NULL, NULL, '授权公告日', 'granted on', NULL, 2, NULL),
    ('patent', 'expires_on', 'date', 0, NULL, NULL, '届满日', 'expires on', NULL, 2, NULL),
    ('patent', 'inventors', 'list', 0, NULL, NULL, '发明人', 'inventors', NULL, 2, NULL),
    ('patent', 'valuation', 'fen', 0, '分', NULL, '评估值', 'valuation', NULL, 2, NULL);

-- transformation project
INSERT INTO field VALUES
    ('project', 'description_zh', 'text', 0, NULL, NULL, '简介', 'description', 'GB/T 30523 资源描述', 2, NULL),
    ('project', 'description_en', 'text', 0, NULL, NULL, '英文简介', 'description in English', NULL, 2, NULL),
    ('project', 'keywords', 'list', 0, NULL, NULL, '关键词', 'keywords', 'GB/T 30523 资源关键词', 2, NULL),
    ('project', 'contact', 'text', 0, NULL, NULL, '联系邮箱（办公）', 'office mailbox', 'GB/T 30523 联系方式', 2, NULL),
    ('project', 'stage', 'code', 1, NULL, 'project_stage', '阶段', 'stage', NULL, 2, NULL),
    ('project', 'major', 'boolean', 1, NULL, NULL, '重大项目', 'major', NULL, 2, NULL),
    ('project', 'project_type', 'code', 0, NULL, 'project_type', '项目类型', 'type', NULL, 2, NULL),
    ('project', 'starts_on', 'date', 0, NULL, NULL, '开始日期', 'starts on', NULL, 2, NULL),
    ('project', 'ends_on', 'date', 0, NULL, NULL, '计划完成日期', 'ends on', NULL, 2, NULL),
    ('project', 'investment', 'fen', 0, '分', NULL, '总投资', 'investment', NULL, 2, NULL),
    ('project', 'cluster', 'code', 0, NULL, 'cluster', '所属产业', 'cluster', NULL, 2, NULL),
    ('project', 'document_sha256', 'text', 0, NULL, NULL, '立项文件摘要', 'SHA-256 of its papers', NULL, 2, NULL);

-- standard
INSERT INTO field VALUES
    ('standard', 'description_zh', 'text', 0, NULL, NULL, '简介', 'description', 'GB/T 30523 资源描述', 2, NULL),
    ('standard', 'description_en', 'text', 0, NULL, NULL, '英文简介', 'description in English', NULL, 2, NULL),
    ('standard', 'keywords', 'list', 0, NULL, NULL, '关键词', 'keywords', 'GB/T 30523 资源关键词', 2, NULL),
    ('standard', 'contact', 'text', 0, NULL, NULL, '联系邮箱（办公）', 'office mailbox', 'GB/T 30523 联系方式', 2, NULL),
    ('standard', 'level', 'code', 1, NULL, 'standard_level', '标准层级', 'level', NULL, 2, NULL),
    ('standard', 'number', 'text', 0, NULL, NULL, '标准号', 'number', 'GB/T 1.1', 2, NULL),
    ('standard', 'role', 'code', 1, NULL, 'standard_role', '参与方式', 'role', NULL, 2, NULL),
    ('standard', 'revision', 'boolean', 0, NULL, NULL, '修订', 'a revision', NULL, 2, NULL),
    ('standard', 'published_on', 'date', 0, NULL, NULL, '发布日期', 'published on', NULL, 2, NULL);

-- administrative approval item
INSERT INTO field VALUES
    ('approval_item', 'description_zh', 'text', 0, NULL, NULL, '简介', 'description', 'GB/T 30523 资源描述', 2, NULL),
    ('approval_item', 'description_en', 'text', 0, NULL, NULL, '英文简介', 'description in English', NULL, 2, NULL),
    ('approval_item', 'keywords', 'list', 0, NULL, NULL, '关键词', 'keywords', 'GB/T 30523 资源关键词', 2, NULL),
    ('approval_item', 'contact', 'text', 0, NULL, NULL, '联系邮箱（办公）', 'office mailbox', 'GB/T 30523 联系方式', 2, NULL),
    ('approval_item', 'domain', 'code', 1, NULL, 'approval_domain', '领域', 'field', NULL, 2, NULL),
    ('approval_item', 'authority', 'text', 1, NULL, NULL, '实施机关', 'authority', NULL, 2, NULL),
    ('approval_item', 'legal_basis', 'text', 0, NULL, NULL, '设定依据', 'legal basis', NULL, 2, NULL),
    ('approval_item', 'days', 'integer', 0, '工作日', NULL, '办理时限', 'working days it takes', NULL, 2, NULL);

-- register of issues and tasks
INSERT INTO field VALUES
    ('register', 'description_zh', 'text', 0, NULL, NULL, '简介', 'description', 'GB/T 30523 资源描述', 2, NULL),
    ('register', 'description_en', 'text', 0, NULL, NULL, '英文简介', 'description in English', NULL, 2, NULL),
    ('register', 'keywords', 'list', 0, NULL, NULL, '关键词', 'keywords', 'GB/T 30523 资源关键词', 2, NULL),
    ('register', 'contact', 'text', 0, NULL, NULL, '联系邮箱（办公）', 'office mailbox', 'GB/T 30523 联系方式', 2, NULL),
    ('register', 'register_type', 'code', 1, NULL, 'register_type', '清单类型', 'type', NULL, 2, NULL),
    ('register', 'responsible_id', 'id', 1, NULL, NULL, '责任单位', 'responsible body', NULL, 2, NULL);

-- off-site incubation space
INSERT INTO field VALUES
    ('incubation', 'description_zh', 'text', 0, NULL, NULL, '简介', 'description', 'GB/T 30523 资源描述', 2, NULL),
    ('incubation', 'description_en', 'text', 0, NULL, NULL, '英文简介', 'description in English', NULL, 2, NULL),
    ('incubation', 'keywords', 'list', 0, NULL, NULL, '关键词', 'keywords', 'GB/T 30523 资源关键词', 2, NULL),
    ('incubation', 'contact', 'text', 0, NULL, NULL, '联系邮箱（办公）', 'office mailbox', 'GB/T 30523 联系方式', 2, NULL),
    ('incubation', 'partner_id', 'id', 0, NULL, NULL, '合作园区或机构', 'partner', NULL, 2, NULL),
    ('incubation', 'place_zh', 'text', 1, NULL, NULL, '所在地', 'place', NULL, 2, NULL),
    ('incubation', 'area', 'integer', 0, '平方米', NULL, '面积', 'area', NULL, 2, NULL);

-- partnership
INSERT INTO field VALUES
    ('partnership', 'description_zh', 'text', 0, NULL, NULL, '简介', 'description', 'GB/T 30523 资源描述', 2, NULL),
    ('partnership', 'description_en', 'text', 0, NULL, NULL, '英文简介', 'description in English', NULL, 2, NULL),
    ('partnership', 'keywords', 'list', 0, NULL, NULL, '关键词', 'keywords', 'GB/T 30523 资源关键词', 2, NULL),
    ('partnership', 'contact', 'text', 0, NULL, NULL, '联系邮箱（办公）', 'office mailbox', 'GB/T 30523 联系方式', 2, NULL),
    ('partnership', 'partnership_type', 'code', 1, NULL, 'partnership_type', '合作类型', 'type', NULL, 2, NULL),
    ('partnership', 'partner_id', 'id', 1, NULL, NULL, '合作方', 'partner', NULL, 2, NULL),
    ('partnership', 'region', 'code', 0, NULL, 'region', '合作区域', 'region', NULL, 2, NULL),
    ('partnership', 'share', 'percent', 0, '基点', NULL, '分享比例', 'share of output or tax', NULL, 2, NULL),
    ('partnership', 'starts_on', 'date', 0, NULL, NULL, '开始日期', 'starts on', NULL, 2, NULL),
    ('partnership', 'ends_on', 'date', 0, NULL, NULL, '结束日期', 'ends on', NULL, 2, NULL);

-- industry cluster
INSERT INTO field VALUES
    ('cluster', 'description_zh', 'text', 0, NULL, NULL, '简介', 'description', 'GB/T 30523 资源描述', 2, NULL),
    ('cluster', 'description_en', 'text', 0, NULL, NULL, '英文简介', 'description in English', NULL, 2, NULL),
    ('cluster', 'keywords', 'list', 0, NULL, NULL, '关键词', 'keywords', 'GB/T 30523 资源关键词', 2, NULL),
    ('cluster', 'contact', 'text', 0, NULL, NULL, '联系邮箱（办公）', 'office mailbox', 'GB/T 30523 联系方式', 2, NULL),
    ('cluster', 'cluster', 'code', 1, NULL, 'cluster', '产业', 'cluster', NULL, 2, NULL),
    ('cluster', 'chain', 'code', 0, NULL, 'chain', '链条', 'chain', NULL, 2, NULL);

-- target
INSERT INTO field VALUES
    ('target', 'description_zh', 'text', 0, NULL, NULL, '简介', 'description', 'GB/T 30523 资源描述', 2, NULL),
    ('target', 'description_en', 'text', 0, NULL, NULL, '英文简介', 'description in English', NULL, 2, NULL),
    ('target', 'keywords', 'list', 0, NULL, NULL, '关键词', 'keywords', 'GB/T 30523 资源关键词', 2, NULL),
    ('target', 'contact', 'text', 0, NULL, NULL, '联系邮箱（办公）', 'office mailbox', 'GB/T 30523 联系方式', 2, NULL),
    ('target', 'indicator', 'code', 1, NULL, 'indicator', '指标', 'indicator', NULL, 2, NULL),
    ('target', 'year', 'integer', 1, '年', NULL, '年份', 'year', NULL, 2, NULL),
    ('target', 'least', 'integer', 1, NULL, NULL, '目标值', 'target', NULL, 2, NULL),
    ('target', 'most', 'integer', 0, NULL, NULL, '目标上限', 'upper end of the target', NULL, 2, NULL),
    ('target', 'unit', 'code', 1, NULL, 'unit', '单位', 'unit', NULL, 2, NULL);

-- milestone
INSERT INTO field VALUES
    ('milestone', 'description_zh', 'text', 0, NULL, NULL, '简介', 'description', 'GB/T 30523 资源描述', 2, NULL),
    ('milestone', 'description_en', 'text', 0, NULL, NULL, '英文简介', 'description in English', NULL, 2, NULL),
    ('milestone', 'keywords', 'list', 0, NULL, NULL, '关键词', 'keywords', 'GB/T 30523 资源关键词', 2, NULL),
    ('milestone', 'contact', 'text', 0, NULL, NULL, '联系邮箱（办公）', 'office mailbox', 'GB/T 30523 联系方式', 2, NULL),
    ('milestone', 'year', 'integer', 1, '年', NULL, '年份', 'year', NULL, 2, NULL),
    ('milestone', 'reached_on', 'date', 0, NULL, NULL, '达成日期', 'reached on', NULL, 2, NULL),
    ('milestone', 'evidence_zh', 'text', 0, NULL, NULL, '佐证', 'evidence', NULL, 2, NULL);

-- evaluation
INSERT INTO field VALUES
    ('evaluation', 'description_zh', 'text', 0, NULL, NULL, '简介', 'description', 'GB/T 30523 资源描述', 2, NULL),
    ('evaluation', 'description_en', 'text', 0, NULL, NULL, '英文简介', 'description in English', NULL, 2, NULL),
    ('evaluation', 'keywords', 'list', 0, NULL, NULL, '关键词', 'keywords', 'GB/T 30523 资源关键词', 2, NULL),
    ('evaluation', 'contact', 'text', 0, NULL, NULL, '联系邮箱（办公）', 'office mailbox', 'GB/T 30523 联系方式', 2, NULL),
    ('evaluation', 'evaluation_type', 'code', 1, NULL, 'evaluation_type', '考核类型', 'type', NULL, 2, NULL),
    ('evaluation', 'evaluated_id', 'id', 1, NULL, NULL, '考核对象', 'who or what is evaluated', NULL, 2, NULL),
    ('evaluation', 'year', 'integer', 1, '年', NULL, '年份', 'year', NULL, 2, NULL),
    ('evaluation', 'evaluator_id', 'id', 0, NULL, NULL, '考核单位', 'who evaluates', NULL, 2, NULL),
    ('evaluation', 'grade', 'code', 0, NULL, 'evaluation_grade', '考核等次', 'grade', NULL, 2, NULL),
    ('evaluation', 'published_on', 'date', 0, NULL, NULL, '公布日期', 'published on', NULL, 2, NULL),
    ('evaluation', 'document_id', 'id', 0, NULL, NULL, '评价报告', 'report', NULL, 2, NULL),
    ('evaluation', 'sha256', 'text', 0, NULL, NULL, '评价报告摘要', 'SHA-256 of the report', NULL, 2, NULL);

-- site within a park
INSERT INTO field VALUES
    ('site', 'description_zh', 'text', 0, NULL, NULL, '简介', 'description', 'GB/T 30523 资源描述', 2, NULL),
    ('site', 'description_en', 'text', 0, NULL, NULL, '英文简介', 'description in English', NULL, 2, NULL),
    ('site', 'keywords', 'list', 0, NULL, NULL, '关键词', 'keywords', 'GB/T 30523 资源关键词', 2, NULL),
    ('site', 'contact', 'text', 0, NULL, NULL, '联系邮箱（办公）', 'office mailbox', 'GB/T 30523 联系方式', 2, NULL),
    ('site', 'site_type', 'code', 1, NULL, 'site_type', '片区类型', 'type', NULL, 2, NULL),
    ('site', 'place_zh', 'text', 0, NULL, NULL, '地点', 'where it is', NULL, 2, NULL),
    ('site', 'area', 'integer', 0, '平方米', NULL, '面积', 'area', NULL, 2, NULL),
    ('site', 'region', 'code', 0, NULL, 'region', '合作区域', 'region', NULL, 2, NULL),
    ('site', 'partner_id', 'id', 0, NULL, NULL, '合作方', 'partner', NULL, 2, NULL);

-- unit of account
INSERT INTO field VALUES
    ('unit', 'unit', 'code', 1, NULL, 'unit', '单位', 'unit', NULL, 2, NULL),
    ('unit', 'issued_for_zh', 'text', 0, NULL, NULL, '用途', 'what it is for', NULL, 2, NULL),
    ('unit', 'valid_until', 'date', 0, NULL, NULL, '有效期至', 'valid until', NULL, 2, NULL);

-- account
INSERT INTO field VALUES
    ('account', 'account_type', 'code', 1, NULL, 'account_type', '账户类型', 'type', NULL, 2, NULL),
    ('account', 'bank_zh', 'text', 0, NULL, NULL, '开户行', 'bank', NULL, 2, NULL);

-- booking
INSERT INTO field VALUES
    ('booking', 'purpose_zh', 'text', 0, NULL, NULL, '用途说明', 'purpose', NULL, 2, NULL),
    ('booking', 'samples', 'integer', 0, '个', NULL, '样品数', 'samples', NULL, 2, NULL),
    ('booking', 'operator', 'code', 0, NULL, 'operator', '操作方式', 'who operates', NULL, 2, NULL),
    ('booking', 'may_wait', 'boolean', 0, NULL, NULL, '愿意候补', 'may wait', NULL, 2, NULL),
    ('booking', 'project_code', 'text', 0, NULL, NULL, '课题编号', 'project that pays', NULL, 2, NULL);

-- lending of a time slot
INSERT INTO field VALUES
    ('lending', 'purpose_zh', 'text', 0, NULL, NULL, '用途说明', 'purpose', NULL, 2, NULL);

-- change of home
INSERT INTO field VALUES
    ('home_change', 'purpose_zh', 'text', 0, NULL, NULL, '用途说明', 'purpose', NULL, 2, NULL),
    ('home_change', 'successor_id', 'id', 1, NULL, NULL, '移交后的资源编号', 'id under the new home', NULL, 2, NULL);

-- request for data
INSERT INTO field VALUES
    ('data_access', 'purpose_zh', 'text', 0, NULL, NULL, '用途说明', 'purpose', NULL, 2, NULL),
    ('data_access', 'days', 'integer', 0, '天', NULL, '使用天数', 'days', NULL, 2, NULL),
    ('data_access', 'accepts_terms', 'boolean', 0, NULL, NULL, '接受使用条件', 'accepts the terms', NULL, 2, NULL);

-- literature delivery request
INSERT INTO field VALUES
    ('literature_request', 'purpose_zh', 'text', 0, NULL, NULL, '用途说明', 'purpose', NULL, 2, NULL),
    ('literature_request', 'pages', 'text', 0, NULL, NULL, '页码', 'pages', NULL, 2, NULL),
    ('literature_request', 'accepts_terms', 'boolean', 0, NULL, NULL, '接受使用条件', 'accepts the terms', NULL, 2, NULL);

-- request for a practice
INSERT INTO field VALUES
    ('practice_request', 'purpose_zh', 'text', 0, NULL, NULL, '用途说明', 'purpose', NULL, 2, NULL),
    ('practice_request', 'accepts_terms', 'boolean', 0, NULL, NULL, '接受使用条件', 'accepts the terms', NULL, 2, NULL);

-- event sign-up
INSERT INTO field VALUES
    ('event_signup', 'people', 'list', 0, NULL, NULL, '参加人', 'who comes', NULL, 2, NULL),
    ('event_signup', 'entry_zh', 'text', 0, NULL, NULL, '参赛项目', 'entry of the contest', NULL, 2, NULL),
    ('event_signup', 'may_wait', 'boolean', 0, NULL, NULL, '愿意候补', 'may wait', NULL, 2, NULL);

-- course enrolment
INSERT INTO field VALUES
    ('course_signup', 'people', 'list', 0, NULL, NULL, '参加人', 'who comes', NULL, 2, NULL),
    ('course_signup', 'student_id', 'id', 0, NULL, NULL, '学员', 'student', NULL, 2, NULL),
    ('course_signup', 'may_wait', 'boolean', 0, NULL, NULL, '愿意候补', 'may wait', NULL, 2, NULL);

-- policy adoption
INSERT INTO field VALUES
    ('policy_adoption', 'sha256', 'text', 1, NULL, NULL, '所引文件摘要', 'SHA-256 of the document cited', NULL, 2, NULL),
    ('policy_adoption', 'changes_zh', 'text', 0, NULL, NULL, '修改内容', 'changes', NULL, 2, NULL),
    ('policy_adoption', 'effective_on', 'date', 0, NULL, NULL, '施行日期', 'in force from', NULL, 2, NULL),
    ('policy_adoption', 'successor_id', 'id', 0, NULL, NULL, '替代的采纳', 'adoption that it takes the place of', NULL,
         2, NULL);

-- adoption of a practice
INSERT INTO field VALUES
    ('practice_adoption', 'sha256', 'text', 0, NULL, NULL, '所引文件摘要', 'SHA-256 of the document cited', NULL, 2, NULL),
    ('practice_adoption', 'changes_zh', 'text', 0, NULL, NULL, '修改内容', 'changes', NULL, 2, NULL),
    ('practice_adoption', 'effective_on', 'date', 0, NULL, NULL, '施行日期', 'in force from', NULL, 2, NULL);

-- offer for a technology
INSERT INTO field VALUES
    ('technology_offer', 'deal_form', 'code', 1, NULL, 'deal_form', '合作方式', 'form of the deal', NULL, 2, NULL),
    ('technology_offer', 'exclusive', 'boolean', 0, NULL, NULL, '独占', 'exclusive', NULL, 2, NULL),
    ('technology_offer', 'field_of_use', 'text', 0, NULL, NULL, '许可领域', 'field of use', NULL, 2, NULL),
    ('technology_offer', 'equity', 'percent', 0, '基点', NULL, '作价入股比例', 'equity for the technology', NULL, 2, NULL),
    ('technology_offer', 'registration_number', 'text', 0, NULL, NULL, '技术合同登记号',
         'number of the registered contract', NULL, 2, NULL),
    ('technology_offer', 'currency', 'text', 0, NULL, NULL, '币种', 'currency', 'ISO 4217', 2, NULL),
    ('technology_offer', 'country', 'text', 0, NULL, NULL, '国家或地区', 'country', 'ISO 3166-1', 2, NULL),
    ('technology_offer', 'royalty', 'percent', 0, '基点', NULL, '提成比例', 'royalty', NULL, 2, NULL),
    ('technology_offer', 'revenue_share', 'percent', 0, '基点', NULL, '成果完成人收益比例', 'share of the inventors', NULL,
         2, NULL),
    ('technology_offer', 'instalments', 'integer', 0, '期', NULL, '付款期数', 'number of instalments', NULL, 2, NULL);

-- response to a demand
INSERT INTO field VALUES
    ('demand_response', 'deal_form', 'code', 1, NULL, 'deal_form', '合作方式', 'form of the deal', NULL, 2, NULL),
    ('demand_response', 'plan_zh', 'text', 0, NULL, NULL, '方案', 'plan', NULL, 2, NULL),
    ('demand_response', 'currency', 'text', 0, NULL, NULL, '币种', 'currency', 'ISO 4217', 2, NULL),
    ('demand_response', 'country', 'text', 0, NULL, NULL, '国家或地区', 'country', 'ISO 3166-1', 2, NULL),
    ('demand_response', 'royalty', 'percent', 0, '基点', NULL, '提成比例', 'royalty', NULL, 2, NULL),
    ('demand_response', 'revenue_share', 'percent', 0, '基点', NULL, '成果完成人收益比例', 'share of the inventors', NULL, 2,
         NULL),
    ('demand_response', 'instalments', 'integer', 0, '期', NULL, '付款期数', 'number of instalments', NULL, 2, NULL);

-- job application
INSERT INTO field VALUES
    ('job_application', 'person_id', 'id', 1, NULL, NULL, '应聘人', 'person', NULL, 2, NULL),
    ('job_application', 'team', 'list', 0, NULL, NULL, '团队成员', 'team', NULL, 2, NULL),
    ('job_application', 'salary', 'fen', 0, '分', NULL, '期望年薪', 'salary a year', NULL, 2, NULL);

-- patent pledge
INSERT INTO field VALUES
    ('patent_pledge', 'lender_id', 'id', 1, NULL, NULL, '质权人', 'pledgee', NULL, 2, NULL),
    ('patent_pledge', 'loan', 'fen', 1, '分', NULL, '贷款金额', 'loan', NULL, 2, NULL),
    ('patent_pledge', 'registration_number', 'text', 0, NULL, NULL, '质押登记号', 'number of the registered pledge',
         NULL, 2, NULL);

-- crowdfunding commitment
INSERT INTO field VALUES
    ('backing', 'purpose_zh', 'text', 0, NULL, NULL, '用途说明', 'purpose', NULL, 2, NULL);

-- application for funding
INSERT INTO field VALUES
    ('grant_application', 'project_zh', 'text', 1, NULL, NULL, '项目名称', 'project', NULL, 2, NULL),
    ('grant_application', 'project_id', 'id', 0, NULL, NULL, '关联项目', 'project in the catalogue', NULL, 2, NULL),
    ('grant_application', 'own_funds', 'fen', 0, '分', NULL, '自筹资金', 'own funds', NULL, 2, NULL),
    ('grant_application', 'partners', 'list', 0, NULL, NULL, '合作单位', 'partners', NULL, 2, NULL),
    ('grant_application', 'instrument', 'code', 0, NULL, 'funding_instrument', '支持方式', 'funding instrument', NULL,
         2, NULL);

-- entry in a selection
INSERT INTO field VALUES
    ('selection_entry', 'revenue', 'fen', 1, '分', NULL, '上年营业收入', 'revenue of the last year', NULL, 2, NULL),
    ('selection_entry', 'revenue_before', 'fen', 1, '分', NULL, '前年营业收入', 'revenue of the year before', NULL, 2, NULL),
    ('selection_entry', 'rd_spend', 'fen', 1, '分', NULL, '上年研发投入', 'R&D spend of the last year', NULL, 2, NULL),
    ('selection_entry', 'staff', 'integer', 1, '人', NULL, '从业人员', 'staff', NULL, 2, NULL),
    ('selection_entry', 'patents', 'integer', 0, '件', NULL, '有效发明专利', 'invention patents held', NULL, 2, NULL);

-- secondment
INSERT INTO field VALUES
    ('secondment', 'second_type', 'code', 1, NULL, 'second_type', '流动方式', 'how', NULL, 2, NULL),
    ('secondment', 'person_id', 'id', 1, NULL, NULL, '人才', 'person', NULL, 2, NULL),
    ('secondment', 'from_id', 'id', 1, NULL, NULL, '派出单位', 'organisation that sends', NULL, 2, NULL),
    ('secondment', 'to_id', 'id', 1, NULL, NULL, '接收单位', 'organisation that receives', NULL, 2, NULL),
    ('secondment', 'income_share', 'percent', 0, '基点', NULL, '收益分配比例', 'share of the benefit', NULL, 2, NULL);

-- tolerance case
INSERT INTO field VALUES
    ('tolerance_case', 'innovation_zh', 'text', 1, NULL, NULL, '探索事项', 'what was tried', NULL, 2, NULL),
    ('tolerance_case', 'loss', 'fen', 0, '分', NULL, '损失金额', 'loss', NULL, 2, NULL),
    ('tolerance_case', 'process_zh', 'text', 1, NULL, NULL, '决策与履职过程', 'how it was decided and done', NULL, 2, NULL);

-- issue
INSERT INTO field VALUES
    ('issue', 'issue_type', 'code', 1, NULL, 'issue_type', '事项类型', 'type', NULL, 2, NULL),
    ('issue', 'text_zh', 'text', 1, NULL, NULL, '事项内容', 'what it is', NULL, 2, NULL),
    ('issue', 'urgent', 'boolean', 0, NULL, NULL, '紧急', 'urgent', NULL, 2, NULL);

-- report for an evaluation
INSERT INTO field VALUES
    ('evaluation_report', 'summary_zh', 'text', 1, NULL, NULL, '自评概述', 'summary', NULL, 2, NULL),
    ('evaluation_report', 'grade', 'code', 0, NULL, 'evaluation_grade', '自评等次', 'grade that is claimed', NULL, 2, NULL),
    ('evaluation_report', 'sha256', 'text', 0, NULL, NULL, '自评报告摘要', 'SHA-256 of the report', NULL, 2, NULL);

-- incubation placement
INSERT INTO field VALUES
    ('placement', 'seats', 'integer', 0, '个', NULL, '工位数', 'desks', NULL, 2, NULL),
    ('placement', 'project_zh', 'text', 1, NULL, NULL, '入驻项目', 'project', NULL, 2, NULL);

-- partner project
INSERT INTO field VALUES
    ('partner_project', 'project_zh', 'text', 1, NULL, NULL, '项目名称', 'project', NULL, 2, NULL),
    ('partner_project', 'partner_id', 'id', 0, NULL, NULL, '合作方', 'partner', NULL, 2, NULL),
    ('partner_project', 'output_share', 'percent', 0, '基点', NULL, '产值分享比例', 'share of the output', NULL, 2, NULL),
    ('partner_project', 'tax_share', 'percent', 0, '基点', NULL, '税收分享比例', 'share of the tax', NULL, 2, NULL);

-- approval review
INSERT INTO field VALUES
    ('approval_review', 'proposal', 'code', 1, NULL, 'approval_proposal', '清理建议', 'what is proposed', NULL, 2, NULL),
    ('approval_review', 'basis_zh', 'text', 0, NULL, NULL, '依据', 'basis', NULL, 2, NULL);

-- Vocabularies ---------------------------------------------------------------------------------------------------------

INSERT INTO code VALUES
    ('organisation_kind', 'enterprise', '企业', 'enterprise', 2, NULL),
    ('organisation_kind', 'university', '高等院校', 'university', 2, NULL),
    ('organisation_kind', 'institute', '科研院所', 'research institute', 2, NULL),
    ('organisation_kind', 'industrial_institute', '新型产业技术研究机构', 'new-type industrial technology institute', 2, NULL),
    ('organisation_kind', 'incubator', '孵化器', 'incubator', 2, NULL),
    ('organisation_kind', 'makerspace', '众创空间', 'makerspace', 2, NULL),
    ('organisation_kind', 'transfer_centre', '技术转移机构', 'technology transfer centre', 2, NULL),
    ('organisation_kind', 'training_agency', '培训辅导机构', 'training and mentoring agency', 2, NULL),
    ('organisation_kind', 'ip_service', '知识产权服务机构', 'intellectual property service', 2, NULL),
    ('organisation_kind', 'finance', '金融机构', 'financial institution', 2, NULL),
    ('organisation_kind', 'fund', '投资基金', 'investment fund', 2, NULL),
    ('organisation_kind', 'alliance', '产业技术创新联盟', 'innovation alliance', 2, NULL),
    ('organisation_kind', 'promotion', '产业促进机构', 'industry promotion body', 2, NULL),
    ('organisation_kind', 'community', '产业社区', 'industry community', 2, NULL),
    ('organisation_kind', 'platform_company', '平台企业', 'platform company', 2, NULL),
    ('organisation_kind', 'startup_academy', '创业学院', 'startup academy', 2, NULL),
    ('organisation_kind', 'government', '政府部门', 'government body', 2, NULL),
    ('organisation_kind', 'park_office', '园区管理机构', 'park office', 2, NULL),
    ('organisation_kind', 'partner', '合作区域或园区', 'partner region or park', 2, NULL);

INSERT INTO code VALUES
    ('person_kind', 'staff', '工作人员', 'staff', 2, NULL),
    ('person_kind', 'manager', '资源管理员', 'manager', 2, NULL),
    ('person_kind', 'officer', '业务主管', 'officer', 2, NULL),
    ('person_kind', 'reviewer', '评审专家', 'reviewer', 2, NULL),
    ('person_kind', 'talent', '高层次人才', 'talent', 2, NULL),
    ('person_kind', 'student', '学员', 'student', 2, NULL),
    ('person_kind', 'auditor', '审计人员', 'auditor', 2, NULL);

INSERT INTO code VALUES
    ('talent_class', 'young_founder', '年轻创业者', 'young founder', 2, NULL),
    ('talent_class', 'executive_founder', '大企业高管及连续创业者', 'executive or serial founder', 2, NULL),
    ('talent_class', 'scientist_founder', '科技人员创业者', 'scientist founder', 2, NULL),
    ('talent_class', 'returnee_founder', '留学归国创业者', 'returnee founder', 2, NULL);

INSERT INTO code VALUES
    ('share_class', 'open', '面向社会开放', 'open to society', 2, NULL),
    ('share_class', 'zone', '示范区内共享', 'open within the zone', 2, NULL),
    ('share_class', 'agreement', '按协议共享', 'by agreement', 2, NULL),
    ('share_class', 'internal', '本单位使用', 'internal use', 2, NULL);

INSERT INTO code VALUES
    ('user_class', 'own', '本单位', 'own organisation', 2, NULL),
    ('user_class', 'zone', '示范区内单位', 'organisation of the zone', 2, NULL),
    ('user_class', 'sme', '科技型中小微企业', 'small or micro technology firm', 2, NULL),
    ('user_class', 'external', '区外单位', 'external organisation', 2, NULL),
    ('user_class', 'partner', '合作区域单位', 'organisation of a partner region', 2, NULL);

INSERT INTO code VALUES
    ('relation', 'owner', '权属', 'owner', 2, NULL),
    ('relation', 'manager', '管理', 'manager', 2, NULL),
    ('relation', 'officer', '审批', 'officer', 2, NULL),
    ('relation', 'reviewer', '评审', 'reviewer', 2, NULL),
    ('relation', 'member', '成员', 'member', 2, NULL),
    ('relation', 'participant', '参与', 'participant', 2, NULL),
    ('relation', 'party', '当事方', 'party', 2, NULL),
    ('relation', 'employer', '任职', 'employer', 2, NULL),
    ('relation', 'cluster', '所属产业集群', 'cluster', 2, NULL),
    ('relation', 'same_as', '同一对象', 'same as', 2, NULL),
    ('relation', 'part_of', '隶属', 'part of', 2, NULL),
    ('relation', 'successor', '后继', 'successor', 2, NULL),
    ('relation', 'serves', '服务于', 'serves', 2, NULL), ('relation', 'site', '所在片区', 'site', 2, NULL);

INSERT INTO code VALUES
    ('deal_form', 'commissioned', '委托研发', 'commissioned research', 2, NULL),
    ('deal_form', 'licence', '技术许可', 'licence', 2, NULL),
    ('deal_form', 'assignment', '技术转让', 'assignment', 2, NULL),
    ('deal_form', 'equity', '技术入股', 'equity for technology', 2, NULL),
    ('deal_form', 'joint_unit', '共建研发机构', 'joint research unit', 2, NULL),
    ('deal_form', 'employment', '聘用', 'employment', 2, NULL);

INSERT INTO code VALUES
    ('funding_instrument', 'pre_funding', '前资助', 'pre-funding', 2, NULL),
    ('funding_instrument', 'post_subsidy', '后补助', 'post-subsidy', 2, NULL),
    ('funding_instrument', 'equity', '股权投资', 'equity investment', 2, NULL),
    ('funding_instrument', 'loan_interest', '贷款贴息', 'loan interest discount', 2, NULL),
    ('funding_instrument', 'stage_equity', '阶段参股', 'stage equity participation', 2, NULL),
    ('funding_instrument', 'follow_on', '跟进投资', 'follow-on investment', 2, NULL),
    ('funding_instrument', 'risk_subsidy', '风险补助', 'risk subsidy', 2, NULL),
    ('funding_instrument', 'crowdfunding', '科技众筹', 'crowdfunding', 2, NULL),
    ('funding_instrument', 'insurance', '科技保险', 'science and technology insurance', 2, NULL),
    ('funding_instrument', 'voucher', '科技创新券', 'innovation voucher', 2, NULL);

INSERT INTO code VALUES
    ('umbrella', 'startup_tianfu', '创业天府引领工程', 'Startup Tianfu Leading Project', 2, NULL),
    ('umbrella', 'innovative_rongcheng', '创新蓉城示范工程', 'Innovative Rongcheng Demonstration Project', 2, NULL),
    ('umbrella', 'intelligent_hitech', '创智高新先导工程', 'Intelligent Hi-tech Pilot Project', 2, NULL),
    ('umbrella', 'entity_cultivation', '创新主体培育工程', 'Innovation Entity Cultivation Project', 2, NULL),
    ('umbrella', 'side_by_side', '并肩行动计划', 'Side-by-Side Action', 2, NULL),
    ('umbrella', 'development_fund', '示范区建设发展资金', 'zone development fund', 2, NULL);

INSERT INTO code VALUES
    ('cluster', 'electronics', '电子信息', 'electronics and information', 2, NULL),
    ('cluster', 'equipment', '高端装备', 'high-end equipment', 2, NULL),
    ('cluster', 'biology', '生物', 'biology', 2, NULL),
    ('cluster', 'finance', '金融业', 'finance', 2, NULL),
    ('cluster', 'mobile_internet', '移动互联网与数字服务', 'mobile internet and digital services', 2, NULL),
    ('cluster', 'big_data', '大数据', 'big data', 2, NULL),
    ('cluster', 'new_energy', '新能源', 'new energy', 2, NULL),
    ('cluster', 'new_materials', '新材料', 'new materials', 2, NULL),
    ('cluster', 'energy_saving', '节能环保', 'energy saving and environment', 2, NULL),
    ('cluster', 'aviation', '航空航天', 'aviation and space', 2, NULL),
    ('cluster', 'gas_turbine', '航空与燃机', 'aero-engines and gas turbines', 2, NULL),
    ('cluster', 'producer_services', '生产性服务业', 'producer services', 2, NULL),
    ('cluster', 'e_commerce', '电子商务', 'electronic commerce', 2, NULL),
    ('cluster', 'logistics', '现代物流', 'logistics', 2, NULL),
    ('cluster', 'health', '养老健康', 'health', 2, NULL),
    ('cluster', 'culture', '文化创意', 'cultural creativity', 2, NULL),
    ('cluster', 'information_security', '信息安全', 'information security', 2, NULL),
    ('cluster', 'new_energy_vehicles', '新能源汽车', 'new energy vehicles', 2, NULL),
    ('cluster', 'shale_gas', '页岩气', 'shale gas', 2, NULL),
    ('cluster', 'science_services', '科技服务', 'science and technology services', 2, NULL);

INSERT INTO code VALUES
    ('chain', 'industry', '产业链', 'industry chain', 2, NULL),
    ('chain', 'innovation', '创新链', 'innovation chain', 2, NULL),
    ('chain', 'service', '服务链', 'service chain', 2, NULL);

INSERT INTO code VALUES
    ('policy_type', 'regulation', '条例', 'regulation', 2, NULL),
    ('policy_type', 'measure', '办法', 'measure', 2, NULL),
    ('policy_type', 'plan', '规划或行动计划', 'plan', 2, NULL),
    ('policy_type', 'opinion', '意见', 'opinion', 2, NULL),
    ('policy_type', 'guideline', '指南', 'guideline', 2, NULL);

INSERT INTO code VALUES
    ('policy_topic', 'ownership', '科技成果所有权', 'ownership of results', 2, NULL),
    ('policy_topic', 'use_rights', '成果使用权、处置权、收益权', 'rights to use, dispose and benefit', 2, NULL),
    ('policy_topic', 'super_deduction', '研发费用加计扣除', 'R&D super-deduction', 2, NULL),
    ('policy_topic', 'sharing', '科技资源开放共享', 'sharing of resources', 2, NULL),
    ('policy_topic', 'equity_incentive', '股权激励', 'equity incentive', 2, NULL),
    ('policy_topic', 'tax', '优化税制', 'tax', 2, NULL),
    ('policy_topic', 'angel_tax', '天使投资税收优惠', 'angel investment tax preference', 2, NULL),
    ('policy_topic', 'state_capital', '国资创投管理', 'state venture capital', 2, NULL),
    ('policy_topic', 'talent', '人才', 'talent', 2, NULL),
    ('policy_topic', 'international_talent', '国际高端人才', 'international talent', 2, NULL),
    ('policy_topic', 'sme', '中小微企业服务', 'services to small firms', 2, NULL),
    ('policy_topic', 'finance', '科技金融', 'science and technology finance', 2, NULL),
    ('policy_topic', 'ip', '知识产权保护', 'IP protection', 2, NULL),
    ('policy_topic', 'approval', '行政审批改革', 'administrative approval', 2, NULL),
    ('policy_topic', 'platform_economy', '平台经济', 'platform economy', 2, NULL),
    ('policy_topic', 'civil_military', '军民融合', 'civil-military integration', 2, NULL),
    ('policy_topic', 'zone', '示范区条例与体制', 'zone regulation and institutions', 2, NULL);

INSERT INTO code VALUES
    ('policy_origin', 'own', '本园区制定', 'made by the park', 2, NULL),
    ('policy_origin', 'zone', '示范区统一', 'of the whole zone', 2, NULL),
    ('policy_origin', 'zhongguancun', '中关村先行先试政策', 'Zhongguancun pilot policy', 2, NULL),
    ('policy_origin', 'donghu', '武汉东湖', 'Wuhan Donghu', 2, NULL),
    ('policy_origin', 'zhangjiang', '上海张江', 'Shanghai Zhangjiang', 2, NULL),
    ('policy_origin', 'shenzhen', '深圳', 'Shenzhen', 2, NULL),
    ('policy_origin', 'national', '国家', 'national', 2, NULL),
    ('policy_origin', 'provincial', '四川省', 'Sichuan province', 2, NULL);

INSERT INTO code VALUES
    ('practice_type', 'policy_package', '政策经验', 'policy practice', 2, NULL),
    ('practice_type', 'park_management', '园区管理模式', 'park management model', 2, NULL),
    ('practice_type', 'incubation', '孵化模式', 'incubation model', 2, NULL),
    ('practice_type', 'benchmark', '对标案例', 'benchmark', 2, NULL);

INSERT INTO code VALUES
    ('instrument_type', 'analysis', '分析仪器', 'analytical instrument', 2, NULL),
    ('instrument_type', 'physical', '物理性能测试仪器', 'physical testing instrument', 2, NULL),
    ('instrument_type', 'measuring', '计量仪器', 'metrological instrument', 2, NULL),
    ('instrument_type', 'electronic', '电子测量仪器', 'electronic measuring instrument', 2, NULL),
    ('instrument_type', 'ocean', '海洋仪器', 'oceanographic instrument', 2, NULL),
    ('instrument_type', 'geophysical', '地球探测仪器', 'geophysical instrument', 2, NULL),
    ('instrument_type', 'atmospheric', '大气探测仪器', 'atmospheric instrument', 2, NULL),
    ('instrument_type', 'astronomical', '天文仪器', 'astronomical instrument', 2, NULL),
    ('instrument_type', 'medical', '医学科研仪器', 'medical research instrument', 2, NULL),
    ('instrument_type', 'process', '工艺试验设备', 'process test equipment', 2, NULL),
    ('instrument_type', 'computing', '计算机及其配套设备', 'computing equipment', 2, NULL),
    ('instrument_type', 'special', '特种检测仪器', 'special testing instrument', 2, NULL),
    ('instrument_type', 'nuclear', '核仪器', 'nuclear instrument', 2, NULL),
    ('instrument_type', 'laser', '激光器', 'laser', 2, NULL),
    ('instrument_type', 'other', '其他仪器', 'other instrument', 2, NULL);

INSERT INTO code VALUES
    ('laboratory_level', 'national', '国家级', 'national', 2, NULL),
    ('laboratory_level', 'provincial', '省级', 'provincial', 2, NULL),
    ('laboratory_level', 'municipal', '市级', 'municipal', 2, NULL),
    ('laboratory_level', 'enterprise', '企业级', 'enterprise', 2, NULL);

INSERT INTO code VALUES
    ('platform_type', 'technology', '技术平台', 'technology platform', 2, NULL),
    ('platform_type', 'testing', '检验检测平台', 'testing platform', 2, NULL),
    ('platform_type', 'design', '设计平台', 'design platform', 2, NULL),
    ('platform_type', 'pilot', '中试平台', 'pilot plant', 2, NULL),
    ('platform_type', 'computing', '计算平台', 'computing platform', 2, NULL),
    ('platform_type', 'transfer', '技术转移平台', 'technology transfer platform', 2, NULL),
    ('platform_type', 'carrier', '创新载体', 'innovation carrier', 2, NULL);

INSERT INTO code VALUES
    ('service_category', 'bio_cro', '生物医药研发外包', 'biomedical contract research', 2, NULL),
    ('service_category', 'bio_analysis', '生物分析测试', 'bio-analysis and testing', 2, NULL),
    ('service_category', 'gene_testing', '基因检测', 'gene testing', 2, NULL),
    ('service_category', 'ic_design', '第三方集成电路设计', 'third-party IC design', 2, NULL),
    ('service_category', 'telecom_testing', '电子通信测试', 'electronic and telecom testing', 2, NULL),
    ('service_category', 'mobile_testing', '移动互联网检测', 'mobile internet testing', 2, NULL),
    ('service_category', 'incubation', '创业孵化', 'incubation', 2, NULL),
    ('service_category', 'transfer', '技术转移', 'technology transfer', 2, NULL),
    ('service_category', 'training', '培训辅导', 'training and mentoring', 2, NULL),
    ('service_category', 'ip', '知识产权服务', 'IP services', 2, NULL),
    ('service_category', 'standards', '标准服务', 'standards services', 2, NULL),
    ('service_category', 'finance', '科技金融服务', 'financial services', 2, NULL);

INSERT INTO code VALUES
    ('space_type', 'makerspace', '众创空间', 'makerspace', 2, NULL),
    ('space_type', 'incubator', '孵化器', 'incubator', 2, NULL),
    ('space_type', 'accelerator', '加速器', 'accelerator', 2, NULL),
    ('space_type', 'flagship', '创业天府旗舰', 'Startup Tianfu flagship', 2, NULL);

INSERT INTO code VALUES
    ('resource_type', 'dataset', '数据集', 'dataset', 2, NULL),
    ('resource_type', 'collection', '数据集合', 'collection', 2, NULL),
    ('resource_type', 'image', '图像', 'image', 2, NULL),
    ('resource_type', 'model', '模型', 'model', 2, NULL),
    ('resource_type', 'software', '软件', 'software', 2, NULL),
    ('resource_type', 'workflow', '工作流', 'workflow', 2, NULL),
    ('resource_type', 'other', '其他', 'other', 2, NULL);

INSERT INTO code VALUES
    ('literature_type', 'journal', '期刊论文', 'journal article', 2, NULL),
    ('literature_type', 'book', '图书', 'book', 2, NULL),
    ('literature_type', 'thesis', '学位论文', 'thesis', 2, NULL),
    ('literature_type', 'conference', '会议论文', 'conference paper', 2, NULL),
    ('literature_type', 'patent', '专利文献', 'patent literature', 2, NULL),
    ('literature_type', 'standard', '标准文献', 'standard', 2, NULL),
    ('literature_type', 'report', '科技报告', 'report', 2, NULL),
    ('literature_type', 'database', '文献数据库', 'literature database', 2, NULL);

INSERT INTO code VALUES
    ('rights_basis', 'use_right', '使用权', 'right to use', 2, NULL),
    ('rights_basis', 'disposal_right', '处置权', 'right to dispose', 2, NULL),
    ('rights_basis', 'benefit_right', '收益权', 'right to benefit', 2, NULL),
    ('rights_basis', 'ownership', '所有权', 'ownership', 2, NULL),
    ('rights_basis', 'long_term_use', '长期使用权', 'long-term right to use', 2, NULL);

INSERT INTO code VALUES
    ('demand_type', 'research', '技术研发', 'research', 2, NULL),
    ('demand_type', 'crowd_creation', '众创', 'crowd creation', 2, NULL),
    ('demand_type', 'crowdsourcing', '众包', 'crowdsourcing', 2, NULL),
    ('demand_type', 'crowd_support', '众扶', 'crowd support', 2, NULL),
    ('demand_type', 'crowdfunding', '众筹', 'crowdfunding', 2, NULL),
    ('demand_type', 'financing', '融资', 'financing', 2, NULL),
    ('demand_type', 'space', '场地', 'space', 2, NULL),
    ('demand_type', 'talent', '人才', 'talent', 2, NULL);

INSERT INTO code VALUES
    ('cultivation_tier', 'hnte', '高新技术企业', 'high and new technology enterprise', 2, NULL),
    ('cultivation_tier', 'specialised', '专精特新企业', 'specialised and innovative small firm', 2, NULL),
    ('cultivation_tier', 'high_growth', '高成长型中小企业', 'high-growth small or medium firm', 2, NULL),
    ('cultivation_tier', 'leading', '科技领军企业', 'leading technology enterprise', 2, NULL),
    ('cultivation_tier', 'backbone', '龙头骨干企业', 'backbone enterprise', 2, NULL),
    ('cultivation_tier', 'innovative', '创新型企业', 'innovative enterprise', 2, NULL);

INSERT INTO code VALUES
    ('credential_kind', 'hnte', '高新技术企业认定', 'high and new technology enterprise', 2, NULL),
    ('credential_kind', 'specialised', '专精特新认定', 'specialised and innovative small firm', 2, NULL),
    ('credential_kind', 'high_growth', '高成长型中小企业', 'high-growth firm', 2, NULL),
    ('credential_kind', 'leading', '科技领军企业', 'leading enterprise', 2, NULL),
    ('credential_kind', 'backbone', '龙头骨干企业', 'backbone enterprise', 2, NULL),
    ('credential_kind', 'innovative', '创新型企业', 'innovative enterprise', 2, NULL),
    ('credential_kind', 'tech_sme', '科技型中小企业', 'technology SME', 2, NULL),
    ('credential_kind', 'ip_management', '企业知识产权管理体系认证', 'enterprise IP management (GB/T 29490)', 2, NULL),
    ('credential_kind', 'ip_intensive', '知识产权密集型企业', 'IP-intensive enterprise', 2, NULL),
    ('credential_kind', 'training', '操作培训证书', 'training certificate', 2, NULL),
    ('credential_kind', 'startup_course', '创业课程结业证书', 'startup course certificate', 2, NULL),
    ('credential_kind', 'talent', '高层次人才认定', 'recognised talent', 2, NULL),
    ('credential_kind', 'reviewer', '评审专家资格', 'qualified reviewer', 2, NULL),
    ('credential_kind', 'standards_base', '技术标准创新基地', 'standards innovation base', 2, NULL),
    ('credential_kind', 'transfer_centre', '国家技术转移机构', 'national technology transfer body', 2, NULL),
    ('credential_kind', 'accreditation', '检测资质', 'testing accreditation', 2, NULL);

INSERT INTO code VALUES
    ('event_type', 'forum', '创业论坛', 'forum', 2, NULL),
    ('event_type', 'story', '创业故事汇', 'founders'' stories', 2, NULL),
    ('event_type', 'contest', '创业大赛', 'contest', 2, NULL),
    ('event_type', 'roadshow', '路演', 'roadshow', 2, NULL),
    ('event_type', 'matchmaking', '对接会', 'matchmaking', 2, NULL),
    ('event_type', 'exhibition', '展会', 'exhibition', 2, NULL);

INSERT INTO code VALUES
    ('event_brand', 'jingronghui', '创业天府·菁蓉汇', 'Jingronghui', 2, NULL),
    ('event_brand', 'startup_hitech', '创业高新', 'Startup Hi-tech', 2, NULL);

INSERT INTO code VALUES
    ('second_type', 'part_time', '兼职', 'part-time', 2, NULL),
    ('second_type', 'in_post', '在职创业', 'founding while in post', 2, NULL),
    ('second_type', 'leave_to_found', '离岗创业', 'leave to found', 2, NULL),
    ('second_type', 'to_industry', '院所到企业', 'from academia to a firm', 2, NULL),
    ('second_type', 'to_academia', '企业到院所', 'from a firm to academia', 2, NULL);

INSERT INTO code VALUES
    ('patent_type', 'invention', '发明', 'invention', 2, NULL),
    ('patent_type', 'utility', '实用新型', 'utility model', 2, NULL),
    ('patent_type', 'design', '外观设计', 'design', 2, NULL),
    ('patent_type', 'pct', '国际申请', 'PCT application', 2, NULL);

INSERT INTO code VALUES
    ('project_stage', 'planned', '筹备', 'planned', 2, NULL),
    ('project_stage', 'running', '实施', 'running', 2, NULL),
    ('project_stage', 'completed', '完成', 'completed', 2, NULL),
    ('project_stage', 'stopped', '终止', 'stopped', 2, NULL);

INSERT INTO code VALUES
    ('project_type', 'joint_research', '合作研发', 'joint research', 2, NULL),
    ('project_type', 'conversion', '成果转化', 'conversion of results', 2, NULL),
    ('project_type', 'industrialisation', '产业化', 'industrialisation', 2, NULL),
    ('project_type', 'platform', '平台建设', 'platform construction', 2, NULL),
    ('project_type', 'engineering', '重大创新工程', 'major innovation project', 2, NULL);

INSERT INTO code VALUES
    ('standard_level', 'international', '国际标准', 'international', 2, NULL),
    ('standard_level', 'national', '国家标准', 'national', 2, NULL),
    ('standard_level', 'industry', '行业标准', 'industry', 2, NULL);

INSERT INTO code VALUES
    ('standard_role', 'lead', '主导制定', 'leading', 2, NULL),
    ('standard_role', 'participant', '参与制定', 'participating', 2, NULL);

INSERT INTO code VALUES
    ('approval_domain', 'investment', '投资', 'investment', 2, NULL),
    ('approval_domain', 'innovation', '创新创业', 'innovation and entrepreneurship', 2, NULL),
    ('approval_domain', 'operation', '生产经营', 'production and operation', 2, NULL),
    ('approval_domain', 'hightech_service', '高技术服务', 'high-tech services', 2, NULL);

INSERT INTO code VALUES
    ('approval_proposal', 'keep', '保留', 'keep', 2, NULL),
    ('approval_proposal', 'merge', '合并', 'merge', 2, NULL),
    ('approval_proposal', 'delegate', '下放', 'delegate', 2, NULL),
    ('approval_proposal', 'cancel', '取消', 'cancel', 2, NULL);

INSERT INTO code VALUES
    ('register_type', 'problem', '困难与问题', 'problems', 2, NULL),
    ('register_type', 'duty', '部署任务', 'duties', 2, NULL),
    ('register_type', 'service', '企业服务', 'services to firms', 2, NULL);

INSERT INTO code VALUES
    ('issue_type', 'policy', '政策落实', 'policy', 2, NULL),
    ('issue_type', 'funding', '资金', 'funding', 2, NULL),
    ('issue_type', 'land', '土地与要素', 'land and energy', 2, NULL),
    ('issue_type', 'talent', '人才', 'talent', 2, NULL),
    ('issue_type', 'approval', '审批', 'approval', 2, NULL),
    ('issue_type', 'infrastructure', '基础设施', 'infrastructure', 2, NULL),
    ('issue_type', 'other', '其他', 'other', 2, NULL);

INSERT INTO code VALUES
    ('partnership_type', 'off_site_incubation', '异地孵化', 'off-site incubation', 2, NULL),
    ('partnership_type', 'enclave', '飞地经济', 'enclave economy', 2, NULL),
    ('partnership_type', 'management_export', '园区管理模式输出', 'export of park management', 2, NULL),
    ('partnership_type', 'co_built_park', '共建园区', 'co-built park', 2, NULL),
    ('partnership_type', 'community', '跨境协同创新共同体', 'cross-border innovation community', 2, NULL),
    ('partnership_type', 'incubator', '跨境孵化器', 'cross-border incubator', 2, NULL),
    ('partnership_type', 'overseas_park', '海外科技园', 'overseas park', 2, NULL),
    ('partnership_type', 'transfer_platform', '跨国技术转移平台', 'transnational technology transfer platform', 2, NULL),
    ('partnership_type', 'standards_platform', '技术标准创新平台', 'standards platform', 2, NULL),
    ('partnership_type', 'acquisition_platform', '技术并购平台', 'technology acquisition platform', 2, NULL),
    ('partnership_type', 'exchange', '数据交换协议', 'data exchange agreement', 2, NULL);

INSERT INTO code VALUES
    ('region', 'mianyang', '绵阳科技城', 'Mianyang Science City', 2, NULL),
    ('region', 'panxi', '攀西战略资源创新开发试验区', 'Panxi pilot zone', 2, NULL),
    ('region', 'chengdu_leshan', '成德绵乐经济带', 'Chengdu-Deyang-Mianyang-Leshan belt', 2, NULL),
    ('region', 'chengyu', '成渝经济区', 'Chengdu-Chongqing zone', 2, NULL),
    ('region', 'zhongguancun', '北京中关村', 'Zhongguancun, Beijing', 2, NULL),
    ('region', 'donghu', '武汉东湖', 'Donghu, Wuhan', 2, NULL),
    ('region', 'zhangjiang', '上海张江', 'Zhangjiang, Shanghai', 2, NULL),
    ('region', 'shenzhen', '深圳', 'Shenzhen', 2, NULL),
    ('region', 'korea', '中韩创新创业园', 'Sino-Korean park', 2, NULL),
    ('region', 'singapore', '新川创新科技园', 'Xinchuan park', 2, NULL),
    ('region', 'silicon_valley', '硅谷', 'Silicon Valley', 2, NULL),
    ('region', 'sophia', '索菲亚', 'Sophia Antipolis', 2, NULL),
    ('region', 'tel_aviv', '特拉维夫', 'Tel Aviv', 2, NULL),
    ('region', 'bangalore', '班加罗尔', 'Bangalore', 2, NULL),
    ('region', 'hsinchu', '新竹', 'Hsinchu', 2, NULL), ('region', 'europe', '欧洲', 'Europe', 2, NULL);

INSERT INTO code VALUES
    ('unit', 'fen', '人民币分', 'fen', 2, NULL), ('unit', 'minute', '机时分钟', 'minute of use', 2, NULL),
    ('unit', 'desk', '工位', 'desk', 2, NULL), ('unit', 'count', '个', 'count', 2, NULL),
    ('unit', 'basis_point', '基点', 'basis point', 2, NULL),
    ('unit', 'per_10000', '每万人', 'per 10,000 people', 2, NULL);

INSERT INTO code VALUES
    ('account_type', 'organisation', '单位账户', 'account of an organisation', 2, NULL),
    ('account_type', 'fund', '资金账户', 'account of a fund', 2, NULL),
    ('account_type', 'voucher', '创新券账户', 'voucher account', 2, NULL),
    ('account_type', 'free_minutes', '免费机时账户', 'account of free minutes', 2, NULL),
    ('account_type', 'desks', '工位账户', 'account of desks', 2, NULL),
    ('account_type', 'clearing', '结算账户', 'clearing account', 2, NULL);

INSERT INTO code VALUES
    ('operator', 'self', '自行操作', 'by the user', 2, NULL),
    ('operator', 'assisted', '协助操作', 'with help', 2, NULL),
    ('operator', 'entrusted', '委托测试', 'by the home', 2, NULL);

INSERT INTO code VALUES
    ('rate_unit', 'hour', '小时', 'hour', 2, NULL), ('rate_unit', 'use', '次', 'use', 2, NULL),
    ('rate_unit', 'sample', '样品', 'sample', 2, NULL), ('rate_unit', 'day', '天', 'day', 2, NULL),
    ('rate_unit', 'month', '月', 'month', 2, NULL), ('rate_unit', 'seat', '席位', 'seat', 2, NULL);

INSERT INTO code VALUES
    ('window_kind', 'open', '开放', 'open', 2, NULL),
    ('window_kind', 'closed', '不开放', 'closed', 2, NULL),
    ('window_kind', 'maintenance', '检修', 'maintenance', 2, NULL),
    ('window_kind', 'holiday', '节假日', 'holiday', 2, NULL);

INSERT INTO code VALUES
    ('usage_source', 'meter', '计量器', 'meter', 2, NULL),
    ('usage_source', 'card', '刷卡', 'card', 2, NULL),
    ('usage_source', 'hand', '人工登记', 'by hand', 2, NULL);

INSERT INTO code VALUES
    ('document_kind', 'policy', '政策正文', 'policy text', 2, NULL),
    ('document_kind', 'contract', '合同', 'contract', 2, NULL),
    ('document_kind', 'terms', '使用条件', 'terms of use', 2, NULL),
    ('document_kind', 'application', '申报材料', 'application papers', 2, NULL),
    ('document_kind', 'result', '成果或报告', 'result', 2, NULL),
    ('document_kind', 'list', '名单', 'list', 2, NULL),
    ('document_kind', 'minutes', '会议纪要', 'minutes', 2, NULL),
    ('document_kind', 'certificate', '证书', 'certificate', 2, NULL);

INSERT INTO code VALUES
    ('figure', 'output', '总产值（分）', 'output, fen', 2, NULL),
    ('figure', 'rd_spend', '研发投入（分）', 'R&D spend, fen', 2, NULL),
    ('figure', 'revenue', '营业收入（分）', 'revenue, fen', 2, NULL),
    ('figure', 'staff', '从业人员（人）', 'staff', 2, NULL),
    ('figure', 'population', '常住人口（人）', 'population', 2, NULL),
    ('figure', 'rd_units', '研发机构（个）', 'R&D units', 2, NULL),
    ('figure', 'own_brands', '自主品牌（个）', 'own brands', 2, NULL),
    ('figure', 'tax', '税收（分）', 'tax, fen', 2, NULL),
    ('figure', 'benchmark_output', '对标园区总产值（分）', 'output of a benchmark park, fen', 2, NULL),
    ('figure', 'benchmark_patents', '对标园区发明专利授权（件）', 'invention patents of a benchmark park', 2, NULL);

INSERT INTO code VALUES
    ('indicator', 'output', '总产值', 'total output', 2, NULL),
    ('indicator', 'enterprises', '科技企业', 'technology enterprises', 2, NULL),
    ('indicator', 'talents', '高层次创新创业人才', 'high-level talents', 2, NULL),
    ('indicator', 'patents_granted', '发明专利授权', 'invention patents granted', 2, NULL),
    ('indicator', 'patents_held', '万人发明专利拥有量', 'invention patents held per 10,000 people', 2, NULL),
    ('indicator', 'projects', '重大科技成果转化项目', 'major transformation projects', 2, NULL),
    ('indicator', 'standards', '制（修）订标准', 'standards made or revised', 2, NULL),
    ('indicator', 'large_clusters', '千亿元级产业集群', 'industry clusters of CNY 100 bn', 2, NULL),
    ('indicator', 'share_rate', '开放共享率', 'share rate', 2, NULL),
    ('indicator', 'idle_instruments', '闲置仪器', 'idle instruments', 2, NULL),
    ('indicator', 'late_instruments', '未及时入网仪器', 'instruments registered late', 2, NULL);

INSERT INTO code VALUES
    ('evaluation_type', 'park', '园区考核', 'of a park', 2, NULL),
    ('evaluation_type', 'project', '重大工程与项目评价', 'of a major project', 2, NULL),
    ('evaluation_type', 'programme', '资金绩效评价', 'of a programme', 2, NULL),
    ('evaluation_type', 'sharing', '开放共享评价', 'of open sharing', 2, NULL);

INSERT INTO code VALUES
    ('evaluation_grade', 'excellent', '优秀', 'excellent', 2, NULL),
    ('evaluation_grade', 'good', '良好', 'good', 2, NULL),
    ('evaluation_grade', 'pass', '合格', 'passed', 2, NULL),
    ('evaluation_grade', 'fail', '不合格', 'not passed', 2, NULL);

INSERT INTO code VALUES
    ('site_type', 'industrial_park', '产业园区', 'industrial park', 2, NULL),
    ('site_type', 'knowledge_ring', '环高校知识经济圈', 'knowledge economy ring of a university', 2, NULL),
    ('site_type', 'conversion_base', '成果转化基地', 'base for the conversion of results', 2, NULL),
    ('site_type', 'international_park', '国际合作园区', 'park with a partner abroad', 2, NULL),
    ('site_type', 'agglomeration', '服务业集聚区', 'agglomeration of services', 2, NULL);

INSERT INTO code VALUES
    ('counter', 'views', '浏览', 'views', 2, NULL),
    ('counter', 'downloads', '下载', 'downloads', 2, NULL),
    ('counter', 'contacts', '咨询', 'contacts', 2, NULL),
    ('counter', 'citations', '引用', 'citations', 2, NULL);

-- What may be asked of which kind of item: the list is named after the kind of request.
INSERT INTO code VALUES
    ('asks:booking', 'instrument', '大型科学仪器', 'large scientific instrument', 2, NULL),
    ('asks:booking', 'laboratory', '实验室', 'laboratory', 2, NULL),
    ('asks:booking', 'facility', '科研设施', 'research facility', 2, NULL),
    ('asks:booking', 'platform', '公共技术平台', 'public technology platform', 2, NULL),
    ('asks:booking', 'service', '科技服务', 'technical service', 2, NULL),
    ('asks:booking', 'desk', '众创空间工位', 'makerspace desks', 2, NULL),
    ('asks:lending', 'instrument', '大型科学仪器', 'large scientific instrument', 2, NULL),
    ('asks:lending', 'laboratory', '实验室', 'laboratory', 2, NULL),
    ('asks:lending', 'facility', '科研设施', 'research facility', 2, NULL),
    ('asks:lending', 'platform', '公共技术平台', 'public technology platform', 2, NULL),
    ('asks:lending', 'service', '科技服务', 'technical service', 2, NULL),
    ('asks:lending', 'desk', '众创空间工位', 'makerspace desks', 2, NULL),
    ('asks:home_change', 'instrument', '大型科学仪器', 'large scientific instrument', 2, NULL),
    ('asks:home_change', 'laboratory', '实验室', 'laboratory', 2, NULL),
    ('asks:home_change', 'facility', '科研设施', 'research facility', 2, NULL),
    ('asks:home_change', 'platform', '公共技术平台', 'public technology platform', 2, NULL),
    ('asks:home_change', 'service', '科技服务', 'technical service', 2, NULL),
    ('asks:home_change', 'desk', '众创空间工位', 'makerspace desks', 2, NULL),
    ('asks:home_change', 'dataset', '科学数据', 'dataset', 2, NULL),
    ('asks:home_change', 'literature', '科技文献', 'literature', 2, NULL),
    ('asks:home_change', 'listing', '可转移成果', 'technology on offer', 2, NULL),
    ('asks:data_access', 'dataset', '科学数据', 'dataset', 2, NULL),
    ('asks:literature_request', 'literature', '科技文献', 'literature', 2, NULL),
    ('asks:practice_request', 'practice', '可复制经验', 'practice for export', 2, NULL),
    ('asks:event_signup', 'event', '活动', 'event', 2, NULL),
    ('asks:course_signup', 'course', '培训课程', 'course', 2, NULL),
    ('asks:policy_adoption', 'policy', '支持政策', 'policy', 2, NULL),
    ('asks:practice_adoption', 'practice', '可复制经验', 'practice for export', 2, NULL),
    ('asks:technology_offer', 'listing', '可转移成果', 'technology on offer', 2, NULL),
    ('asks:demand_response', 'demand', '技术需求', 'demand', 2, NULL),
    ('asks:job_application', 'post', '招聘岗位', 'post', 2, NULL),
    ('asks:patent_pledge', 'patent', '专利', 'patent', 2, NULL),
    ('asks:backing', 'programme', '资金与计划项目', 'funding programme', 2, NULL),
    ('asks:grant_application', 'programme', '资金与计划项目', 'funding programme', 2, NULL),
    ('asks:selection_entry', 'round', '年度遴选批次', 'selection round', 2, NULL),
    ('asks:secondment', 'talent_time', '人才时间', 'working time of a person', 2, NULL),
    ('asks:tolerance_case', 'project', '重大科技成果转化项目', 'transformation project', 2, NULL),
    ('asks:issue', 'register', '问题与任务清单', 'register of issues and tasks', 2, NULL),
    ('asks:issue', 'project', '重大科技成果转化项目', 'transformation project', 2, NULL),
    ('asks:evaluation_report', 'evaluation', '考核评价', 'evaluation', 2, NULL),
    ('asks:placement', 'incubation', '异地孵化空间', 'off-site incubation space', 2, NULL),
    ('asks:placement', 'partnership', '合作共建关系', 'partnership', 2, NULL),
    ('asks:partner_project', 'partnership', '合作共建关系', 'partnership', 2, NULL),
    ('asks:partner_project', 'register', '问题与任务清单', 'register of issues and tasks', 2, NULL),
    ('asks:approval_review', 'approval_item', '行政审批事项', 'administrative approval item', 2, NULL);
