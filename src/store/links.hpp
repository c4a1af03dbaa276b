// Links in mails, found by the hash of their token alone, and what strangers asked for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/journey.hpp"
#include "store/store.hpp"

namespace podplay::store {

void insert_link(Transaction& transaction, const Link& link);
std::optional<Link> find_link(Session& session, const std::string& hash);
// False when it was used already: of two that try at the same time, one gets it.
bool use_link(Transaction& transaction, const std::string& hash, WallTime now);
// Ends the other links of the user that are for the same.
void delete_links_of(Transaction& transaction, std::int64_t user_id, LinkPurpose purpose);
void delete_links_of_registration(Transaction& transaction, std::int64_t registration);
// At most `limit` links that have expired.
std::int64_t delete_links_expired(Transaction& transaction, WallTime now, std::int64_t limit);
std::int64_t count_links_expired(Session& session, WallTime now);

// One of the things that are limited, such as a registration from an address.
struct JourneyTry {
  std::string kind;
  // The address or account that is limited.
  std::string subject;
  WallTime at{};
};
void insert_try(Transaction& transaction, const JourneyTry& row);
// The times of the last `most` since a time, newest first.
std::vector<WallTime> list_tries(Session& session, const std::string& kind,
                                 const std::string& subject, WallTime since, std::int64_t most);
std::int64_t delete_tries_before(Transaction& transaction, WallTime time, std::int64_t limit);

}  // namespace podplay::store
