BEGIN TRANSACTION;
CREATE TABLE audit (
	id INTEGER NOT NULL, 
	at VARCHAR NOT NULL, 
	action VARCHAR NOT NULL, 
	detail TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "audit" VALUES(1,'2026-11-27T21:25:30+00:00','导入','示例.txt（one）');
INSERT INTO "audit" VALUES(2,'2026-11-27T21:25:30+00:00','导入','另一份.txt（two）');
INSERT INTO "audit" VALUES(3,'2026-11-27T21:25:30+00:00','更正','aaaa0001-02 drop');
CREATE TABLE conversations (
	id VARCHAR NOT NULL, 
	title VARCHAR NOT NULL, 
	updated VARCHAR NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "conversations" VALUES('217cdb368d30','党费少缴怎么改','2026-11-27T21:25:30+00:00');
CREATE TABLE corrections (
	id INTEGER NOT NULL, 
	notice_id VARCHAR NOT NULL, 
	body TEXT NOT NULL, 
	made VARCHAR NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "corrections" VALUES(1,'aaaa0001','{"case_id":"aaaa0001-02","action":"drop","anchor":"固定资产账实不符","value":"","position":0}','2026-11-27T21:25:30+00:00');
CREATE TABLE draft_versions (
	draft_id VARCHAR NOT NULL, 
	version INTEGER NOT NULL, 
	saved VARCHAR NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY (draft_id, version), 
	FOREIGN KEY(draft_id) REFERENCES drafts (id) ON DELETE CASCADE
);
INSERT INTO "draft_versions" VALUES('20261127-00000-78e7e4',1,'2026-11-27T21:25:30+00:00','{"id":"20261127-00000-78e7e4","problem":"食堂采购未比价","state":"待拟","draft":null,"profile":{"name":"","unit_type":"","deadline":"","feedback_date":"","leaders":[],"facts":""},"updated":"2026-11-27T21:25:30+00:00","version":1,"number":"","group":"","ledger":null,"category":[]}');
INSERT INTO "draft_versions" VALUES('20261127-00000-78e7e4',2,'2026-11-27T21:25:30+00:00','{"id":"20261127-00000-78e7e4","problem":"食堂采购未比价","state":"在拟","draft":null,"profile":{"name":"","unit_type":"","deadline":"","feedback_date":"","leaders":[],"facts":""},"updated":"2026-11-27T21:25:30+00:00","version":2,"number":"","group":"","ledger":null,"category":[]}');
CREATE TABLE drafts (
	id VARCHAR NOT NULL, 
	version INTEGER NOT NULL, 
	updated VARCHAR NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "drafts" VALUES('20261127-00000-78e7e4',2,'2026-11-27T21:25:30+00:00');
CREATE TABLE meta (
	"key" VARCHAR NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "meta" VALUES('schema','1');
INSERT INTO "meta" VALUES('revision','3');
INSERT INTO "meta" VALUES('value:profile','{"name":"清溪镇党委","unit_type":"","deadline":"","feedback_date":"","leaders":[],"facts":""}');
CREATE TABLE notices (
	id VARCHAR NOT NULL, 
	sha256 VARCHAR NOT NULL, 
	source VARCHAR NOT NULL, 
	start_line INTEGER NOT NULL, 
	body TEXT NOT NULL, 
	parsed_by VARCHAR NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(sha256) REFERENCES sources (sha256) ON DELETE CASCADE
);
INSERT INTO "notices" VALUES('aaaa0001','one','示例.txt',1,'{"id":"aaaa0001","source":"示例.txt","sha256":"one","title":"清溪镇党委关于巡察整改进展情况的通报","unit":"清溪镇党委","unit_type":"乡镇","unit_level":"乡镇街道","inspection":"巡察","team":"县委第一巡察组","period":"2024年3月1日至4月30日","feedback_date":{"raw":"2024年6月1日","iso":"2024-06-01"},"published_date":null,"start_line":1,"end_line":6,"cases":[{"id":"aaaa0001-01","notice_id":"aaaa0001","number":"1.","line":3,"end_line":3,"category":["一、反馈问题整改情况"],"problem":"党费收缴不及时","problem_span":{"line":3,"start":0,"end_line":3,"end":7},"kind":"stated","measures":[{"text":"一是逐人核定缴费基数。","span":{"line":3,"start":8,"end_line":3,"end":19},"kinds":[]}],"status":null,"status_class":"完成","topics":[],"body":[],"confidence":1.0,"corrected":false},{"id":"aaaa0001-02","notice_id":"aaaa0001","number":"2.","line":5,"end_line":5,"category":["一、反馈问题整改情况"],"problem":"固定资产账实不符","problem_span":{"line":5,"start":0,"end_line":5,"end":8},"kind":"stated","measures":[{"text":"全面盘点固定资产。","span":{"line":5,"start":9,"end_line":5,"end":18},"kinds":[]}],"status":null,"status_class":"完成","topics":[],"body":[],"confidence":1.0,"corrected":false}],"counts":[],"report":{"layout":"","confidence":0.0,"unassigned":[],"doubts":[],"roles":[]},"evidence":[]}','1');
INSERT INTO "notices" VALUES('bbbb0001','two','另一份.txt',1,'{"id":"bbbb0001","source":"另一份.txt","sha256":"two","title":"某X局关于巡察整改进展情况的通报","unit":"某X局","unit_type":"乡镇","unit_level":"乡镇街道","inspection":"巡察","team":"县委第一巡察组","period":"2021年3月1日至4月30日","feedback_date":{"raw":"2021年6月1日","iso":"2021-06-01"},"published_date":null,"start_line":1,"end_line":4,"cases":[{"id":"bbbb0001-01","notice_id":"bbbb0001","number":"1.","line":3,"end_line":3,"category":["一、反馈问题整改情况"],"problem":"食堂采购未比价","problem_span":{"line":3,"start":0,"end_line":3,"end":7},"kind":"stated","measures":[{"text":"三家比价。","span":{"line":3,"start":8,"end_line":3,"end":13},"kinds":[]}],"status":null,"status_class":"完成","topics":[],"body":[],"confidence":1.0,"corrected":false}],"counts":[],"report":{"layout":"","confidence":0.0,"unassigned":[],"doubts":[],"roles":[]},"evidence":[]}','1');
CREATE TABLE sources (
	sha256 VARCHAR NOT NULL, 
	origin VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	format VARCHAR NOT NULL, 
	document TEXT NOT NULL, 
	added VARCHAR NOT NULL, 
	PRIMARY KEY (sha256)
);
INSERT INTO "sources" VALUES('one','/甲/通报.txt','示例.txt','txt','{"source":"示例.txt","sha256":"one","format":"txt","lines":["清溪镇党委关于巡察整改进展情况的通报","","党费收缴不及时：一是逐人核定缴费基数。","","固定资产账实不符：全面盘点固定资产。",""],"tables":[],"warnings":[]}','2026-11-27T21:25:30+00:00');
INSERT INTO "sources" VALUES('two','/乙/通报.txt','另一份.txt','txt','{"source":"另一份.txt","sha256":"two","format":"txt","lines":["某X局关于巡察整改进展情况的通报","","食堂采购未比价：三家比价。",""],"tables":[],"warnings":[]}','2026-11-27T21:25:30+00:00');
CREATE TABLE turns (
	conversation_id VARCHAR NOT NULL, 
	position INTEGER NOT NULL, 
	question TEXT NOT NULL, 
	answer TEXT NOT NULL, 
	score INTEGER, 
	reason TEXT NOT NULL, 
	PRIMARY KEY (conversation_id, position), 
	FOREIGN KEY(conversation_id) REFERENCES conversations (id) ON DELETE CASCADE
);
INSERT INTO "turns" VALUES('217cdb368d30',0,'党费少缴怎么改','{"question":"党费少缴怎么改","text":"补缴党费[1]。","citations":[],"evidence":[],"answerable":"有依据","unsupported":[],"findings":[],"model":"","notice":"","rewritten":"","followups":[]}',1,'可用');
CREATE INDEX ix_sources_origin ON sources (origin);
CREATE INDEX ix_corrections_notice_id ON corrections (notice_id);
CREATE INDEX ix_conversations_updated ON conversations (updated);
CREATE INDEX ix_drafts_updated ON drafts (updated);
CREATE INDEX ix_notices_sha256 ON notices (sha256);
COMMIT;
