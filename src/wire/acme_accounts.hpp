// Accounts at certificate authorities in requests and answers. The key of an external account comes
// in a request only.
#pragma once

#include "model/acme_account.hpp"
#include "wire/shape.hpp"

namespace podplay::wire {

extern const Shape kAcmeAccountCreate;
extern const Shape kAcmeAccountChange;

extern const Shape kAcmeAccount;
extern const Shape kAcmeAccountDeleted;

Json to_json(const AcmeAccount& account);

}  // namespace podplay::wire
