// The answers that are kept for an Idempotency-Key.
#pragma once

#include <optional>
#include <string>

#include "store/store.hpp"

namespace podplay::store {

struct KeptAnswer {
  std::string request_hash;
  int status = 0;
  std::string body;
};
// Nothing when the answer was put before `since`: it no longer counts, and put_answer() replaces
// it.
std::optional<KeptAnswer> find_answer(Session& session, const std::string& actor,
                                      const std::string& key, WallTime since);
void put_answer(Transaction& transaction, const std::string& actor, const std::string& key,
                const KeptAnswer& answer, WallTime now);
void delete_answer(Transaction& transaction, const std::string& actor, const std::string& key);

}  // namespace podplay::store
