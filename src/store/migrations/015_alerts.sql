-- What somebody should look at (model/alert.hpp). open_key is the key while the alert has not recovered, so that a problem has one alert at a time.
CREATE TABLE alerts (id BIGINT PRIMARY KEY, open_key TEXT NOT NULL UNIQUE, key TEXT NOT NULL, source TEXT NOT NULL, service TEXT NOT NULL, severity TEXT NOT NULL, state TEXT NOT NULL, cause TEXT NOT NULL, evidence TEXT NOT NULL, remedy TEXT NOT NULL, runbook TEXT NOT NULL, first_seen BIGINT NOT NULL, last_seen BIGINT NOT NULL, gone_since BIGINT NOT NULL, hold BIGINT NOT NULL, notified BIGINT NOT NULL, notices BIGINT NOT NULL, recovered BIGINT NOT NULL);
CREATE INDEX alerts_by_state ON alerts (state, id);
CREATE INDEX alerts_by_age ON alerts (recovered);
-- What was sent, or is to be sent, and over which way. A job sends it (control/watch/alerts/notices.hpp).
CREATE TABLE alert_notices (id BIGINT PRIMARY KEY, alert BIGINT NOT NULL REFERENCES alerts (id) ON DELETE CASCADE, way TEXT NOT NULL, event TEXT NOT NULL, created BIGINT NOT NULL, sent BIGINT NOT NULL, words TEXT NOT NULL);
CREATE INDEX alert_notices_by_alert ON alert_notices (alert, way, id);
-- Of which problems nothing is sent until a time.
CREATE TABLE alert_silences (key TEXT PRIMARY KEY, until BIGINT NOT NULL, reason TEXT NOT NULL, author TEXT NOT NULL, created BIGINT NOT NULL);
