-- Levels of logs that differ from their settings until a time (control/watch/log_levels.hpp).
CREATE TABLE log_levels (component TEXT PRIMARY KEY, level TEXT NOT NULL, until BIGINT NOT NULL);
