// Makes text safe for a stranger: secrets are hidden, and people become pseudonyms. The same person
// has the same pseudonym everywhere, also in a later text of this server, so that somebody who
// reads it can still follow one person's mail.
#pragma once

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>

#include "base/secret.hpp"

namespace podplay::control {

// For any thread.
class Pseudonyms {
 public:
  // `names`: how people are called on this server: user names and local parts of addresses. Words
  // that any server uses, such as postmaster or mail, stay as they are.
  Pseudonyms(Secret key, const std::set<std::string>& names);

  // The local part of every address, whoever's it is, becomes "u-" and ten digits of a keyed hash;
  // so does a known name that stands alone. Domains stay.
  std::string hide(std::string_view text) const;
  // The same for each text and each member's name in it.
  nlohmann::json hide_json(const nlohmann::json& value) const;

 private:
  std::string pseudonym(std::string_view name) const;
  std::string without_addresses(std::string_view text) const;
  std::string without_names(std::string_view text) const;

  // Constant after construction.
  const Secret key_;
  std::set<std::string, std::less<>> names_;
};

}  // namespace podplay::control
