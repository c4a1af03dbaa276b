-- Events that happen often, such as failed logins, are one row with their number.
ALTER TABLE audit ADD COLUMN door TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN times BIGINT NOT NULL DEFAULT 1;
