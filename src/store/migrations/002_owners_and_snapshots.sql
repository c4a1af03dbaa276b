-- A mailbox's owner is the id of its user: the same address with another owner is another mailbox (model/directory.hpp). Which
-- services a revision concerns by their files, and not only by rows. A login looks for expired tokens.
ALTER TABLE directory ADD COLUMN owner BIGINT NOT NULL DEFAULT 0;
UPDATE directory SET owner = COALESCE((SELECT users.id FROM users WHERE users.email = directory.name), 0) WHERE kind = 'mailbox';
ALTER TABLE revision_services ADD COLUMN snapshot BIGINT NOT NULL DEFAULT 1;
CREATE INDEX tokens_by_expiry ON tokens (expires);
