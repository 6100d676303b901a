-- parksync: schema 1
--
-- The catalogue of the parks, part 1: machines, states, moves, kinds and reasons.
--
-- These rows are part of the schema: the same at every node that has this file, refused to programs, and compared with the
-- file at each start. A step is a row of `move` or it is quarantined everywhere alike. `since` is the number of the file
-- that brought a row, `until` that of the one in which it is in force no longer; nothing else of a row ever changes.

-- parksync: constant
CREATE TABLE machine (
    machine TEXT NOT NULL PRIMARY KEY,
    -- Whose steps they are: those of the home of the subject, or of the park that asks.
    arbiter TEXT NOT NULL CHECK (arbiter IN ('subject', 'asker')),
    zh TEXT NOT NULL,
    en TEXT NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER
) WITHOUT ROWID;

-- parksync: constant
CREATE TABLE kind (
    kind TEXT NOT NULL PRIMARY KEY,
    of TEXT NOT NULL CHECK (of IN ('item', 'request')),
    machine TEXT REFERENCES machine (machine),
    zh TEXT NOT NULL,
    en TEXT NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER,
    CHECK ((of = 'request') = (machine IS NOT NULL))
) WITHOUT ROWID;

-- `detail` of a row of this kind may have this field. Keys that are declared nowhere are kept as they are.
-- parksync: constant
CREATE TABLE field (
    kind TEXT NOT NULL REFERENCES kind (kind),
    name TEXT NOT NULL,
    -- fen: whole fen; percent: basis points, 0 to 10,000; code: a code of `list`; id: of a shared row; list: an array of
    -- texts, of codes if `list` is given; text has at least one character.
    type TEXT NOT NULL CHECK (type IN ('text', 'integer', 'number', 'boolean', 'date', 'instant', 'code', 'id', 'fen',
        'minutes', 'percent', 'list')),
    required INTEGER NOT NULL CHECK (required IN (0, 1)),
    unit TEXT,
    list TEXT,
    zh TEXT NOT NULL,
    en TEXT NOT NULL,
    -- What a standard calls it.
    standard TEXT,
    since INTEGER NOT NULL,
    until INTEGER,
    PRIMARY KEY (kind, name),
    CHECK (type <> 'code' OR list IS NOT NULL)
) WITHOUT ROWID;

-- Vocabularies.
-- parksync: constant
CREATE TABLE code (
    list TEXT NOT NULL,
    code TEXT NOT NULL,
    zh TEXT NOT NULL,
    en TEXT NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER,
    PRIMARY KEY (list, code)
) WITHOUT ROWID;

-- parksync: constant
CREATE TABLE state (
    machine TEXT NOT NULL REFERENCES machine (machine),
    state TEXT NOT NULL,
    -- Whether its weight counts against the capacity of the subject.
    occupies INTEGER NOT NULL CHECK (occupies IN (0, 1)),
    -- Whether it is left by a fork only.
    ends INTEGER NOT NULL CHECK (ends IN (0, 1)),
    waits_for TEXT CHECK (waits_for IN ('arbiter', 'asker', 'holder', 'party', 'reviewer', 'manager', 'clock')),
    -- The moment at which `clock` moves it:
    --   hold       hold_minutes of the item after the step
    --   starts     the interval's start
    --   no_show    no_show_minutes of the item after the interval's start
    --   ends       the interval's end ('~': never)
    --   finish     one day after the interval's end
    --   attend     one day after the interval's end
    --   certify    30 days after the interval's end
    --   confirm    confirm_days of the item after the step, seven if it has none
    --   answer     confirm_days of the item after the step, 14 if it has none
    --   register   30 days after the step
    --   contract   30 days after the step
    --   rectify    the end of the step's interval, 90 days after the step if that is '~'
    --   publicity  publicity_days of the item's detail after the step, seven if it has none
    --   round      closes_at of the item's detail
    deadline TEXT,
    zh TEXT NOT NULL,
    en TEXT NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER,
    PRIMARY KEY (machine, state),
    CHECK (ends = 0 OR (waits_for IS NULL AND deadline IS NULL))
) WITHOUT ROWID;

-- Acts: ask is the request itself (from '') and what the arbiter answers to it on its own; room, a place that became free;
-- clock, a deadline. These three are never rows of `act`; the others are. `decide` is a person's at the arbiter's side.
--
-- By whom: arbiter; asker, the park that asks; holder, the same where it has a place; party, a named one of the others;
-- reviewer; manager, a person at the arbiter's park; clock. A row by anyone is a state that stays: of `note`, which is
-- taken in every state, and otherwise the refusal of an act that this state does not take, always with its reasons.
-- Of other rows that stay in their state, a step with reasons is a refusal and one without is the act carried out.
-- parksync: constant
CREATE TABLE move (
    machine TEXT NOT NULL REFERENCES machine (machine),
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    act TEXT NOT NULL CHECK (act IN ('ask', 'room', 'clock', 'decide', 'withdraw', 'amend', 'agree', 'counter', 'consent',
        'score', 'dispute', 'confirm', 'start', 'finish', 'meter', 'note', 'end', 'fork')),
    by_whom TEXT NOT NULL CHECK (by_whom IN ('arbiter', 'asker', 'holder', 'party', 'reviewer', 'manager', 'clock',
        'anyone')),
    since INTEGER NOT NULL,
    until INTEGER,
    PRIMARY KEY (machine, from_state, to_state, act)
) WITHOUT ROWID;

-- parksync: constant
CREATE TABLE reason (
    code TEXT NOT NULL PRIMARY KEY,
    -- Who may decide against it: NULL is nobody.
    override_by TEXT CHECK (override_by IN ('manager', 'officer', 'operator')),
    zh TEXT NOT NULL,
    en TEXT NOT NULL,
    remedy_zh TEXT NOT NULL,
    remedy_en TEXT NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER
) WITHOUT ROWID;

INSERT INTO machine VALUES
    ('booking', 'subject', '使用预约', 'booking', 1, NULL),
    ('lend', 'subject', '时段委托', 'lending', 1, NULL),
    ('move_home', 'subject', '管理方变更', 'change of home', 1, NULL),
    ('access', 'subject', '资源获取', 'access', 1, NULL),
    ('signup', 'subject', '报名', 'sign-up', 1, NULL),
    ('adoption', 'asker', '政策采纳', 'adoption', 1, NULL),
    ('offer', 'subject', '要约与合同', 'offer', 1, NULL), ('pledge', 'subject', '质押', 'pledge', 1, NULL),
    ('award', 'subject', '项目立项', 'award', 1, NULL),
    ('pick', 'subject', '年度遴选', 'yearly selection', 1, NULL),
    ('second', 'subject', '人才双向流动', 'secondment', 1, NULL),
    ('tolerance', 'subject', '容错认定', 'tolerance case', 1, NULL),
    ('task', 'subject', '事项办理', 'task', 1, NULL),
    ('approval', 'subject', '审批事项清理', 'approval review', 1, NULL);

