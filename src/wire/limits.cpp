// Times are Unix milliseconds on the link, and RFC 3339 in answers.
#include "wire/limits.hpp"

#include "wire/guarded.hpp"

namespace podplay::wire {
namespace {

using enum FieldType;

constexpr FieldRow kLoginNewsFields[] = {
    {.name = "after",
     .type = object,
     .required = true,
     .help = "The position that the events follow: epoch, seq",
     .example = "{}"},
    {.name = "position",
     .type = object,
     .required = true,
     .help = "The position behind the events: epoch, seq",
     .example = "{}"},
    {.name = "events",
     .type = object_list,
     .required = true,
     .help = "What happened to logins",
     .example = "[]"},
    {.name = "uses",
     .type = object_list,
     .help = "Where app passwords were used last: id, at, address, protocol",
     .example = "[]"},
};
constexpr FieldRow kLoginQuestionFields[] = {
    {.name = "seen",
     .type = object,
     .required = true,
     .help = "The position up to which events were heard: epoch, seq",
     .example = "{}"},
    {.name = "wait",
     .type = integer,
     .required = true,
     .help = "Seconds to wait for events, at most 30",
     .example = "25"},
};

constexpr FieldRow kFailedTryFields[] = {
    {.name = "at",
     .type = text,
     .required = true,
     .help = "When it was",
     .example = R"("2026-01-01T00:00:00Z")"},
    {.name = "kind",
     .type = text,
     .required = true,
     .help = "failed, refused, locked or unlocked",
     .example = R"("failed")"},
    {.name = "address",
     .type = text,
     .required = true,
     .help = "The client's address; empty: by an administrator",
     .example = R"("192.0.2.7")"},
    {.name = "door",
     .type = text,
     .required = true,
     .help = "http, imap, pop3, smtp or sieve",
     .example = R"("imap")"},
    {.name = "count",
     .type = integer,
     .required = true,
     .help = "How many tries; of locked: how often within a day",
     .example = "1"},
};
constexpr Shape kFailedTry{
    .name = "FailedTry", .help = "Tries to log in that failed", .fields = kFailedTryFields};

constexpr FieldRow kUserLockFields[] = {
    {.name = "email",
     .type = text,
     .required = true,
     .help = "The account",
     .example = R"("test@example.com")"},
    {.name = "locked",
     .type = boolean,
     .required = true,
     .help = "Whether logins from unknown places are refused now",
     .example = "true"},
    {.name = "until",
     .type = text,
     .help = "When the lock ends; missing when there is none",
     .example = R"("2026-01-01T00:05:00Z")"},
    {.name = "wrong_passwords",
     .type = integer,
     .required = true,
     .help = "Different wrong passwords that count towards the next lock",
     .example = "3"},
    {.name = "locks",
     .type = integer,
     .required = true,
     .help = "How often it was locked within a day",
     .example = "1"},
    {.name = "known_addresses",
     .type = text_list,
     .required = true,
     .help = "Where the owner got in; from there the lock does not count",
     .example = R"(["192.0.2.1"])"},
    {.name = "tries",
     .type = object_list,
     .required = true,
     .help = "The last tries that failed, newest first",
     .example = "[]",
     .of = &kFailedTry},
};

constexpr FieldRow kUserUnlockedFields[] = {
    {.name = "email",
     .type = text,
     .required = true,
     .help = "Who may log in again",
     .example = R"("test@example.com")"},
};

constexpr FieldRow kGuessingFields[] = {
    {.name = "failed",
     .type = integer,
     .required = true,
     .help = "Wrong passwords in the last hour",
     .example = "12"},
    {.name = "refused",
     .type = integer,
     .required = true,
     .help = "Tries that were refused in the last hour",
     .example = "100"},
    {.name = "accounts",
     .type = integer,
     .required = true,
     .help = "Accounts that these tries named",
     .example = "2"},
    {.name = "addresses",
     .type = integer,
     .required = true,
     .help = "Addresses that these tries came from, without those that hide their clients",
     .example = "1"},
    {.name = "locked_accounts",
     .type = integer,
     .required = true,
     .help = "Accounts that are locked now",
     .example = "1"},
    {.name = "locked_addresses",
     .type = integer,
     .required = true,
     .help = "Addresses that are locked now",
     .example = "0"},
};

}  // namespace

const Shape kLoginNews{
    .name = "LoginNews", .help = "What an agent tells about logins", .fields = kLoginNewsFields};
const Shape kLoginQuestion{.name = "LoginQuestion",
                           .help = "An agent's question for what happened to logins elsewhere",
                           .fields = kLoginQuestionFields};
const Shape kUserLock{.name = "UserLock",
                      .help = "Whether and why logins of a user are refused",
                      .fields = kUserLockFields};
const Shape kUserUnlocked{
    .name = "UserUnlocked", .help = "The end of a lock", .fields = kUserUnlockedFields};
const Shape kGuessing{
    .name = "Guessing", .help = "Tries to guess passwords", .fields = kGuessingFields};

Json to_json(const LoginEvent& event) {
  Json value{
      {"seq", event.seq},         {"at", to_millis(event.at)}, {"kind", to_text(event.kind)},
      {"account", event.account}, {"address", event.address},  {"door", event.door},
      {"mark", event.mark},       {"count", event.count},      {"until", to_millis(event.until)}};
  return value;
}

Result<std::vector<LoginEvent>> login_events_from_json(const Json& list) {
  return guarded("list of events of logins", [&]() -> Result<std::vector<LoginEvent>> {
    std::vector<LoginEvent> events;
    for (const Json& value : list) {
      TRY(const auto kind, parse_login_event_kind(value.at("kind").get<std::string>()));
      events.push_back({.seq = value.at("seq").get<std::uint64_t>(),
                        .at = from_millis(value.at("at").get<std::int64_t>()),
                        .kind = kind,
                        .account = value.at("account").get<std::string>(),
                        .address = value.at("address").get<std::string>(),
                        .door = value.at("door").get<std::string>(),
                        .mark = value.at("mark").get<std::string>(),
                        .count = value.at("count").get<std::int64_t>(),
                        .until = from_millis(value.at("until").get<std::int64_t>())});
    }
    return events;
  });
}

Json to_json(const LoginPosition& position) {
  return {{"epoch", position.epoch}, {"seq", position.seq}};
}

Result<LoginPosition> login_position_from_json(const Json& value) {
  return guarded("position in a log of logins", [&]() -> Result<LoginPosition> {
    return LoginPosition{value.at("epoch").get<std::string>(),
                         value.at("seq").get<std::uint64_t>()};
  });
}

Json to_json(const LimitRules& rules) {
  return {{"account_tries", rules.account_tries},
          {"address_tries", rules.address_tries},
          {"window", rules.window.count()},
          {"lock", rules.lock.count()},
          {"longest_lock", rules.longest_lock.count()},
          {"shared_addresses", rules.shared_addresses},
          {"hourly_messages", rules.hourly_messages},
          {"hourly_recipients", rules.hourly_recipients}};
}

Result<LimitRules> limit_rules_from_json(const Json& value) {
  return guarded("set of limits", [&]() -> Result<LimitRules> {
    const auto seconds = [&](const char* name) {
      return std::chrono::seconds(value.at(name).get<std::int64_t>());
    };
    return LimitRules{
        .account_tries = value.at("account_tries").get<std::int64_t>(),
        .address_tries = value.at("address_tries").get<std::int64_t>(),
        .window = seconds("window"),
        .lock = seconds("lock"),
        .longest_lock = seconds("longest_lock"),
        .shared_addresses = value.at("shared_addresses").get<std::vector<std::string>>(),
        .hourly_messages = value.at("hourly_messages").get<std::int64_t>(),
        .hourly_recipients = value.at("hourly_recipients").get<std::int64_t>()};
  });
}

namespace {

Json page_json(const LoginPage& page) {
  Json events = Json::array();
  for (const LoginEvent& event : page.events) {
    events.push_back(to_json(event));
  }
  return {{"position", to_json(page.position)}, {"events", std::move(events)}};
}

Result<LoginPage> page_from_json(const Json& value) {
  TRY(auto position, login_position_from_json(value.at("position")));
  TRY(auto events, login_events_from_json(value.at("events")));
  return LoginPage{.position = std::move(position), .events = std::move(events)};
}

}  // namespace

Json to_json(const LoginNews& news) {
  Json value = page_json(news.page);
  value["after"] = to_json(news.after);
  for (const AppPasswordUse& use : news.uses) {
    value["uses"].push_back({{"id", use.id},
                             {"at", to_millis(use.at)},
                             {"address", use.address},
                             {"protocol", use.protocol}});
  }
  return value;
}

Result<LoginNews> login_news_from_json(const Json& value) {
  return guarded("piece of news about logins", [&]() -> Result<LoginNews> {
    TRY(auto after, login_position_from_json(value.at("after")));
    TRY(auto page, page_from_json(value));
    LoginNews news{.after = std::move(after), .page = std::move(page)};
    if (const auto uses = value.find("uses"); uses != value.end()) {
      for (const Json& use : *uses) {
        news.uses.push_back({.id = use.at("id").get<std::int64_t>(),
                             .at = from_millis(use.at("at").get<std::int64_t>()),
                             .address = use.at("address").get<std::string>(),
                             .protocol = use.at("protocol").get<std::string>()});
      }
    }
    return news;
  });
}

Json to_json(const LoginQuestion& question) {
  return {{"seen", to_json(question.seen)}, {"wait", question.wait}};
}

Result<LoginQuestion> login_question_from_json(const Json& value) {
  return guarded("question about logins", [&]() -> Result<LoginQuestion> {
    TRY(auto seen, login_position_from_json(value.at("seen")));
    return LoginQuestion{.seen = std::move(seen), .wait = value.at("wait").get<int>()};
  });
}

Json to_json(const LoginAnswer& answer) {
  Json value = page_json(answer.page);
  value["rules"] = to_json(answer.rules);
  return value;
}

Result<LoginAnswer> login_answer_from_json(const Json& value) {
  return guarded("answer about logins", [&]() -> Result<LoginAnswer> {
    TRY(auto page, page_from_json(value));
    TRY(auto rules, limit_rules_from_json(value.at("rules")));
    return LoginAnswer{.page = std::move(page), .rules = std::move(rules)};
  });
}

}  // namespace podplay::wire
