// Part of the precompiled header: the templates that base compiles once. Else every file that uses
// them would compile them again.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

extern template class std::vector<std::string>;
extern template class std::vector<nlohmann::json>;
extern template class nlohmann::basic_json<>;
extern template class nlohmann::detail::serializer<nlohmann::json>;
extern template nlohmann::json nlohmann::json::parse(const std::string&,
                                                     nlohmann::json::parser_callback_t, bool, bool);
extern template nlohmann::json nlohmann::json::parse(std::string&,
                                                     nlohmann::json::parser_callback_t, bool, bool);
extern template nlohmann::json nlohmann::json::parse(const std::string_view&,
                                                     nlohmann::json::parser_callback_t, bool, bool);
extern template nlohmann::json nlohmann::json::parse(std::string_view&,
                                                     nlohmann::json::parser_callback_t, bool, bool);