-- What is asked for or counted.
INSERT INTO kind VALUES
    ('instrument', 'item', NULL, '大型科学仪器', 'large scientific instrument', 1, NULL),
    ('laboratory', 'item', NULL, '实验室', 'laboratory', 1, NULL),
    ('facility', 'item', NULL, '科研设施', 'research facility', 1, NULL),
    ('platform', 'item', NULL, '公共技术平台', 'public technology platform', 1, NULL),
    ('service', 'item', NULL, '科技服务', 'technical service', 1, NULL),
    ('desk', 'item', NULL, '众创空间工位', 'makerspace desks', 1, NULL),
    ('dataset', 'item', NULL, '科学数据', 'dataset', 1, NULL),
    ('literature', 'item', NULL, '科技文献', 'literature', 1, NULL),
    ('policy', 'item', NULL, '支持政策', 'policy', 1, NULL),
    ('practice', 'item', NULL, '可复制经验', 'practice for export', 1, NULL),
    ('listing', 'item', NULL, '可转移成果', 'technology on offer', 1, NULL),
    ('demand', 'item', NULL, '技术需求', 'demand', 1, NULL),
    ('programme', 'item', NULL, '资金与计划项目', 'funding programme', 1, NULL),
    ('round', 'item', NULL, '年度遴选批次', 'selection round', 1, NULL),
    ('event', 'item', NULL, '活动', 'event', 1, NULL),
    ('course', 'item', NULL, '培训课程', 'course', 1, NULL),
    ('post', 'item', NULL, '招聘岗位', 'post', 1, NULL),
    ('talent_time', 'item', NULL, '人才时间', 'working time of a person', 1, NULL),
    ('patent', 'item', NULL, '专利', 'patent', 1, NULL),
    ('project', 'item', NULL, '重大科技成果转化项目', 'transformation project', 1, NULL),
    ('standard', 'item', NULL, '标准', 'standard', 1, NULL),
    ('approval_item', 'item', NULL, '行政审批事项', 'administrative approval item', 1, NULL),
    ('register', 'item', NULL, '问题与任务清单', 'register of issues and tasks', 1, NULL),
    ('incubation', 'item', NULL, '异地孵化空间', 'off-site incubation space', 1, NULL),
    ('partnership', 'item', NULL, '合作共建关系', 'partnership', 1, NULL),
    ('cluster', 'item', NULL, '产业集群', 'industry cluster', 1, NULL),
    ('target', 'item', NULL, '发展目标', 'target', 1, NULL),
    ('milestone', 'item', NULL, '阶段目标', 'milestone', 1, NULL),
    ('evaluation', 'item', NULL, '考核评价', 'evaluation', 1, NULL),
    ('site', 'item', NULL, '园区片区与基地', 'site within a park', 1, NULL),
    ('unit', 'item', NULL, '计量单位', 'unit of account', 1, NULL),
    ('account', 'item', NULL, '账户', 'account', 1, NULL);

-- How it is asked for.
INSERT INTO kind VALUES
    ('booking', 'request', 'booking', '使用预约', 'booking', 1, NULL),
    ('lending', 'request', 'lend', '时段委托', 'lending of a time slot', 1, NULL),
    ('home_change', 'request', 'move_home', '管理方变更', 'change of home', 1, NULL),
    ('data_access', 'request', 'access', '数据使用申请', 'request for data', 1, NULL),
    ('literature_request', 'request', 'access', '文献传递申请', 'literature delivery request', 1, NULL),
    ('practice_request', 'request', 'access', '经验引进申请', 'request for a practice', 1, NULL),
    ('event_signup', 'request', 'signup', '活动报名', 'event sign-up', 1, NULL),
    ('course_signup', 'request', 'signup', '课程报名', 'course enrolment', 1, NULL),
    ('policy_adoption', 'request', 'adoption', '政策采纳', 'policy adoption', 1, NULL),
    ('practice_adoption', 'request', 'adoption', '经验采纳', 'adoption of a practice', 1, NULL),
    ('technology_offer', 'request', 'offer', '技术交易要约', 'offer for a technology', 1, NULL),
    ('demand_response', 'request', 'offer', '需求应答', 'response to a demand', 1, NULL),
    ('job_application', 'request', 'offer', '岗位应聘', 'job application', 1, NULL),
    ('patent_pledge', 'request', 'pledge', '专利权质押', 'patent pledge', 1, NULL),
    ('backing', 'request', 'pledge', '众筹认投', 'crowdfunding commitment', 1, NULL),
    ('grant_application', 'request', 'award', '项目申报', 'application for funding', 1, NULL),
    ('selection_entry', 'request', 'pick', '遴选申报', 'entry in a selection', 1, NULL),
    ('secondment', 'request', 'second', '人才派驻', 'secondment', 1, NULL),
    ('tolerance_case', 'request', 'tolerance', '容错申请', 'tolerance case', 1, NULL),
    ('issue', 'request', 'task', '问题与任务', 'issue', 1, NULL),
    ('evaluation_report', 'request', 'task', '考核自评', 'report for an evaluation', 1, NULL),
    ('placement', 'request', 'task', '异地孵化入驻', 'incubation placement', 1, NULL),
    ('partner_project', 'request', 'task', '合作项目', 'partner project', 1, NULL),
    ('approval_review', 'request', 'approval', '审批事项清理', 'approval review', 1, NULL);

