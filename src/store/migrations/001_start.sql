-- The first tables. One set of SQL for SQLite and PostgreSQL: BIGINT and TEXT only, numbers come from `counters`.
-- Times are Unix milliseconds, sizes bytes, booleans 0 or 1. Statements end with a semicolon at the end of a line.
CREATE TABLE counters (name TEXT PRIMARY KEY, value BIGINT NOT NULL);
INSERT INTO counters (name, value) VALUES ('revision', 0), ('id', 0), ('directory', 0);
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE domains (id BIGINT PRIMARY KEY, name TEXT NOT NULL UNIQUE, enabled BIGINT NOT NULL, created BIGINT NOT NULL, updated BIGINT NOT NULL, revision BIGINT NOT NULL);
CREATE TABLE users (id BIGINT PRIMARY KEY, email TEXT NOT NULL UNIQUE, username TEXT NOT NULL, domain TEXT NOT NULL REFERENCES domains (name), password_hash TEXT NOT NULL, role TEXT NOT NULL, enabled BIGINT NOT NULL, quota BIGINT NOT NULL, services TEXT NOT NULL, created BIGINT NOT NULL, updated BIGINT NOT NULL, revision BIGINT NOT NULL);
CREATE INDEX users_by_domain ON users (domain, id);
CREATE INDEX users_by_role ON users (role, id);
CREATE TABLE aliases (id BIGINT PRIMARY KEY, address TEXT NOT NULL UNIQUE, domain TEXT NOT NULL REFERENCES domains (name), enabled BIGINT NOT NULL, created BIGINT NOT NULL, updated BIGINT NOT NULL, revision BIGINT NOT NULL);
CREATE INDEX aliases_by_domain ON aliases (domain, id);
CREATE TABLE alias_targets (alias_id BIGINT NOT NULL REFERENCES aliases (id) ON DELETE CASCADE, position BIGINT NOT NULL, target TEXT NOT NULL, PRIMARY KEY (alias_id, position));
CREATE INDEX alias_targets_by_target ON alias_targets (target);
-- The directory's feed: each row once, with its newest sequence.
CREATE TABLE directory (kind TEXT NOT NULL, name TEXT NOT NULL, seq BIGINT NOT NULL, revision BIGINT NOT NULL, deleted BIGINT NOT NULL, enabled BIGINT NOT NULL, password_hash TEXT NOT NULL, quota BIGINT NOT NULL, targets TEXT NOT NULL, PRIMARY KEY (kind, name));
CREATE UNIQUE INDEX directory_by_seq ON directory (seq);
CREATE TABLE revisions (id BIGINT PRIMARY KEY, at BIGINT NOT NULL, actor TEXT NOT NULL, request_id TEXT NOT NULL, summary TEXT NOT NULL);
CREATE TABLE revision_services (revision BIGINT NOT NULL REFERENCES revisions (id), service TEXT NOT NULL, PRIMARY KEY (revision, service));
CREATE INDEX revisions_by_service ON revision_services (service, revision);
CREATE TABLE service_states (service TEXT PRIMARY KEY, settled BIGINT NOT NULL, running BIGINT NOT NULL);
CREATE TABLE refusals (service TEXT NOT NULL, first_revision BIGINT NOT NULL, last_revision BIGINT NOT NULL, stage TEXT NOT NULL, daemon TEXT NOT NULL, message TEXT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (service, last_revision));
CREATE TABLE tokens (hash TEXT PRIMARY KEY, user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE, created BIGINT NOT NULL, expires BIGINT NOT NULL);
CREATE INDEX tokens_by_user ON tokens (user_id);
CREATE TABLE audit (id BIGINT PRIMARY KEY, at BIGINT NOT NULL, event TEXT NOT NULL, actor TEXT NOT NULL, subject TEXT NOT NULL, request_id TEXT NOT NULL, remote_address TEXT NOT NULL);
CREATE TABLE idempotency (actor TEXT NOT NULL, name TEXT NOT NULL, request_hash TEXT NOT NULL, status BIGINT NOT NULL, body TEXT NOT NULL, created BIGINT NOT NULL, PRIMARY KEY (actor, name));
CREATE INDEX idempotency_by_age ON idempotency (created);
