// What the store says about certificates, domains and accounts, for the rules that compare it with
// what the daemons do. Each function fills members of its own and stays below 500 ms: it reads
// bounded lists, never all rows.
#pragma once

#include <span>

#include "control/context.hpp"
#include "control/watch/diagnosis/evidence.hpp"

namespace podplay::control {

using FactSource = void (*)(Context& context, EvidenceJson& facts);

// Each certificate that is looked at, and its version on the volume: "certificates".
void add_certificate_facts(Context& context, EvidenceJson& facts);
// "serials", "forwarders", "secondaries", "delegations", "reverse".
void add_dns_facts(Context& context, EvidenceJson& facts);
// "guessing", "locked", "locked_addresses".
void add_login_facts(Context& context, EvidenceJson& facts);
// "proxy".
void add_web_facts(Context& context, EvidenceJson& facts);
// How far the directory's feed is: "feed".
void add_feed_facts(Context& context, EvidenceJson& facts);

// The table is in facts.cpp; a source is one function in a file facts_GROUP.cpp.
std::span<const FactSource> fact_sources();

}  // namespace podplay::control
