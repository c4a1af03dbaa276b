// Certificates in the store (model/certificate.hpp). Keys and chains are on disk only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/certificate.hpp"
#include "store/store.hpp"

namespace podplay::store {

std::optional<Certificate> find_certificate(Session& session, const std::string& name);
// In order of name, those after `after`.
std::vector<Certificate> list_certificates(Session& session, const std::string& after,
                                           std::int64_t limit);

// Those whose next version is due.
std::vector<Certificate> list_due_certificates(Session& session, WallTime now);
// Those whose authority is to be asked for its renewal window.
std::vector<Certificate> list_certificates_to_ask(Session& session, WallTime now);
// Those that this issuer will sign.
std::int64_t count_certificates_of(Session& session, const std::string& issuer);

void put_certificate(Transaction& transaction, const Certificate& certificate);
void delete_certificate(Transaction& transaction, const std::string& name);

}  // namespace podplay::store
