-- Programs that let people log in with their account here (model/openid.hpp). `redirect_uris` and `scope` are words with blanks between; secrets and codes are hashes.
CREATE TABLE openid_clients (id TEXT PRIMARY KEY, name TEXT NOT NULL, redirect_uris TEXT NOT NULL, secret_hash TEXT NOT NULL, created BIGINT NOT NULL, revision BIGINT NOT NULL);
CREATE TABLE openid_codes (hash TEXT PRIMARY KEY, client TEXT NOT NULL REFERENCES openid_clients (id) ON DELETE CASCADE, user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE, redirect_uri TEXT NOT NULL, challenge TEXT NOT NULL, nonce TEXT NOT NULL, scope TEXT NOT NULL, proven BIGINT NOT NULL, created BIGINT NOT NULL, expires BIGINT NOT NULL);
CREATE INDEX openid_codes_by_expiry ON openid_codes (expires);
