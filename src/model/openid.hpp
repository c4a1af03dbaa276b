// Programs that let people log in with their account here (OpenID Connect Core 1.0): the webmail,
// say. This server is their provider.
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

}  // namespace podplay
