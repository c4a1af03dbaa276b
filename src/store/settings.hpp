// The settings of the last run, to find out what changed.
#pragma once

#include <map>
#include <string>

#include "store/store.hpp"

namespace podplay::store {

std::map<std::string, std::string> kept_settings(Session& session);
void keep_settings(Transaction& transaction, const std::map<std::string, std::string>& settings);

}  // namespace podplay::store
