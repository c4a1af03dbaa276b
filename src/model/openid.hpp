// Programs that let people log in with their account here (OpenID Connect Core 1.0): the webmail,
// say. This server is their provider. And the person at a provider elsewhere that a user here is.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "model/service.hpp"

namespace podplay {

struct OpenidClient {
  // As the program names itself: lower-case letters, digits, - and _.
  std::string id;
  // For people.
  std::string name;
  // Where answers may go, exactly.
  std::vector<std::string> redirect_uris;
  // SHA-256 in hex; empty: a public client, such as one in a browser, which has no secret.
  std::string secret_hash;
  WallTime created{};
  Revision revision = 0;
};

// A permission that a person gave a client, to be fetched once within a minute (RFC 6749 section
// 4.1.2).
struct OpenidCode {
  // SHA-256 in hex.
  std::string hash;
  std::string client;
  std::int64_t user_id = 0;
  std::string redirect_uri;
  // Of the client's secret, base64url (RFC 7636 section 4.2).
  std::string challenge;
  // Comes back in the identity token; may be empty.
  std::string nonce;
  // Words with blanks between.
  std::string scope;
  // When the person was proven.
  WallTime proven{};
  WallTime created{};
  WallTime expires{};
};

// Who a user is at the outside provider. Its numbers never come again (OpenID Connect Core section
// 5.7), but an address may be another person's some day.
struct OutsideIdentity {
  std::int64_t user_id = 0;
  std::string issuer;
  // The provider's own number of the person.
  std::string subject;
  // The verified address by which the user was found last.
  std::string address;
  WallTime created{};
  WallTime last_used{};
};

}  // namespace podplay
