// Clients of the OpenID provider, and the codes that they have not fetched yet.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/openid.hpp"
#include "store/store.hpp"

namespace podplay::store {

void insert_openid_client(Transaction& transaction, const OpenidClient& client);
std::optional<OpenidClient> find_openid_client(Session& session, const std::string& id);
// By id.
std::vector<OpenidClient> list_openid_clients(Session& session);
void delete_openid_client(Transaction& transaction, const std::string& id);

// Forgets expired ones, too.
void insert_openid_code(Transaction& transaction, const OpenidCode& code);
// Gives the code once, to whoever is first.
std::optional<OpenidCode> take_openid_code(Transaction& transaction, const std::string& hash);

}  // namespace podplay::store
