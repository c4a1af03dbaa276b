// Limits on the link (what happened to logins, and the rules), in the file that the mail agent
// keeps, and in answers.
#pragma once

#include "model/credential.hpp"
#include "model/limits.hpp"
#include "wire/shape.hpp"

namespace podplay::wire {

// An agent tells the events after the position `after`.
struct LoginNews {
  LoginPosition after{};
  LoginPage page{};
  // Once in a while: where app passwords were used last.
  std::vector<AppPasswordUse> uses{};
};

// An agent asks for the events after the position.
struct LoginQuestion {
  LoginPosition seen{};
  // Seconds.
  int wait = 25;
};

struct LoginAnswer {
  LoginPage page{};
  LimitRules rules{};
};

// The fields of the agents' requests.
extern const Shape kLoginNews;
extern const Shape kLoginQuestion;

Json to_json(const LoginEvent& event);
Result<std::vector<LoginEvent>> login_events_from_json(const Json& list);
Json to_json(const LoginPosition& position);
Result<LoginPosition> login_position_from_json(const Json& value);
Json to_json(const LimitRules& rules);
Result<LimitRules> limit_rules_from_json(const Json& value);
Json to_json(const LoginNews& news);
Result<LoginNews> login_news_from_json(const Json& value);
Json to_json(const LoginQuestion& question);
Result<LoginQuestion> login_question_from_json(const Json& value);
Json to_json(const LoginAnswer& answer);
Result<LoginAnswer> login_answer_from_json(const Json& value);

// Answers of the API.
extern const Shape kUserLock;
extern const Shape kUserUnlocked;
extern const Shape kGuessing;

}  // namespace podplay::wire
