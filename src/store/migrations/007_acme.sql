-- Certificates of other authorities (model/certificate.hpp, model/acme_account.hpp, store/acme.hpp). Times are Unix milliseconds; 0 is "not yet".
-- Private keys are files of the state volume, never columns.
ALTER TABLE certificates ADD COLUMN names_chosen BIGINT NOT NULL DEFAULT 0;
ALTER TABLE certificates ADD COLUMN challenge TEXT NOT NULL DEFAULT '';
ALTER TABLE certificates ADD COLUMN key_type TEXT NOT NULL DEFAULT 'ecdsa';
ALTER TABLE certificates ADD COLUMN profile TEXT NOT NULL DEFAULT '';
ALTER TABLE certificates ADD COLUMN root TEXT NOT NULL DEFAULT '';
ALTER TABLE certificates ADD COLUMN version_issuer TEXT NOT NULL DEFAULT '';
ALTER TABLE certificates ADD COLUMN version_names TEXT NOT NULL DEFAULT '';
ALTER TABLE certificates ADD COLUMN ask_at BIGINT NOT NULL DEFAULT 0;
UPDATE certificates SET version_issuer = issuer, version_names = names WHERE version <> '';
CREATE INDEX certificates_by_asking ON certificates (ask_at) WHERE ask_at > 0;
CREATE TABLE acme_accounts (name TEXT PRIMARY KEY, directory TEXT NOT NULL, ca TEXT NOT NULL, trusted BIGINT NOT NULL, state TEXT NOT NULL, url TEXT NOT NULL, contact TEXT NOT NULL, terms TEXT NOT NULL, external_id TEXT NOT NULL, created BIGINT NOT NULL, updated BIGINT NOT NULL);
-- `issuance` is JSON without secrets (src/acme/issuance.hpp). Orders that ended are kept for a while: an authority counts them as well.
CREATE TABLE acme_orders (id BIGINT PRIMARY KEY, certificate TEXT NOT NULL, account TEXT NOT NULL, state TEXT NOT NULL, names TEXT NOT NULL, replaces TEXT NOT NULL, forced BIGINT NOT NULL, issuance TEXT NOT NULL, installed BIGINT NOT NULL, previous_version TEXT NOT NULL, previous_issuer TEXT NOT NULL, error TEXT NOT NULL, failed_names TEXT NOT NULL, created BIGINT NOT NULL, ended BIGINT NOT NULL);
-- Of one certificate at most one order is open.
CREATE UNIQUE INDEX acme_orders_open ON acme_orders (certificate) WHERE state = 'open';
CREATE INDEX acme_orders_by_certificate ON acme_orders (certificate, id);
CREATE INDEX acme_orders_by_time ON acme_orders (account, created);
-- What is placed now. Rows of the feed follow from it: TXT records of zones, and files of the web server.
CREATE TABLE acme_challenges (token TEXT PRIMARY KEY, type TEXT NOT NULL, identifier TEXT NOT NULL, key_authorization TEXT NOT NULL, zone TEXT NOT NULL, txt_name TEXT NOT NULL, txt_value TEXT NOT NULL, created BIGINT NOT NULL);
CREATE INDEX acme_challenges_by_zone ON acme_challenges (zone);