-- Why something was refused, or why a state changed without an act.
INSERT INTO reason VALUES
    ('unknown_subject', NULL, '没有这项资源', 'there is no such item', '核对编号，或从目录中重新选择',
         'check the id, or choose it from the catalogue again', 1, NULL),
    ('wrong_kind', NULL, '这类申请不适用于该资源', 'this kind of request is not for this kind of item', '换一种申请，或另选资源',
         'choose another kind of request or another item', 1, NULL),
    ('ended', NULL, '该资源已停止共享', 'the item has ended', '改向后继资源申请', 'ask for its successor', 1, NULL),
    ('moved', NULL, '该资源已移交其他园区管理', 'the item has another home by then', '向新的管理园区申请', 'ask its new home', 1, NULL),
    ('bad_interval', NULL, '起止时间不正确', 'start and end are no interval', '填写世界协调时，结束须晚于开始',
         'give instants in UTC, the end after the start', 1, NULL),
    ('bad_weight', NULL, '数量须为正整数', 'the quantity is no positive whole number', '填写不小于 1 的整数',
         'give a whole number from 1', 1, NULL),
    ('bad_detail', NULL, '填报内容不符合要求', 'a field is missing or has the wrong form', '按字段说明补充或改正',
         'complete or correct the field that is named', 1, NULL),
    ('past', 'manager', '所选时间已过', 'the time is past', '选择将来的时间', 'choose a time to come', 1, NULL),
    ('closed', 'manager', '不在开放时间', 'outside opening hours', '选择开放时间内的时段', 'choose a time within opening hours',
         1, NULL),
    ('maintenance', 'manager', '该时段正在检修', 'maintenance at that time', '避开检修时段',
         'choose a time without maintenance', 1, NULL),
    ('holiday', 'manager', '该时段为节假日闭馆', 'closed for a holiday', '选择工作日', 'choose a working day', 1, NULL),
    ('too_short', 'manager', '时长短于最低要求', 'shorter than the least time', '延长使用时间', 'ask for a longer time', 1, NULL),
    ('too_long', 'manager', '时长超过上限', 'longer than the longest time', '缩短或分次申请',
         'ask for a shorter time, or several', 1, NULL),
    ('too_far_ahead', 'manager', '超出可预约期限', 'too far ahead', '选择期限内的日期', 'choose a date within the horizon', 1, NULL),
    ('too_late', 'manager', '已过可办理的时间', 'too late for that', '与管理方联系', 'speak to the home', 1, NULL),
    ('minimum_notice', 'manager', '距开始时间过近，来不及通知', 'too near to its start to be told in time', '选择更晚的时段',
         'choose a later time', 1, NULL),
    ('untrained', 'manager', '未取得操作培训证书', 'the training certificate is missing', '先参加培训并取得证书',
         'take the training first', 1, NULL),
    ('not_party', NULL, '申请方不是该事项的当事方', 'not a party of this', '由当事方办理', 'have a party do it', 1, NULL),
    ('not_reviewer', NULL, '不是指定的评审人', 'not a reviewer of this', '由指定评审人评分',
         'have a reviewer of the programme do it', 1, NULL),
    ('self_approval', 'officer', '不得审批本人或本单位的申请', 'nobody approves what is his own', '由其他人员审批',
         'have somebody else decide', 1, NULL),
    ('same_organisation', 'officer', '评审人与申报方属同一单位，须回避', 'the reviewer is of the applicant''s organisation',
         '更换评审人', 'take another reviewer', 1, NULL),
    ('not_open_to_class', 'manager', '该资源不对此类用户开放', 'not open to this class of user', '核对用户类别，或与管理方商定',
         'check the class, or agree with the home', 1, NULL),
    ('not_eligible', 'officer', '不符合申报条件', 'the conditions are not met', '对照条件核实材料',
         'compare with the conditions', 1, NULL),
    ('live_request', 'officer', '已有在办申请', 'a request of this party is alive already', '等待在办申请办结，或先撤回',
         'wait until it has ended, or withdraw it', 1, NULL),
    ('no_room', NULL, '名额、时段或额度不足', 'no room', '改选时段、减少数量或进入候补', 'choose another time, ask for less, or wait', 1,
         NULL),
    ('buffer', 'manager', '与前后预约间隔不足', 'too near to the booking before or after it', '前后留出间隔时间',
         'leave the time that the item needs in between', 1, NULL),
    ('over_budget', NULL, '超出预算余额', 'beyond what is left of the budget', '调减金额', 'ask for less', 1, NULL),
    ('not_covered', NULL, '账户余额不足', 'the account does not cover it', '先充值或减少金额',
         'bring money in, or ask for less', 1, NULL),
    ('no_rate', 'manager', '没有适用的收费标准', 'there is no rate for this class', '由管理方公布收费标准',
         'have the home publish a rate', 1, NULL),
    ('bad_hash', NULL, '引用的文件摘要与原文不符', 'the hash is not that of the document', '重新引用现行文本',
         'cite the document in force again', 1, NULL),
    ('missing_document', 'officer', '缺少应附的文件', 'a document is missing', '补交文件', 'hand the document in', 1, NULL),
    ('bad_identifier', NULL, '编号校验不通过', 'the check digit is wrong', '核对编号后重新填写', 'check the number', 1, NULL),
    ('not_this_state', NULL, '当前状态下不能办理', 'not possible in this state', '查看当前状态和可办理的事项',
         'look at the state and at what is possible in it', 1, NULL),
    ('stale', NULL, '所依据的状态已经变化', 'what was seen is not the state any more', '查看最新状态后再办理',
         'look at the newest state and do it again', 1, NULL),
    ('not_fork', NULL, '该事项没有分叉', 'there is no fork here', '无需处理', 'nothing is to be done', 1, NULL),
    ('fork', NULL, '日志分叉，保留另一分支', 'the log had forked; the other branch is kept', '以保留的分支为准',
         'see the branch that is kept', 1, NULL),
    ('unseen', 'manager', '对方园区尚未看到该通知', 'the other park has not seen it yet', '等待对方园区同步',
         'wait until its node has it', 1, NULL),
    ('not_arrived', NULL, '预约时间内未到场', 'nobody came in time', '可提出异议', 'it may be disputed', 1, NULL),
    ('silence', NULL, '逾期未答复', 'no answer in time', '如有异议请联系管理方', 'speak to the home', 1, NULL),
    ('not_started', NULL, '逾期未开始', 'not begun in time', '重新申请', 'ask again', 1, NULL),
    ('overdue', NULL, '逾期未办结', 'not done in time', '尽快办理或申请调整', 'do it, or ask for another term', 1, NULL),
    ('rescheduled', NULL, '因管理方原因调整', 'changed by the home', '查看新的安排', 'see the new time', 1, NULL),
    ('by_home', NULL, '管理方决定', 'decided by the home', '与管理方联系', 'speak to the home', 1, NULL),
    ('broken_down', NULL, '设备故障', 'out of order', '改选时段或其他设备', 'choose another time or another item', 1, NULL),
    ('unmetered', NULL, '未计量，按预约时长计费', 'not metered; the booked time counts', '如有异议请提出', 'it may be disputed', 1,
         NULL),
    ('waived', NULL, '费用减免', 'nothing is charged', '无需处理', 'nothing is to be done', 1, NULL),
    ('objection', NULL, '公示期内有异议', 'an objection was made', '等待处理结果', 'wait for the decision', 1, NULL),
    ('rank', NULL, '名次未进入名额', 'ranked below the number of places', '下年度可再申报', 'enter again next year', 1, NULL),
    ('superseded', NULL, '已有新版本', 'there is a newer version', '查看新版本', 'see the newer version', 1, NULL),
    ('accepted_terms', NULL, '已接受条件', 'the terms were accepted', '无需处理', 'nothing is to be done', 1, NULL),
    ('by_agreement', NULL, '双方协商一致', 'both have agreed', '无需处理', 'nothing is to be done', 1, NULL),
    ('term_over', NULL, '期限届满', 'the term is over', '需要时重新申请', 'ask again if need be', 1, NULL),
    ('not_performed', NULL, '未按约履行', 'not performed', '查看约定内容', 'see the terms', 1, NULL),
    ('restricted', 'operator', '涉密或受限内容不得共享', 'restricted matter is not shared', '不要在共享目录中填写',
         'keep it out of the shared catalogue', 1, NULL);

-- booking 使用预约 ---------------------------------------------------------------------------------------------------
INSERT INTO state VALUES
    ('booking', 'asked', 0, 0, 'arbiter', NULL, '已申请', 'asked', 1, NULL),
    ('booking', 'held', 1, 0, 'manager', 'hold', '待审批', 'held', 1, NULL),
    ('booking', 'waitlisted', 0, 0, 'arbiter', 'starts', '候补中', 'waitlisted', 1, NULL),
    ('booking', 'confirmed', 1, 0, 'clock', 'no_show', '已确认', 'confirmed', 1, NULL),
    ('booking', 'in_use', 1, 0, 'manager', 'finish', '使用中', 'in use', 1, NULL),
    ('booking', 'used', 0, 0, 'asker', 'confirm', '待用户确认', 'used', 1, NULL),
    ('booking', 'no_show', 0, 0, 'asker', 'confirm', '未到场', 'not shown up', 1, NULL),
    ('booking', 'late_cancelled', 0, 0, 'asker', 'confirm', '逾时取消', 'cancelled late', 1, NULL),
    ('booking', 'disputed', 0, 0, 'manager', NULL, '有异议', 'disputed', 1, NULL),
    ('booking', 'settled', 0, 1, NULL, NULL, '已结算', 'settled', 1, NULL),
    ('booking', 'refused', 0, 1, NULL, NULL, '未批准', 'refused', 1, NULL),
    ('booking', 'withdrawn', 0, 1, NULL, NULL, '已撤回', 'withdrawn', 1, NULL),
    ('booking', 'home_cancelled', 0, 1, NULL, NULL, '管理方取消', 'cancelled by the home', 1, NULL),
    ('booking', 'expired', 0, 1, NULL, NULL, '已过期', 'expired', 1, NULL),
    ('booking', 'void', 0, 1, NULL, NULL, '已作废', 'voided', 1, NULL);

