-- parksync: schema 6
--
-- The catalogue of the parks, part 6: indicators, derived from records and never shared as truth. Over which entries of which
-- park they were computed is for the node to say that computes them.
--
-- Of records that are linked by same_as only the one that they point to is counted.

-- Figures in their last version.
CREATE VIEW figure_valid AS
SELECT subject_id, code, year, max(version) AS version, value FROM figure GROUP BY code, year, subject_id;

CREATE VIEW organisation_counted AS
SELECT o.id, substr(o.id, 1, instr(o.id, ':') - 1) AS park, o.kind
FROM organisation AS o
WHERE o.state = 'active' AND NOT EXISTS (SELECT 1 FROM link AS l WHERE l.subject_id = o.id AND l.relation = 'same_as');

CREATE VIEW item_counted AS
SELECT i.id, substr(i.id, 1, instr(i.id, ':') - 1) AS park, i.kind,
    CASE WHEN json_valid(i.detail) THEN i.detail ELSE '{}' END AS detail
FROM item AS i
WHERE i.state = 'active' AND NOT EXISTS (SELECT 1 FROM link AS l WHERE l.subject_id = i.id AND l.relation = 'same_as');

-- 产业集群产值: of a cluster in a year, over all parks. An organisation belongs to the clusters that it is linked to.
CREATE VIEW cluster_output AS
SELECT l.object_id AS cluster, f.year, sum(f.value / 1000000000) * 1000000000 + sum(f.value % 1000000000) AS fen
FROM link AS l
JOIN organisation_counted AS o ON o.id = l.subject_id
JOIN figure_valid AS f ON f.subject_id = l.subject_id AND f.code = 'output'
WHERE l.relation = 'cluster'
GROUP BY l.object_id, f.year;

-- 指标（分园区）: year is 0 where a record either is there or is not. Money is fen.
CREATE VIEW indicator_park AS
SELECT 'output' AS indicator, f.year, substr(f.subject_id, 1, instr(f.subject_id, ':') - 1) AS park,
    sum(f.value / 1000000000) * 1000000000 + sum(f.value % 1000000000) AS value
FROM figure_valid AS f
WHERE f.code = 'output' AND f.subject_id GLOB '*:organisation:*'
    AND NOT EXISTS (SELECT 1 FROM link AS l WHERE l.subject_id = f.subject_id AND l.relation = 'same_as')
GROUP BY f.year, 3
UNION ALL
SELECT 'enterprises', 0, park, count(*) FROM organisation_counted WHERE kind = 'enterprise' GROUP BY park
UNION ALL
SELECT 'talents', 0, substr(p.id, 1, instr(p.id, ':') - 1), count(*)
FROM person AS p
WHERE p.talent_class IS NOT NULL AND p.state = 'active'
    AND NOT EXISTS (SELECT 1 FROM link AS l WHERE l.subject_id = p.id AND l.relation = 'same_as')
GROUP BY 3
UNION ALL
SELECT 'patents_granted', 0, park, count(*) FROM item_counted
WHERE kind = 'patent' AND json_extract(detail, '$.patent_type') = 'invention'
    AND json_extract(detail, '$.granted_on') IS NOT NULL
GROUP BY park
UNION ALL
SELECT 'projects', 0, park, count(*) FROM item_counted
WHERE kind = 'project' AND json_extract(detail, '$.major') AND json_extract(detail, '$.stage') IN ('running', 'completed')
GROUP BY park
UNION ALL
SELECT 'standards', 0, park, count(*) FROM item_counted
WHERE kind = 'standard' AND json_extract(detail, '$.published_on') IS NOT NULL
GROUP BY park;

-- 万人发明专利拥有量: granted inventions that have not ended, over the population of the last year that has one.
CREATE VIEW patents_held AS
SELECT substr(p.id, 1, instr(p.id, ':') - 1) AS park,
    ifnull((SELECT i.value FROM indicator_park AS i WHERE i.indicator = 'patents_granted'
        AND i.park = substr(p.id, 1, instr(p.id, ':') - 1)), 0) AS patents,
    (SELECT f.value FROM figure AS f WHERE f.subject_id = p.id AND f.code = 'population'
        ORDER BY f.year DESC, f.version DESC LIMIT 1) AS population
