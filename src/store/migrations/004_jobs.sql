-- Durable jobs (model/job.hpp). Times are Unix milliseconds; 0 is "not yet". A job holds a lease while it runs.
CREATE TABLE jobs (id BIGINT PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, state TEXT NOT NULL, due BIGINT NOT NULL, attempts BIGINT NOT NULL, last_error TEXT NOT NULL, lease_owner TEXT NOT NULL, lease_until BIGINT NOT NULL, created BIGINT NOT NULL, started BIGINT NOT NULL, finished BIGINT NOT NULL, progress BIGINT NOT NULL, request_id TEXT NOT NULL);
-- What has not ended exists once: adding it again is adding nothing.
CREATE UNIQUE INDEX jobs_open ON jobs (kind, subject) WHERE state IN ('waiting', 'running');
CREATE INDEX jobs_by_due ON jobs (state, due);
CREATE INDEX jobs_by_kind ON jobs (kind, id);
CREATE TABLE job_steps (job BIGINT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE, number BIGINT NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL, words TEXT NOT NULL, at BIGINT NOT NULL, took BIGINT NOT NULL, PRIMARY KEY (job, number));