INSERT INTO move VALUES
    ('booking', '', 'asked', 'ask', 'asker', 1, NULL),
    ('booking', 'asked', 'held', 'ask', 'arbiter', 1, NULL),
    ('booking', 'asked', 'confirmed', 'ask', 'arbiter', 1, NULL),
    ('booking', 'asked', 'waitlisted', 'ask', 'arbiter', 1, NULL),
    ('booking', 'asked', 'refused', 'ask', 'arbiter', 1, NULL),
    ('booking', 'asked', 'withdrawn', 'withdraw', 'asker', 1, NULL),
    ('booking', 'held', 'withdrawn', 'withdraw', 'asker', 1, NULL),
    ('booking', 'waitlisted', 'withdrawn', 'withdraw', 'asker', 1, NULL),
    ('booking', 'held', 'confirmed', 'decide', 'manager', 1, NULL),
    ('booking', 'held', 'refused', 'decide', 'manager', 1, NULL),
    ('booking', 'held', 'expired', 'clock', 'clock', 1, NULL),
    ('booking', 'held', 'held', 'amend', 'asker', 1, NULL),
    ('booking', 'held', 'home_cancelled', 'end', 'manager', 1, NULL),
    ('booking', 'waitlisted', 'confirmed', 'room', 'arbiter', 1, NULL),
    ('booking', 'waitlisted', 'held', 'room', 'arbiter', 1, NULL),
    ('booking', 'waitlisted', 'expired', 'clock', 'clock', 1, NULL),
    ('booking', 'waitlisted', 'confirmed', 'amend', 'asker', 1, NULL),
    ('booking', 'waitlisted', 'held', 'amend', 'asker', 1, NULL),
    ('booking', 'waitlisted', 'waitlisted', 'amend', 'asker', 1, NULL),
    ('booking', 'waitlisted', 'refused', 'decide', 'manager', 1, NULL),
    ('booking', 'waitlisted', 'home_cancelled', 'end', 'manager', 1, NULL),
    ('booking', 'confirmed', 'confirmed', 'amend', 'asker', 1, NULL),
    ('booking', 'confirmed', 'in_use', 'start', 'manager', 1, NULL),
    ('booking', 'confirmed', 'used', 'meter', 'manager', 1, NULL),
    ('booking', 'confirmed', 'no_show', 'clock', 'clock', 1, NULL),
    ('booking', 'confirmed', 'no_show', 'decide', 'manager', 1, NULL),
    ('booking', 'confirmed', 'withdrawn', 'withdraw', 'asker', 1, NULL),
    ('booking', 'confirmed', 'late_cancelled', 'withdraw', 'asker', 1, NULL),
    ('booking', 'confirmed', 'home_cancelled', 'end', 'manager', 1, NULL),
    ('booking', 'held', 'home_cancelled', 'clock', 'clock', 1, NULL),
    ('booking', 'waitlisted', 'home_cancelled', 'clock', 'clock', 1, NULL),
    ('booking', 'confirmed', 'home_cancelled', 'clock', 'clock', 1, NULL),
    ('booking', 'in_use', 'in_use', 'amend', 'asker', 1, NULL),
    ('booking', 'in_use', 'used', 'finish', 'manager', 1, NULL),
    ('booking', 'in_use', 'used', 'clock', 'clock', 1, NULL),
    ('booking', 'used', 'settled', 'confirm', 'asker', 1, NULL),
    ('booking', 'no_show', 'settled', 'confirm', 'asker', 1, NULL),
    ('booking', 'late_cancelled', 'settled', 'confirm', 'asker', 1, NULL),
    ('booking', 'used', 'settled', 'clock', 'clock', 1, NULL),
    ('booking', 'no_show', 'settled', 'clock', 'clock', 1, NULL),
    ('booking', 'late_cancelled', 'settled', 'clock', 'clock', 1, NULL),
    ('booking', 'used', 'settled', 'decide', 'manager', 1, NULL),
    ('booking', 'no_show', 'settled', 'decide', 'manager', 1, NULL),
    ('booking', 'late_cancelled', 'settled', 'decide', 'manager', 1, NULL),
    ('booking', 'used', 'disputed', 'dispute', 'asker', 1, NULL),
    ('booking', 'no_show', 'disputed', 'dispute', 'asker', 1, NULL),
    ('booking', 'late_cancelled', 'disputed', 'dispute', 'asker', 1, NULL),
    ('booking', 'used', 'used', 'meter', 'manager', 1, NULL),
    ('booking', 'no_show', 'used', 'meter', 'manager', 1, NULL),
    ('booking', 'disputed', 'settled', 'decide', 'manager', 1, NULL),
    ('booking', 'disputed', 'settled', 'agree', 'asker', 1, NULL),
    ('booking', 'disputed', 'used', 'meter', 'manager', 1, NULL);

-- lend 时段委托 ------------------------------------------------------------------------------------------------------
INSERT INTO state VALUES
    ('lend', 'asked', 0, 0, 'arbiter', NULL, '已申请', 'asked', 1, NULL),
    ('lend', 'held', 1, 0, 'manager', 'hold', '待审批', 'held', 1, NULL),
    ('lend', 'lent', 1, 0, 'holder', 'ends', '委托中', 'lent', 1, NULL),
    ('lend', 'recalled', 1, 0, 'holder', 'answer', '商请收回', 'recall asked', 1, NULL),
    ('lend', 'returned', 0, 1, NULL, NULL, '已归还', 'returned', 1, NULL),
    ('lend', 'home_cancelled', 0, 1, NULL, NULL, '协商收回', 'taken back by agreement', 1, NULL),
    ('lend', 'refused', 0, 1, NULL, NULL, '未批准', 'refused', 1, NULL),
    ('lend', 'withdrawn', 0, 1, NULL, NULL, '已撤回', 'withdrawn', 1, NULL),
    ('lend', 'expired', 0, 1, NULL, NULL, '已过期', 'expired', 1, NULL),
    ('lend', 'void', 0, 1, NULL, NULL, '已作废', 'voided', 1, NULL);

INSERT INTO move VALUES
    ('lend', '', 'asked', 'ask', 'asker', 1, NULL),
    ('lend', 'asked', 'held', 'ask', 'arbiter', 1, NULL),
    ('lend', 'asked', 'lent', 'ask', 'arbiter', 1, NULL),
    ('lend', 'asked', 'refused', 'ask', 'arbiter', 1, NULL),
    ('lend', 'asked', 'withdrawn', 'withdraw', 'asker', 1, NULL),
    ('lend', 'held', 'withdrawn', 'withdraw', 'asker', 1, NULL),
    ('lend', 'held', 'lent', 'decide', 'manager', 1, NULL),
    ('lend', 'held', 'refused', 'decide', 'manager', 1, NULL),
    ('lend', 'held', 'expired', 'clock', 'clock', 1, NULL),
    ('lend', 'held', 'held', 'amend', 'asker', 1, NULL),
    ('lend', 'lent', 'lent', 'amend', 'asker', 1, NULL),
    ('lend', 'lent', 'returned', 'finish', 'holder', 1, NULL),
    ('lend', 'lent', 'returned', 'clock', 'clock', 1, NULL),
    ('lend', 'lent', 'recalled', 'end', 'manager', 1, NULL),
    ('lend', 'recalled', 'home_cancelled', 'agree', 'holder', 1, NULL),
    ('lend', 'recalled', 'lent', 'dispute', 'holder', 1, NULL),
    ('lend', 'recalled', 'lent', 'clock', 'clock', 1, NULL),
    ('lend', 'recalled', 'returned', 'finish', 'holder', 1, NULL);

-- move_home 管理方变更 -----------------------------------------------------------------------------------------------
INSERT INTO state VALUES
    ('move_home', 'asked', 0, 0, 'manager', 'answer', '已申请', 'asked', 1, NULL),
    ('move_home', 'handed_over', 1, 1, NULL, NULL, '已移交', 'handed over', 1, NULL),
    ('move_home', 'refused', 0, 1, NULL, NULL, '未同意', 'refused', 1, NULL),
    ('move_home', 'withdrawn', 0, 1, NULL, NULL, '已撤回', 'withdrawn', 1, NULL),
    ('move_home', 'expired', 0, 1, NULL, NULL, '已过期', 'expired', 1, NULL),
    ('move_home', 'void', 0, 1, NULL, NULL, '已作废', 'voided', 1, NULL);

INSERT INTO move VALUES
    ('move_home', '', 'asked', 'ask', 'asker', 1, NULL),
    ('move_home', 'asked', 'refused', 'ask', 'arbiter', 1, NULL),
    ('move_home', 'asked', 'handed_over', 'decide', 'manager', 1, NULL),
    ('move_home', 'asked', 'refused', 'decide', 'manager', 1, NULL),
    ('move_home', 'asked', 'withdrawn', 'withdraw', 'asker', 1, NULL),
    ('move_home', 'asked', 'expired', 'clock', 'clock', 1, NULL);

-- access 资源获取 ----------------------------------------------------------------------------------------------------
INSERT INTO state VALUES
    ('access', 'asked', 0, 0, 'manager', 'answer', '已申请', 'asked', 1, NULL),
    ('access', 'conditional', 0, 0, 'asker', 'answer', '待接受条件', 'terms offered', 1, NULL),
    ('access', 'agreed', 1, 0, 'manager', NULL, '待交付', 'agreed', 1, NULL),
    ('access', 'delivered', 0, 1, NULL, NULL, '已交付', 'delivered', 1, NULL),
    ('access', 'refused', 0, 1, NULL, NULL, '未批准', 'refused', 1, NULL),
    ('access', 'withdrawn', 0, 1, NULL, NULL, '已撤回', 'withdrawn', 1, NULL),
    ('access', 'home_cancelled', 0, 1, NULL, NULL, '管理方取消', 'cancelled by the home', 1, NULL),
    ('access', 'expired', 0, 1, NULL, NULL, '已过期', 'expired', 1, NULL),
    ('access', 'void', 0, 1, NULL, NULL, '已作废', 'voided', 1, NULL);

