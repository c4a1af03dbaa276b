// How a change ended: which services have applied it, or what a dry run found.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace podplay::cli {

// The answer to ?dry_run=1: rows, files and each service's verdict.
std::string dry_run_text(const nlohmann::json& answer);
// "applied by mail (revision 42)", or a sentence that names the services that have not applied it.
std::string applied_text(const nlohmann::json& answer);
// "created user {email}" with members of `object`.
std::string fill_sentence(std::string_view sentence, const nlohmann::json& object);

}  // namespace podplay::cli
