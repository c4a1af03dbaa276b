-- Who may administer what, and the logins of browsers and programs (model/login.hpp). users.role is the strongest role of a user's grants, so that lists need no join.
CREATE TABLE grants (user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE, role TEXT NOT NULL, scope TEXT NOT NULL, created BIGINT NOT NULL, PRIMARY KEY (user_id, role, scope));
CREATE INDEX grants_by_scope ON grants (role, scope, user_id);
INSERT INTO grants (user_id, role, scope, created) SELECT id, 'admin', '', created FROM users WHERE role = 'admin';
INSERT INTO grants (user_id, role, scope, created) SELECT id, 'domain-admin', domain, created FROM users WHERE role = 'domain-admin';
-- `hash` is the SHA-256 of what the browser's cookie holds. `proven`: when a password or a second factor was given last. `agent`: the browser's own name.
CREATE TABLE sessions (id BIGINT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE, strength TEXT NOT NULL, agent TEXT NOT NULL, address TEXT NOT NULL, created BIGINT NOT NULL, proven BIGINT NOT NULL, expires BIGINT NOT NULL, last_used BIGINT NOT NULL, last_address TEXT NOT NULL);
CREATE INDEX sessions_by_user ON sessions (user_id, id);
CREATE INDEX sessions_by_expiry ON sessions (expires);
-- What a program shows. `scopes` and `networks` are words with blanks between; no network means any address. A token made by a token ends with it (`parent`).
CREATE TABLE named_tokens (id BIGINT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE, parent BIGINT REFERENCES named_tokens (id) ON DELETE CASCADE, name TEXT NOT NULL, scopes TEXT NOT NULL, networks TEXT NOT NULL, strength TEXT NOT NULL, address TEXT NOT NULL, created BIGINT NOT NULL, proven BIGINT NOT NULL, expires BIGINT NOT NULL, last_used BIGINT NOT NULL, last_address TEXT NOT NULL);
INSERT INTO named_tokens (id, hash, user_id, parent, name, scopes, networks, strength, address, created, proven, expires, last_used, last_address) SELECT (SELECT value FROM counters WHERE name = 'id') + ROW_NUMBER() OVER (ORDER BY created, hash), hash, user_id, NULL, 'login', 'all', '', 'single_factor', '', created, created, expires, 0, '' FROM tokens;
UPDATE counters SET value = value + (SELECT COUNT(*) FROM tokens) WHERE name = 'id';
DROP TABLE tokens;
ALTER TABLE named_tokens RENAME TO tokens;
CREATE INDEX tokens_by_user ON tokens (user_id, id);
CREATE INDEX tokens_by_expiry ON tokens (expires);
CREATE INDEX tokens_by_parent ON tokens (parent);
-- A login whose password was right and whose second factor is missing. `wish` is what the login shall give: JSON of control/identity/login.hpp, without secrets.
CREATE TABLE login_tickets (hash TEXT PRIMARY KEY, user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE, wish TEXT NOT NULL, failures BIGINT NOT NULL, created BIGINT NOT NULL, expires BIGINT NOT NULL);
CREATE INDEX login_tickets_by_expiry ON login_tickets (expires);
-- Whatever ends or weakens a login adds a random number here, so that each control plane sees by their sum that it must forget what it remembers of logins. A counter's row would be a lock that every such write holds to its end.
CREATE TABLE login_changes (mark BIGINT NOT NULL);