INSERT INTO move VALUES
    ('access', '', 'asked', 'ask', 'asker', 1, NULL),
    ('access', 'asked', 'conditional', 'ask', 'arbiter', 1, NULL),
    ('access', 'asked', 'agreed', 'ask', 'arbiter', 1, NULL),
    ('access', 'asked', 'delivered', 'ask', 'arbiter', 1, NULL),
    ('access', 'asked', 'refused', 'ask', 'arbiter', 1, NULL),
    ('access', 'asked', 'conditional', 'decide', 'manager', 1, NULL),
    ('access', 'asked', 'agreed', 'decide', 'manager', 1, NULL),
    ('access', 'asked', 'refused', 'decide', 'manager', 1, NULL),
    ('access', 'asked', 'withdrawn', 'withdraw', 'asker', 1, NULL),
    ('access', 'conditional', 'withdrawn', 'withdraw', 'asker', 1, NULL),
    ('access', 'agreed', 'withdrawn', 'withdraw', 'asker', 1, NULL),
    ('access', 'asked', 'expired', 'clock', 'clock', 1, NULL),
    ('access', 'conditional', 'expired', 'clock', 'clock', 1, NULL),
    ('access', 'conditional', 'agreed', 'agree', 'asker', 1, NULL),
    ('access', 'conditional', 'refused', 'decide', 'manager', 1, NULL),
    ('access', 'agreed', 'delivered', 'finish', 'manager', 1, NULL),
    ('access', 'agreed', 'home_cancelled', 'end', 'manager', 1, NULL);

-- signup 报名 --------------------------------------------------------------------------------------------------------
INSERT INTO state VALUES
    ('signup', 'asked', 0, 0, 'manager', 'starts', '已报名', 'asked', 1, NULL),
    ('signup', 'waitlisted', 0, 0, 'arbiter', 'starts', '候补中', 'waitlisted', 1, NULL),
    ('signup', 'admitted', 1, 0, 'clock', 'attend', '已录取', 'admitted', 1, NULL),
    ('signup', 'attended', 1, 0, 'manager', 'certify', '已到场', 'attended', 1, NULL),
    ('signup', 'certified', 0, 1, NULL, NULL, '已发证', 'certified', 1, NULL),
    ('signup', 'completed', 0, 1, NULL, NULL, '已结束', 'completed', 1, NULL),
    ('signup', 'absent', 0, 1, NULL, NULL, '缺席', 'absent', 1, NULL),
    ('signup', 'refused', 0, 1, NULL, NULL, '未录取', 'refused', 1, NULL),
    ('signup', 'withdrawn', 0, 1, NULL, NULL, '已撤回', 'withdrawn', 1, NULL),
    ('signup', 'home_cancelled', 0, 1, NULL, NULL, '主办方取消', 'cancelled by the host', 1, NULL),
    ('signup', 'expired', 0, 1, NULL, NULL, '已过期', 'expired', 1, NULL),
    ('signup', 'void', 0, 1, NULL, NULL, '已作废', 'voided', 1, NULL);

INSERT INTO move VALUES
    ('signup', '', 'asked', 'ask', 'asker', 1, NULL),
    ('signup', 'asked', 'admitted', 'ask', 'arbiter', 1, NULL),
    ('signup', 'asked', 'waitlisted', 'ask', 'arbiter', 1, NULL),
    ('signup', 'asked', 'refused', 'ask', 'arbiter', 1, NULL),
    ('signup', 'asked', 'admitted', 'decide', 'manager', 1, NULL),
    ('signup', 'asked', 'waitlisted', 'decide', 'manager', 1, NULL),
    ('signup', 'asked', 'refused', 'decide', 'manager', 1, NULL),
    ('signup', 'asked', 'withdrawn', 'withdraw', 'asker', 1, NULL),
    ('signup', 'waitlisted', 'withdrawn', 'withdraw', 'asker', 1, NULL),
    ('signup', 'admitted', 'withdrawn', 'withdraw', 'asker', 1, NULL),
    ('signup', 'asked', 'expired', 'clock', 'clock', 1, NULL),
    ('signup', 'waitlisted', 'expired', 'clock', 'clock', 1, NULL),
    ('signup', 'asked', 'home_cancelled', 'end', 'manager', 1, NULL),
    ('signup', 'waitlisted', 'home_cancelled', 'end', 'manager', 1, NULL),
    ('signup', 'admitted', 'home_cancelled', 'end', 'manager', 1, NULL),
    ('signup', 'waitlisted', 'admitted', 'room', 'arbiter', 1, NULL),
    ('signup', 'waitlisted', 'refused', 'decide', 'manager', 1, NULL),
    ('signup', 'waitlisted', 'waitlisted', 'amend', 'asker', 1, NULL),
    ('signup', 'admitted', 'admitted', 'amend', 'asker', 1, NULL),
    ('signup', 'waitlisted', 'admitted', 'amend', 'asker', 1, NULL),
    ('signup', 'admitted', 'attended', 'start', 'manager', 1, NULL),
    ('signup', 'admitted', 'absent', 'decide', 'manager', 1, NULL),
    ('signup', 'admitted', 'absent', 'clock', 'clock', 1, NULL),
    ('signup', 'attended', 'certified', 'decide', 'manager', 1, NULL),
    ('signup', 'attended', 'absent', 'decide', 'manager', 1, NULL),
    ('signup', 'attended', 'completed', 'clock', 'clock', 1, NULL),
    ('signup', 'attended', 'completed', 'finish', 'manager', 1, NULL);

-- adoption 政策采纳 --------------------------------------------------------------------------------------------------
INSERT INTO state VALUES
    ('adoption', 'asked', 0, 0, 'manager', NULL, '研究中', 'under study', 1, NULL),
    ('adoption', 'adopted', 0, 0, 'manager', 'ends', '已采纳', 'adopted', 1, NULL),
    ('adoption', 'adapted', 0, 0, 'manager', 'ends', '修改后采纳', 'adapted', 1, NULL),
    ('adoption', 'declined', 0, 0, 'manager', NULL, '暂不采纳', 'declined', 1, NULL),
    ('adoption', 'superseded', 0, 1, NULL, NULL, '已被替代', 'superseded', 1, NULL),
    ('adoption', 'refused', 0, 1, NULL, NULL, '引用有误', 'refused', 1, NULL),
    ('adoption', 'withdrawn', 0, 1, NULL, NULL, '已撤回', 'withdrawn', 1, NULL),
    ('adoption', 'expired', 0, 1, NULL, NULL, '已到期', 'expired', 1, NULL),
    ('adoption', 'void', 0, 1, NULL, NULL, '已作废', 'voided', 1, NULL);

INSERT INTO move VALUES
    ('adoption', '', 'asked', 'ask', 'asker', 1, NULL),
    ('adoption', 'asked', 'refused', 'ask', 'arbiter', 1, NULL),
    ('adoption', 'asked', 'adopted', 'decide', 'manager', 1, NULL),
    ('adoption', 'asked', 'adapted', 'decide', 'manager', 1, NULL),
    ('adoption', 'asked', 'declined', 'decide', 'manager', 1, NULL),
    ('adoption', 'asked', 'withdrawn', 'withdraw', 'asker', 1, NULL),
    ('adoption', 'adopted', 'superseded', 'end', 'manager', 1, NULL),
    ('adoption', 'adapted', 'superseded', 'end', 'manager', 1, NULL),
    ('adoption', 'declined', 'superseded', 'end', 'manager', 1, NULL),
    ('adoption', 'adopted', 'expired', 'clock', 'clock', 1, NULL),
    ('adoption', 'adapted', 'expired', 'clock', 'clock', 1, NULL);

