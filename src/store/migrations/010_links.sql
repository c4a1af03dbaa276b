-- The journeys: what a person does by a link in a mail. Only the SHA-256 of a link's token is kept.
CREATE TABLE links (hash TEXT PRIMARY KEY, purpose TEXT NOT NULL, user_id BIGINT NOT NULL, registration BIGINT NOT NULL, address TEXT NOT NULL, created BIGINT NOT NULL, expires BIGINT NOT NULL, used BIGINT NOT NULL, remote_address TEXT NOT NULL);
CREATE INDEX links_by_user ON links (user_id, purpose);
CREATE INDEX links_by_registration ON links (registration);
CREATE INDEX links_by_age ON links (expires);
-- Who wants an account. Several may want the same address; the first who confirms gets it.
CREATE TABLE registrations (id BIGINT PRIMARY KEY, email TEXT NOT NULL, domain TEXT NOT NULL, password_hash TEXT NOT NULL, recovery_address TEXT NOT NULL, language TEXT NOT NULL, state TEXT NOT NULL, created BIGINT NOT NULL, expires BIGINT NOT NULL, remote_address TEXT NOT NULL);
CREATE INDEX registrations_by_email ON registrations (email, id);
CREATE INDEX registrations_by_domain ON registrations (domain, id);
CREATE INDEX registrations_by_age ON registrations (expires);
-- How a domain takes registrations. A domain without a row follows the settings.
CREATE TABLE registration_rules (domain TEXT PRIMARY KEY REFERENCES domains (name) ON DELETE CASCADE, mode TEXT NOT NULL, allowed_domains TEXT NOT NULL, most_pending BIGINT NOT NULL, revision BIGINT NOT NULL);
-- How a person is reached besides the mailbox; the address is empty when there is none.
CREATE TABLE contacts (user_id BIGINT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE, language TEXT NOT NULL, recovery_address TEXT NOT NULL, updated BIGINT NOT NULL);
-- A new recovery address that is not confirmed on all sides yet.
CREATE TABLE recovery_changes (user_id BIGINT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE, address TEXT NOT NULL, old_confirmed BIGINT NOT NULL, new_confirmed BIGINT NOT NULL, expires BIGINT NOT NULL);
-- Accounts that their persons deleted, until the grace period is over. The row outlives the user until the mail is erased, too.
CREATE TABLE deletions (user_id BIGINT PRIMARY KEY, email TEXT NOT NULL, domain TEXT NOT NULL, requested BIGINT NOT NULL, due BIGINT NOT NULL, remote_address TEXT NOT NULL, revision BIGINT NOT NULL);
CREATE INDEX deletions_by_domain ON deletions (domain, user_id);
-- The copy of a person's own data that was asked for last.
CREATE TABLE exports (user_id BIGINT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE, id BIGINT NOT NULL, state TEXT NOT NULL, words TEXT NOT NULL, done BIGINT NOT NULL, total BIGINT NOT NULL, bytes BIGINT NOT NULL, created BIGINT NOT NULL, finished BIGINT NOT NULL, expires BIGINT NOT NULL);
CREATE INDEX exports_by_age ON exports (expires);
-- Mails of the pod to persons that are not handed to Postfix yet. A token is made when the mail is written, so none is stored.
CREATE TABLE letters (id BIGINT PRIMARY KEY, kind TEXT NOT NULL, user_id BIGINT NOT NULL, registration BIGINT NOT NULL, recipient TEXT NOT NULL, language TEXT NOT NULL, facts TEXT NOT NULL, created BIGINT NOT NULL);
-- What strangers asked for, to limit how often they may.
CREATE TABLE journey_tries (id BIGINT PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, at BIGINT NOT NULL);
CREATE INDEX journey_tries_by_subject ON journey_tries (kind, subject, at);
CREATE INDEX journey_tries_by_age ON journey_tries (at);
