// As much of CBOR (RFC 8949) as the attestation object of a passkey needs: one member of a map, and
// whether the rest is sound.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace podplay::auth {

// The octets of the map's member `name`, whose value is a byte string. Nothing when `data` is no
// map of definite lengths with text keys, has no such member, or goes on after the map.
std::optional<std::string> cbor_octets_of(std::string_view data, std::string_view name);

// Whether `data` is whole values of definite lengths and nothing else. libcbor takes as much memory
// as a length claims, so it may only be given what passes here.
bool is_cbor(std::string_view data);

}  // namespace podplay::auth