-- offer 要约与合同 ---------------------------------------------------------------------------------------------------
INSERT INTO state VALUES
    ('offer', 'asked', 0, 0, 'manager', 'answer', '已提出', 'offered', 1, NULL),
    ('offer', 'countered', 0, 0, 'asker', 'answer', '待回应新条件', 'countered', 1, NULL),
    ('offer', 'signed', 1, 0, 'manager', 'register', '已签约', 'signed', 1, NULL),
    ('offer', 'registered', 1, 0, 'manager', 'ends', '已登记', 'registered', 1, NULL),
    ('offer', 'delivered', 1, 0, 'asker', 'confirm', '待受方确认', 'delivered', 1, NULL),
    ('offer', 'disputed', 1, 0, 'manager', NULL, '有异议', 'disputed', 1, NULL),
    ('offer', 'performed', 1, 1, NULL, NULL, '已履行', 'performed', 1, NULL),
    ('offer', 'lapsed', 0, 1, NULL, NULL, '已失效', 'lapsed', 1, NULL),
    ('offer', 'refused', 0, 1, NULL, NULL, '未成交', 'refused', 1, NULL),
    ('offer', 'withdrawn', 0, 1, NULL, NULL, '已撤回', 'withdrawn', 1, NULL),
    ('offer', 'expired', 0, 1, NULL, NULL, '已过期', 'expired', 1, NULL),
    ('offer', 'void', 0, 1, NULL, NULL, '已作废', 'voided', 1, NULL);

INSERT INTO move VALUES
    ('offer', '', 'asked', 'ask', 'asker', 1, NULL),
    ('offer', 'asked', 'refused', 'ask', 'arbiter', 1, NULL),
    ('offer', 'asked', 'signed', 'decide', 'manager', 1, NULL),
    ('offer', 'asked', 'refused', 'decide', 'manager', 1, NULL),
    ('offer', 'asked', 'countered', 'counter', 'manager', 1, NULL),
    ('offer', 'asked', 'asked', 'amend', 'asker', 1, NULL),
    ('offer', 'asked', 'withdrawn', 'withdraw', 'asker', 1, NULL),
    ('offer', 'countered', 'withdrawn', 'withdraw', 'asker', 1, NULL),
    ('offer', 'asked', 'expired', 'clock', 'clock', 1, NULL),
    ('offer', 'countered', 'expired', 'clock', 'clock', 1, NULL),
    ('offer', 'countered', 'asked', 'counter', 'asker', 1, NULL),
    ('offer', 'countered', 'signed', 'agree', 'asker', 1, NULL),
    ('offer', 'countered', 'refused', 'decide', 'manager', 1, NULL),
    ('offer', 'signed', 'registered', 'decide', 'manager', 1, NULL),
    ('offer', 'signed', 'lapsed', 'clock', 'clock', 1, NULL),
    ('offer', 'registered', 'lapsed', 'clock', 'clock', 1, NULL),
    ('offer', 'signed', 'lapsed', 'end', 'manager', 1, NULL),
    ('offer', 'registered', 'lapsed', 'end', 'manager', 1, NULL),
    ('offer', 'registered', 'delivered', 'finish', 'manager', 1, NULL),
    ('offer', 'delivered', 'performed', 'confirm', 'asker', 1, NULL),
    ('offer', 'delivered', 'performed', 'clock', 'clock', 1, NULL),
    ('offer', 'delivered', 'performed', 'decide', 'manager', 1, NULL),
    ('offer', 'delivered', 'disputed', 'dispute', 'asker', 1, NULL),
    ('offer', 'disputed', 'performed', 'decide', 'manager', 1, NULL),
    ('offer', 'disputed', 'lapsed', 'decide', 'manager', 1, NULL),
    ('offer', 'disputed', 'performed', 'agree', 'asker', 1, NULL),
    ('offer', 'disputed', 'delivered', 'finish', 'manager', 1, NULL);

-- pledge 质押 --------------------------------------------------------------------------------------------------------
INSERT INTO state VALUES
    ('pledge', 'asked', 0, 0, 'manager', 'answer', '已申请', 'asked', 1, NULL),
    ('pledge', 'pledged', 1, 0, 'holder', NULL, '质押中', 'pledged', 1, NULL),
    ('pledge', 'enforcing', 1, 0, 'manager', NULL, '请求实现质权', 'enforcement asked', 1, NULL),
    ('pledge', 'released', 0, 1, NULL, NULL, '已解除', 'released', 1, NULL),
    ('pledge', 'realised', 0, 1, NULL, NULL, '质权已实现', 'realised', 1, NULL),
    ('pledge', 'refused', 0, 1, NULL, NULL, '未批准', 'refused', 1, NULL),
    ('pledge', 'withdrawn', 0, 1, NULL, NULL, '已撤回', 'withdrawn', 1, NULL),
    ('pledge', 'expired', 0, 1, NULL, NULL, '已过期', 'expired', 1, NULL),
    ('pledge', 'void', 0, 1, NULL, NULL, '已作废', 'voided', 1, NULL);

INSERT INTO move VALUES
    ('pledge', '', 'asked', 'ask', 'asker', 1, NULL),
    ('pledge', 'asked', 'pledged', 'ask', 'arbiter', 1, NULL),
    ('pledge', 'asked', 'refused', 'ask', 'arbiter', 1, NULL),
    ('pledge', 'asked', 'pledged', 'decide', 'manager', 1, NULL),
    ('pledge', 'asked', 'refused', 'decide', 'manager', 1, NULL),
    ('pledge', 'asked', 'withdrawn', 'withdraw', 'asker', 1, NULL),
    ('pledge', 'asked', 'expired', 'clock', 'clock', 1, NULL),
    ('pledge', 'pledged', 'pledged', 'amend', 'holder', 1, NULL),
    ('pledge', 'pledged', 'released', 'agree', 'holder', 1, NULL),
    ('pledge', 'enforcing', 'released', 'agree', 'holder', 1, NULL),
    ('pledge', 'pledged', 'enforcing', 'dispute', 'holder', 1, NULL),
    ('pledge', 'enforcing', 'realised', 'decide', 'manager', 1, NULL),
    ('pledge', 'enforcing', 'pledged', 'decide', 'manager', 1, NULL);

-- award 项目立项 -----------------------------------------------------------------------------------------------------
INSERT INTO state VALUES
    ('award', 'asked', 0, 0, 'arbiter', NULL, '已申报', 'applied', 1, NULL),
    ('award', 'formality', 0, 0, 'manager', NULL, '形式审查', 'formality check', 1, NULL),
    ('award', 'supplement', 0, 0, 'asker', 'answer', '待补正', 'to be supplemented', 1, NULL),
    ('award', 'review', 0, 0, 'reviewer', NULL, '专家评审', 'under review', 1, NULL),
    ('award', 'publicised', 1, 0, 'clock', 'publicity', '公示中', 'publicised', 1, NULL),
    ('award', 'objected', 1, 0, 'manager', NULL, '异议处理中', 'objected to', 1, NULL),
    ('award', 'awarded', 1, 0, 'asker', 'contract', '已立项', 'awarded', 1, NULL),
    ('award', 'contracted', 1, 0, 'holder', 'ends', '执行中', 'contracted', 1, NULL),
    ('award', 'acceptance', 1, 0, 'manager', NULL, '验收中', 'under acceptance', 1, NULL),
    ('award', 'accepted', 1, 1, NULL, NULL, '已验收', 'accepted', 1, NULL),
    ('award', 'terminated', 1, 1, NULL, NULL, '已终止', 'terminated', 1, NULL),
    ('award', 'tolerated', 1, 1, NULL, NULL, '容错结题', 'closed with tolerance', 1, NULL),
    ('award', 'refused', 0, 1, NULL, NULL, '未立项', 'refused', 1, NULL),
    ('award', 'withdrawn', 0, 1, NULL, NULL, '已撤回', 'withdrawn', 1, NULL),
    ('award', 'expired', 0, 1, NULL, NULL, '已过期', 'expired', 1, NULL),
    ('award', 'void', 0, 1, NULL, NULL, '已作废', 'voided', 1, NULL);