FROM park AS p;

-- 指标（示范区）.
CREATE VIEW indicator_zone AS
SELECT indicator, year, sum(value / 1000000000) * 1000000000 + sum(value % 1000000000) AS value
FROM indicator_park GROUP BY indicator, year
UNION ALL
SELECT 'patents_held', 0, sum(patents) * 10000 / nullif(sum(min(population, 1000000000000)), 0) FROM patents_held
UNION ALL
SELECT 'large_clusters', year, count(*) FROM cluster_output WHERE fen >= 10000000000000 GROUP BY year;

-- 目标完成情况: each target beside what there is; output and clusters in the year of the target.
CREATE VIEW target_progress AS
SELECT c.id AS target_id, t.name_zh, t.name_en, json_extract(c.detail, '$.indicator') AS indicator,
    json_extract(c.detail, '$.year') AS year, json_extract(c.detail, '$.least') AS least,
    json_extract(c.detail, '$.most') AS most, ifnull(z.value, 0) AS value,
    ifnull(z.value, 0) >= json_extract(c.detail, '$.least') AS is_reached
FROM item_counted AS c
JOIN item AS t ON t.id = c.id
LEFT JOIN indicator_zone AS z ON z.indicator = json_extract(c.detail, '$.indicator')
    AND z.year IN (0, json_extract(c.detail, '$.year'))
WHERE c.kind = 'target';

-- No clock has gone on for longer than that, and no record of another park makes a sum more than a number.
CREATE VIEW usage_bounded AS
SELECT item_id, started_at, max(-10000000000, min(minutes, 10000000000)) AS minutes, is_external = 1 AS is_external,
    max(-10000000000, min(preparation_minutes, 10000000000)) AS preparation_minutes,
    max(-10000000000, min(after_minutes, 10000000000)) AS after_minutes,
    max(-10000000000, min(samples, 10000000000)) AS samples
FROM usage;

-- 使用统计（按年、按月）: minutes of use, reversals taken off. Years and months are those of Asia/Shanghai, which is eight
-- hours ahead of UTC all the year.
CREATE VIEW usage_year AS
SELECT item_id, CAST(strftime('%Y', started_at, '+8 hours') AS INTEGER) AS year, sum(minutes) AS minutes,
    sum(minutes * is_external) AS external_minutes
FROM usage_bounded GROUP BY item_id, 2;

CREATE VIEW usage_month AS
SELECT item_id, strftime('%Y-%m', started_at, '+8 hours') AS month, count(*) AS records, sum(minutes) AS minutes,
    sum(minutes * is_external) AS external_minutes,
    sum(preparation_minutes + minutes + after_minutes) AS occupied_minutes, sum(samples) AS samples
FROM usage_bounded GROUP BY item_id, 2;

-- 开放共享（分设备）: minutes of external users among the rated hours of a year; basis points.
CREATE VIEW sharing AS
SELECT i.id AS item_id, substr(i.id, 1, instr(i.id, ':') - 1) AS park, i.kind, u.year, u.minutes, u.external_minutes,
    60 * min(json_extract(i.detail, '$.effective_hours'), 1000000) AS effective_minutes,
    u.external_minutes * 10000 / nullif(60 * min(json_extract(i.detail, '$.effective_hours'), 1000000), 0) AS share_rate
FROM item AS i JOIN usage_year AS u ON u.item_id = i.id
WHERE json_valid(i.detail);

-- 开放共享（分园区、示范区）: items with rated hours alone count for the rate.
CREATE VIEW sharing_park AS
SELECT park, year, count(*) AS items, sum(minutes) AS minutes, sum(external_minutes) AS external_minutes,
    sum(effective_minutes) AS effective_minutes,
    sum(external_minutes) FILTER (WHERE effective_minutes > 0) * 10000 / nullif(sum(effective_minutes), 0) AS share_rate
FROM sharing GROUP BY park, year;

