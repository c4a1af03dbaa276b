-- One feed a service (model/feed.hpp), its history (store/history.hpp), certificates and zones as rows, and agents told apart by
-- their host. The feed is empty after this: the control plane makes it anew from the tables when it starts (control/feed.hpp).
DROP TABLE directory;
UPDATE counters SET name = 'feed' WHERE name = 'directory';
INSERT INTO counters (name, value) VALUES ('epoch', 0);
CREATE TABLE feed (service TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, seq BIGINT NOT NULL, revision BIGINT NOT NULL, deleted BIGINT NOT NULL, content TEXT NOT NULL, PRIMARY KEY (service, kind, name));
CREATE UNIQUE INDEX feed_by_seq ON feed (service, seq);
-- One row: which history this is. A restored store begins another.
CREATE TABLE history (generation TEXT NOT NULL);
CREATE TABLE epochs (number BIGINT PRIMARY KEY, id TEXT NOT NULL UNIQUE, first_seq BIGINT NOT NULL);
-- The serial outlives the zone: a zone that is made again goes on above it.
CREATE TABLE zones (name TEXT PRIMARY KEY, serial BIGINT NOT NULL, present BIGINT NOT NULL);
-- `names` are the certificate's, separated by blanks; times are Unix milliseconds; `version` is empty until the first one is issued.
CREATE TABLE certificates (name TEXT PRIMARY KEY, names TEXT NOT NULL, issuer TEXT NOT NULL, state TEXT NOT NULL, version TEXT NOT NULL, not_before BIGINT NOT NULL, not_after BIGINT NOT NULL, renew_at BIGINT NOT NULL, last_error TEXT NOT NULL, created BIGINT NOT NULL, updated BIGINT NOT NULL, revision BIGINT NOT NULL);
CREATE INDEX certificates_by_renewal ON certificates (renew_at);
ALTER TABLE users ADD COLUMN owner BIGINT NOT NULL DEFAULT 0;
UPDATE users SET owner = id;
CREATE TABLE agents (service TEXT NOT NULL, host TEXT NOT NULL, settled BIGINT NOT NULL, running BIGINT NOT NULL, PRIMARY KEY (service, host));
INSERT INTO agents (service, host, settled, running) SELECT service, 'main', settled, running FROM service_states;
DROP TABLE service_states;
ALTER TABLE refusals RENAME TO refusals_of_services;
CREATE TABLE refusals (service TEXT NOT NULL, host TEXT NOT NULL, first_revision BIGINT NOT NULL, last_revision BIGINT NOT NULL, stage TEXT NOT NULL, daemon TEXT NOT NULL, message TEXT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (service, host, last_revision));
INSERT INTO refusals (service, host, first_revision, last_revision, stage, daemon, message, at) SELECT service, 'main', first_revision, last_revision, stage, daemon, message, at FROM refusals_of_services;
DROP TABLE refusals_of_services;
-- Rows that an agent could not apply, until it can.
CREATE TABLE set_aside (service TEXT NOT NULL, host TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, revision BIGINT NOT NULL, daemon TEXT NOT NULL, message TEXT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (service, host, kind, name));
CREATE INDEX set_aside_by_revision ON set_aside (revision);