INSERT INTO move VALUES
    ('award', '', 'asked', 'ask', 'asker', 1, NULL),
    ('award', 'asked', 'formality', 'ask', 'arbiter', 1, NULL),
    ('award', 'asked', 'refused', 'ask', 'arbiter', 1, NULL),
    ('award', 'asked', 'withdrawn', 'withdraw', 'asker', 1, NULL),
    ('award', 'formality', 'withdrawn', 'withdraw', 'asker', 1, NULL),
    ('award', 'supplement', 'withdrawn', 'withdraw', 'asker', 1, NULL),
    ('award', 'review', 'withdrawn', 'withdraw', 'asker', 1, NULL),
    ('award', 'publicised', 'withdrawn', 'withdraw', 'asker', 1, NULL),
    ('award', 'objected', 'withdrawn', 'withdraw', 'asker', 1, NULL),
    ('award', 'awarded', 'withdrawn', 'withdraw', 'asker', 1, NULL),
    ('award', 'formality', 'review', 'decide', 'manager', 1, NULL),
    ('award', 'formality', 'supplement', 'decide', 'manager', 1, NULL),
    ('award', 'formality', 'refused', 'decide', 'manager', 1, NULL),
    ('award', 'supplement', 'formality', 'amend', 'asker', 1, NULL),
    ('award', 'supplement', 'expired', 'clock', 'clock', 1, NULL),
    ('award', 'supplement', 'refused', 'decide', 'manager', 1, NULL),
    ('award', 'review', 'review', 'score', 'reviewer', 1, NULL),
    ('award', 'review', 'publicised', 'decide', 'manager', 1, NULL),
    ('award', 'review', 'refused', 'decide', 'manager', 1, NULL),
    ('award', 'publicised', 'awarded', 'clock', 'clock', 1, NULL),
    ('award', 'publicised', 'objected', 'dispute', 'party', 1, NULL),
    ('award', 'publicised', 'refused', 'decide', 'manager', 1, NULL),
    ('award', 'objected', 'publicised', 'decide', 'manager', 1, NULL),
    ('award', 'objected', 'refused', 'decide', 'manager', 1, NULL),
    ('award', 'objected', 'review', 'decide', 'manager', 1, NULL),
    ('award', 'awarded', 'contracted', 'agree', 'asker', 1, NULL),
    ('award', 'awarded', 'expired', 'clock', 'clock', 1, NULL),
    ('award', 'awarded', 'refused', 'decide', 'manager', 1, NULL),
    ('award', 'contracted', 'contracted', 'decide', 'manager', 1, NULL),
    ('award', 'contracted', 'terminated', 'decide', 'manager', 1, NULL),
    ('award', 'contracted', 'acceptance', 'finish', 'holder', 1, NULL),
    ('award', 'contracted', 'acceptance', 'clock', 'clock', 1, NULL),
    ('award', 'acceptance', 'accepted', 'decide', 'manager', 1, NULL),
    ('award', 'acceptance', 'contracted', 'decide', 'manager', 1, NULL),
    ('award', 'acceptance', 'terminated', 'decide', 'manager', 1, NULL),
    ('award', 'acceptance', 'tolerated', 'decide', 'manager', 1, NULL);

-- pick 年度遴选 ------------------------------------------------------------------------------------------------------
INSERT INTO state VALUES
    ('pick', 'asked', 0, 0, 'clock', 'round', '已申报', 'entered', 1, NULL),
    ('pick', 'scored', 0, 0, 'manager', NULL, '已评分', 'scored', 1, NULL),
    ('pick', 'listed', 0, 0, 'clock', 'publicity', '公示中', 'listed', 1, NULL),
    ('pick', 'disputed', 0, 0, 'manager', NULL, '异议处理中', 'disputed', 1, NULL),
    ('pick', 'selected', 1, 1, NULL, NULL, '已入选', 'selected', 1, NULL),
    ('pick', 'not_selected', 0, 1, NULL, NULL, '未入选', 'not selected', 1, NULL),
    ('pick', 'refused', 0, 1, NULL, NULL, '不符合条件', 'refused', 1, NULL),
    ('pick', 'withdrawn', 0, 1, NULL, NULL, '已撤回', 'withdrawn', 1, NULL),
    ('pick', 'void', 0, 1, NULL, NULL, '已作废', 'voided', 1, NULL);

INSERT INTO move VALUES
    ('pick', '', 'asked', 'ask', 'asker', 1, NULL),
    ('pick', 'asked', 'refused', 'ask', 'arbiter', 1, NULL),
    ('pick', 'asked', 'scored', 'clock', 'clock', 1, NULL),
    ('pick', 'asked', 'asked', 'amend', 'asker', 1, NULL),
    ('pick', 'asked', 'withdrawn', 'withdraw', 'asker', 1, NULL),
    ('pick', 'scored', 'withdrawn', 'withdraw', 'asker', 1, NULL),
    ('pick', 'listed', 'withdrawn', 'withdraw', 'asker', 1, NULL),
    ('pick', 'disputed', 'withdrawn', 'withdraw', 'asker', 1, NULL),
    ('pick', 'scored', 'scored', 'score', 'reviewer', 1, NULL),
    ('pick', 'scored', 'listed', 'decide', 'manager', 1, NULL),
    ('pick', 'listed', 'selected', 'clock', 'clock', 1, NULL),
    ('pick', 'listed', 'not_selected', 'clock', 'clock', 1, NULL),
    ('pick', 'listed', 'disputed', 'dispute', 'party', 1, NULL),
    ('pick', 'disputed', 'listed', 'decide', 'manager', 1, NULL),
    ('pick', 'disputed', 'scored', 'decide', 'manager', 1, NULL);

-- second 人才双向流动 ------------------------------------------------------------------------------------------------
INSERT INTO state VALUES
    ('second', 'asked', 0, 0, 'party', 'answer', '待各方同意', 'asked', 1, NULL),
    ('second', 'consented', 1, 0, 'clock', 'starts', '各方已同意', 'consented', 1, NULL),
    ('second', 'active', 1, 0, 'clock', 'ends', '派驻中', 'active', 1, NULL),
    ('second', 'extending', 1, 0, 'party', 'answer', '申请延期', 'extension asked', 1, NULL),
    ('second', 'extended', 1, 0, 'clock', 'ends', '已延期', 'extended', 1, NULL),
    ('second', 'returned', 0, 1, NULL, NULL, '已返回', 'returned', 1, NULL),
    ('second', 'refused', 0, 1, NULL, NULL, '未同意', 'refused', 1, NULL),
    ('second', 'withdrawn', 0, 1, NULL, NULL, '已撤回', 'withdrawn', 1, NULL),
    ('second', 'expired', 0, 1, NULL, NULL, '已过期', 'expired', 1, NULL),
    ('second', 'void', 0, 1, NULL, NULL, '已作废', 'voided', 1, NULL);

INSERT INTO move VALUES
    ('second', '', 'asked', 'ask', 'asker', 1, NULL),
    ('second', 'asked', 'refused', 'ask', 'arbiter', 1, NULL),
    ('second', 'asked', 'asked', 'consent', 'party', 1, NULL),
    ('second', 'asked', 'consented', 'consent', 'party', 1, NULL),
    ('second', 'asked', 'refused', 'dispute', 'party', 1, NULL),
    ('second', 'asked', 'withdrawn', 'withdraw', 'asker', 1, NULL),
    ('second', 'consented', 'withdrawn', 'withdraw', 'asker', 1, NULL),
    ('second', 'asked', 'expired', 'clock', 'clock', 1, NULL),
    ('second', 'asked', 'refused', 'decide', 'manager', 1, NULL),
    ('second', 'consented', 'active', 'clock', 'clock', 1, NULL),
    ('second', 'active', 'extending', 'amend', 'asker', 1, NULL),
    ('second', 'extended', 'extending', 'amend', 'asker', 1, NULL),
    ('second', 'extending', 'extending', 'consent', 'party', 1, NULL),
    ('second', 'extending', 'extended', 'consent', 'party', 1, NULL),
    ('second', 'extending', 'active', 'dispute', 'party', 1, NULL),
    ('second', 'extending', 'active', 'clock', 'clock', 1, NULL),
    ('second', 'extending', 'active', 'decide', 'manager', 1, NULL),
    ('second', 'active', 'returned', 'clock', 'clock', 1, NULL),
    ('second', 'extended', 'returned', 'clock', 'clock', 1, NULL),
    ('second', 'active', 'returned', 'finish', 'party', 1, NULL),
    ('second', 'extended', 'returned', 'finish', 'party', 1, NULL),
    ('second', 'active', 'returned', 'end', 'manager', 1, NULL),
    ('second', 'extended', 'returned', 'end', 'manager', 1, NULL);