CREATE VIEW sharing_zone AS
SELECT year, count(*) AS items, sum(minutes) AS minutes, sum(external_minutes) AS external_minutes,
    sum(effective_minutes) AS effective_minutes,
    sum(external_minutes) FILTER (WHERE effective_minutes > 0) * 10000 / nullif(sum(effective_minutes), 0) AS share_rate
FROM sharing GROUP BY year;

-- 闲置仪器: instruments without use since the day until which somebody asks: SELECT … WHERE last_used_at < '2025-01-01'.
CREATE VIEW idle_instrument AS
SELECT i.id, substr(i.id, 1, instr(i.id, ':') - 1) AS park, i.name_zh, i.name_en,
    ifnull((SELECT max(u.started_at) FROM usage AS u WHERE u.item_id = i.id), '') AS last_used_at
FROM item AS i WHERE i.kind = 'instrument' AND i.state = 'active';

-- 未及时入网仪器: registered for sharing more than 30 days after it was put into use, or not at all.
CREATE VIEW late_instrument AS
SELECT i.id, i.park, json_extract(i.detail, '$.commissioned_on') AS commissioned_on,
    json_extract(i.detail, '$.registered_on') AS registered_on
FROM item_counted AS i
WHERE i.kind = 'instrument' AND json_extract(i.detail, '$.commissioned_on') IS NOT NULL
    AND ifnull(json_extract(i.detail, '$.registered_on'), '9999-12-31')
        > date(json_extract(i.detail, '$.commissioned_on'), '+30 days');

-- 人才分类: talents by class.
CREATE VIEW talent_class_park AS
SELECT substr(p.id, 1, instr(p.id, ':') - 1) AS park, p.talent_class, c.zh AS class_zh, c.en AS class_en, count(*) AS talents
FROM person AS p
JOIN code AS c ON c.list = 'talent_class' AND c.code = p.talent_class
WHERE p.talent_class IS NOT NULL AND p.state = 'active'
    AND NOT EXISTS (SELECT 1 FROM link AS l WHERE l.subject_id = p.id AND l.relation = 'same_as')
GROUP BY 1, 2;

-- 对标: figures of parks elsewhere beside those of the zone; output in the same year.
CREATE VIEW benchmark AS
SELECT f.subject_id, o.name_zh, o.name_en, f.code, f.year, f.value, ifnull(z.value, 0) AS zone_value
FROM figure_valid AS f
LEFT JOIN organisation AS o ON o.id = f.subject_id
LEFT JOIN indicator_zone AS z
    ON (f.code = 'benchmark_output' AND z.indicator = 'output' AND z.year = f.year)
    OR (f.code = 'benchmark_patents' AND z.indicator = 'patents_granted')
WHERE f.code IN ('benchmark_output', 'benchmark_patents');

-- 知识产权密集度: granted inventions of an enterprise over its staff of the last year that has a figure, for a thousand
-- people. Intensive is who has more of them than the enterprises with figures have together.
CREATE VIEW ip_intensity AS
WITH firm AS (
    SELECT o.id, o.park,
        (SELECT count(*) FROM item AS i WHERE i.owner_id = o.id AND i.kind = 'patent' AND i.state = 'active'
            AND json_valid(i.detail) AND json_extract(i.detail, '$.patent_type') = 'invention'
            AND json_extract(i.detail, '$.granted_on') IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM link AS l WHERE l.subject_id = i.id AND l.relation = 'same_as')) AS patents,
        (SELECT f.value FROM figure AS f WHERE f.subject_id = o.id AND f.code = 'staff'
            ORDER BY f.year DESC, f.version DESC LIMIT 1) AS staff
    FROM organisation_counted AS o WHERE o.kind = 'enterprise'
),
zone AS (SELECT sum(patents) AS patents, sum(min(staff, 1000000000)) AS staff FROM firm WHERE staff > 0)
SELECT firm.id AS organisation_id, firm.park, firm.patents, firm.staff, firm.patents * 1000 / firm.staff AS per_1000,
    firm.patents * zone.staff > zone.patents * firm.staff AS is_intensive
FROM firm, zone WHERE firm.staff > 0;
