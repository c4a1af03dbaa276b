-- What proves a person beside the password, and mail programs' own passwords (model/credential.hpp). users.second_factor: whether a login needs one; it follows from totp and passkeys, and is a column so that lists and logins need no join.
ALTER TABLE users ADD COLUMN second_factor BIGINT NOT NULL DEFAULT 0;
-- `secret` is sealed with a key that is not in the database. `last_step`: no code is used twice.
CREATE TABLE totp (user_id BIGINT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE, secret TEXT NOT NULL, confirmed BIGINT NOT NULL, last_step BIGINT NOT NULL, created BIGINT NOT NULL, last_used BIGINT NOT NULL);
-- `credential` and `public_key` are base64url; neither is secret. `algorithm` is COSE's number, `counter` the authenticator's.
CREATE TABLE passkeys (id BIGINT PRIMARY KEY, user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE, name TEXT NOT NULL, credential TEXT NOT NULL UNIQUE, algorithm BIGINT NOT NULL, public_key TEXT NOT NULL, counter BIGINT NOT NULL, may_be_copied BIGINT NOT NULL, is_copied BIGINT NOT NULL, product TEXT NOT NULL, created BIGINT NOT NULL, last_used BIGINT NOT NULL);
CREATE INDEX passkeys_by_user ON passkeys (user_id, id);
-- SHA-256 of random codes; `used` is 0 until then.
CREATE TABLE recovery_codes (user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE, hash TEXT NOT NULL, created BIGINT NOT NULL, used BIGINT NOT NULL, PRIMARY KEY (user_id, hash));
-- Challenges of passkeys that were answered, until they expire: each is answered once.
CREATE TABLE used_challenges (hash TEXT PRIMARY KEY, expires BIGINT NOT NULL);
CREATE INDEX used_challenges_by_expiry ON used_challenges (expires);
-- `hash` is the SHA-256 of a random password; `protocols` are words with blanks between. The last use is told by the mail agents, some minutes late.
CREATE TABLE app_passwords (id BIGINT PRIMARY KEY, user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE, name TEXT NOT NULL, hash TEXT NOT NULL UNIQUE, protocols TEXT NOT NULL, created BIGINT NOT NULL, last_used BIGINT NOT NULL, last_address TEXT NOT NULL, last_protocol TEXT NOT NULL, revision BIGINT NOT NULL);
CREATE INDEX app_passwords_by_user ON app_passwords (user_id, id);
