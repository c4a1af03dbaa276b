// The instances that shared_templates.hpp declares: each is compiled here, and in no other file.
#include "base/shared_templates.hpp"

template class std::vector<std::string>;
template class std::vector<nlohmann::json>;
template class nlohmann::basic_json<>;
template class nlohmann::detail::serializer<nlohmann::json>;
template nlohmann::json nlohmann::json::parse(const std::string&, nlohmann::json::parser_callback_t,
                                              bool, bool);
template nlohmann::json nlohmann::json::parse(std::string&, nlohmann::json::parser_callback_t, bool,
                                              bool);
template nlohmann::json nlohmann::json::parse(const std::string_view&,
                                              nlohmann::json::parser_callback_t, bool, bool);
template nlohmann::json nlohmann::json::parse(std::string_view&, nlohmann::json::parser_callback_t,
                                              bool, bool);