-- tolerance 容错认定 -------------------------------------------------------------------------------------------------
INSERT INTO state VALUES
    ('tolerance', 'filed', 0, 0, 'manager', NULL, '已提出', 'filed', 1, NULL),
    ('tolerance', 'diligence', 0, 0, 'reviewer', NULL, '尽职调查', 'diligence examined', 1, NULL),
    ('tolerance', 'rectify', 0, 0, 'asker', 'rectify', '限期整改', 'to be rectified', 1, NULL),
    ('tolerance', 'exempt', 0, 1, NULL, NULL, '予以免责', 'exempt', 1, NULL),
    ('tolerance', 'not_exempt', 0, 1, NULL, NULL, '不予免责', 'not exempt', 1, NULL),
    ('tolerance', 'refused', 0, 1, NULL, NULL, '不予受理', 'refused', 1, NULL),
    ('tolerance', 'withdrawn', 0, 1, NULL, NULL, '已撤回', 'withdrawn', 1, NULL),
    ('tolerance', 'void', 0, 1, NULL, NULL, '已作废', 'voided', 1, NULL);

INSERT INTO move VALUES
    ('tolerance', '', 'filed', 'ask', 'asker', 1, NULL),
    ('tolerance', 'filed', 'refused', 'ask', 'arbiter', 1, NULL),
    ('tolerance', 'filed', 'diligence', 'decide', 'manager', 1, NULL),
    ('tolerance', 'filed', 'refused', 'decide', 'manager', 1, NULL),
    ('tolerance', 'filed', 'withdrawn', 'withdraw', 'asker', 1, NULL),
    ('tolerance', 'diligence', 'diligence', 'score', 'reviewer', 1, NULL),
    ('tolerance', 'diligence', 'exempt', 'decide', 'manager', 1, NULL),
    ('tolerance', 'diligence', 'rectify', 'decide', 'manager', 1, NULL),
    ('tolerance', 'diligence', 'not_exempt', 'decide', 'manager', 1, NULL),
    ('tolerance', 'rectify', 'diligence', 'finish', 'asker', 1, NULL),
    ('tolerance', 'rectify', 'not_exempt', 'clock', 'clock', 1, NULL),
    ('tolerance', 'rectify', 'not_exempt', 'decide', 'manager', 1, NULL);

-- task 事项办理 ------------------------------------------------------------------------------------------------------
INSERT INTO state VALUES
    ('task', 'asked', 0, 0, 'manager', NULL, '已提出', 'asked', 1, NULL),
    ('task', 'assigned', 1, 0, 'party', 'ends', '办理中', 'assigned', 1, NULL),
    ('task', 'overdue', 1, 0, 'party', NULL, '已逾期', 'overdue', 1, NULL),
    ('task', 'done', 1, 0, 'asker', 'confirm', '待确认', 'done', 1, NULL),
    ('task', 'solved', 0, 1, NULL, NULL, '已办结', 'solved', 1, NULL),
    ('task', 'dropped', 0, 1, NULL, NULL, '不再办理', 'dropped', 1, NULL),
    ('task', 'refused', 0, 1, NULL, NULL, '不予受理', 'refused', 1, NULL),
    ('task', 'withdrawn', 0, 1, NULL, NULL, '已撤回', 'withdrawn', 1, NULL),
    ('task', 'void', 0, 1, NULL, NULL, '已作废', 'voided', 1, NULL);

INSERT INTO move VALUES
    ('task', '', 'asked', 'ask', 'asker', 1, NULL),
    ('task', 'asked', 'assigned', 'ask', 'arbiter', 1, NULL),
    ('task', 'asked', 'refused', 'ask', 'arbiter', 1, NULL),
    ('task', 'asked', 'assigned', 'decide', 'manager', 1, NULL),
    ('task', 'asked', 'dropped', 'decide', 'manager', 1, NULL),
    ('task', 'asked', 'withdrawn', 'withdraw', 'asker', 1, NULL),
    ('task', 'assigned', 'withdrawn', 'withdraw', 'asker', 1, NULL),
    ('task', 'overdue', 'withdrawn', 'withdraw', 'asker', 1, NULL),
    ('task', 'asked', 'asked', 'amend', 'asker', 1, NULL),
    ('task', 'assigned', 'assigned', 'amend', 'asker', 1, NULL),
    ('task', 'assigned', 'assigned', 'decide', 'manager', 1, NULL),
    ('task', 'assigned', 'dropped', 'decide', 'manager', 1, NULL),
    ('task', 'overdue', 'assigned', 'decide', 'manager', 1, NULL),
    ('task', 'overdue', 'dropped', 'decide', 'manager', 1, NULL),
    ('task', 'assigned', 'done', 'finish', 'party', 1, NULL),
    ('task', 'overdue', 'done', 'finish', 'party', 1, NULL),
    ('task', 'assigned', 'overdue', 'clock', 'clock', 1, NULL),
    ('task', 'done', 'solved', 'confirm', 'asker', 1, NULL),
    ('task', 'done', 'solved', 'clock', 'clock', 1, NULL),
    ('task', 'done', 'solved', 'decide', 'manager', 1, NULL),
    ('task', 'done', 'assigned', 'dispute', 'asker', 1, NULL);

-- approval 审批事项清理 ----------------------------------------------------------------------------------------------
INSERT INTO state VALUES
    ('approval', 'listed', 0, 0, 'manager', NULL, '待清理', 'listed', 1, NULL),
    ('approval', 'kept', 0, 1, NULL, NULL, '保留', 'kept', 1, NULL),
    ('approval', 'merged', 0, 1, NULL, NULL, '合并', 'merged', 1, NULL),
    ('approval', 'delegated', 0, 1, NULL, NULL, '下放', 'delegated', 1, NULL),
    ('approval', 'cancelled', 0, 1, NULL, NULL, '取消', 'cancelled', 1, NULL),
    ('approval', 'refused', 0, 1, NULL, NULL, '不予受理', 'refused', 1, NULL),
    ('approval', 'withdrawn', 0, 1, NULL, NULL, '已撤回', 'withdrawn', 1, NULL),
    ('approval', 'void', 0, 1, NULL, NULL, '已作废', 'voided', 1, NULL);

INSERT INTO move VALUES
    ('approval', '', 'listed', 'ask', 'asker', 1, NULL),
    ('approval', 'listed', 'refused', 'ask', 'arbiter', 1, NULL),
    ('approval', 'listed', 'kept', 'decide', 'manager', 1, NULL),
    ('approval', 'listed', 'merged', 'decide', 'manager', 1, NULL),
    ('approval', 'listed', 'delegated', 'decide', 'manager', 1, NULL),
    ('approval', 'listed', 'cancelled', 'decide', 'manager', 1, NULL),
    ('approval', 'listed', 'withdrawn', 'withdraw', 'asker', 1, NULL);

-- What all machines have ------------------------------------------------------------------------------------------------

-- Two branches of a request's steps, after a fork of the home's log: a person ends one, whatever state it is in.
INSERT INTO move SELECT machine, state, 'void', 'fork', 'manager', 1, NULL FROM state WHERE state <> 'void';
-- A note changes nothing, and is taken in every state.
INSERT INTO move SELECT machine, state, state, 'note', 'anyone', 1, NULL FROM state;
-- Every act is answered by one step, and so a refusal is declared for each act of a machine in each of its states.
INSERT INTO move
SELECT s.machine, s.state, s.state, a.act, 'anyone', 1, NULL
FROM state AS s
JOIN (SELECT DISTINCT machine, act FROM move WHERE act NOT IN ('ask', 'room', 'clock')) AS a ON a.machine = s.machine
WHERE NOT EXISTS (SELECT 1 FROM move AS m WHERE m.machine = s.machine AND m.from_state = s.state AND m.to_state = s.state
    AND m.act = a.act);
