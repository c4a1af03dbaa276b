-- Who a user is at the outside provider (model/openid.hpp), and users by the address they have elsewhere.
CREATE TABLE outside_identities (user_id BIGINT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE, issuer TEXT NOT NULL, subject TEXT NOT NULL, address TEXT NOT NULL, created BIGINT NOT NULL, last_used BIGINT NOT NULL, UNIQUE (issuer, subject));
CREATE INDEX contacts_by_recovery_address ON contacts (recovery_address);
