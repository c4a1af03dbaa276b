-- The history of health (model/health.hpp): states of services, results of checks, and what was repaired.
CREATE TABLE health_changes (id BIGINT PRIMARY KEY, at BIGINT NOT NULL, service TEXT NOT NULL, host TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL, cause TEXT NOT NULL);
CREATE INDEX health_changes_by_service ON health_changes (service, id);
CREATE INDEX health_changes_by_age ON health_changes (at);
