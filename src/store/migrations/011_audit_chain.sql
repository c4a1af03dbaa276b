-- Each audit event names the one before it, and its hash covers both (store/audit.hpp). `before` and `after` are JSON objects without
-- secrets, or empty. Events from before this migration are chained when the store is opened.
ALTER TABLE audit ADD COLUMN before TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN after TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN previous BIGINT NOT NULL DEFAULT 0;
ALTER TABLE audit ADD COLUMN hash TEXT NOT NULL DEFAULT '';
CREATE INDEX audit_by_event ON audit (event, id);
CREATE INDEX audit_by_actor ON audit (actor, id);
CREATE INDEX audit_by_subject ON audit (subject, id);
CREATE INDEX audit_by_request ON audit (request_id, id);
CREATE INDEX audit_by_time ON audit (at, id);
-- Two rows: `head` is the newest event, `anchor` the last one that retention deleted.
CREATE TABLE audit_chain (name TEXT PRIMARY KEY, id BIGINT NOT NULL, hash TEXT NOT NULL);
INSERT INTO audit_chain (name, id, hash) VALUES ('head', 0, ''), ('anchor', 0, '');
-- Lists of one domain in the order of their addresses (store/search.hpp).
CREATE INDEX users_by_domain_and_email ON users (domain, email);
CREATE INDEX aliases_by_domain_and_address ON aliases (domain, address);
