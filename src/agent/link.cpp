// Losing the control plane is one state. It is logged once, however many requests fail. The caller
// tries a failed request again.
#include "agent/link.hpp"

#include "base/json_text.hpp"
#include "wire/problem.hpp"

namespace podplay::agent {

Link::Link(Identity& identity, Board& board, Logger log)
    : identity_(identity), board_(board), log_(std::move(log)) {}

Result<net::HttpResponse> Link::post(const std::string& path, const wire::Json& body) {
  TRY(identity_.ensure());
  if (!client_ || connected_with_ != identity_.certificate_count()) {
    connected_with_ = identity_.certificate_count();
    TRY(auto client, identity_.connect());
    client_ = std::move(client);
  }
  auto answer = client_->send(
      {.method = "POST", .path = path, .headers = kLinkHeaders, .body = json_text(body)});
  if (!answer) {
    client_.reset();
    return answer;
  }
  if (answer->status == 200) {
    return answer;
  }
  if (answer->status == 401 || answer->status == 403) {
    client_.reset();
    // The control plane has another CA or another store, and does not know this certificate.
    identity_.forget();
  }
  return std::unexpected(wire::error_from_problem(answer->status, answer->body));
}

void Link::away(const Error& error) {
  // A control plane that does not answer is one state, whatever the error says. A refused secret is
  // another state, and is logged once more.
  const bool silent = error.code == "no_answer" || error.code == "no_connection";
  const std::string state = silent ? "silent" : error.code;
  board_.set_link_words(error.message);
  if (!board_.figures.linked.exchange(false) && said_ == state) {
    return log_.debug("still no link", {{"error", error.message}});
  }
  said_ = state;
  ++board_.figures.link_losses;
  log_.warn("the control plane is away; the daemons keep running",
            {{"error", error.message}, {"remedy", error.remedy}});
}

void Link::back() {
  said_.clear();
  board_.set_link_words({});
  if (!board_.figures.linked.exchange(true)) {
    log_.info("linked to the control plane");
  }
}

Result<wire::WorkAnswer> Link::ask(const wire::WorkQuestion& question) {
  const auto answer = post("/link/work", wire::to_json(question));
  if (!answer) {
    away(answer.error());
    return std::unexpected(answer.error());
  }
  back();
  const wire::Json value = wire::Json::parse(answer->body, nullptr, false);
  auto work = wire::answer_from_json(value);
  if (!work) {
    log_.error("the control plane's answer is not understood", {{"error", work.error().message}});
  }
  return work;
}

Status Link::tell(const wire::WorkQuestion& question) {
  TRY(post("/link/work", wire::to_json(question)));
  return {};
}

Status Link::report(const ApplyReport& report) {
  TRY(post("/link/report", wire::to_json(report)));
  ++board_.figures.reports;
  return {};
}

Result<std::vector<AgentCommand>> Link::commands(const wire::CommandsQuestion& question) {
  TRY(const auto answer, post("/link/commands", wire::to_json(question)));
  return wire::commands_from_json(wire::Json::parse(answer.body, nullptr, false));
}

Status Link::result(const CommandResult& result) {
  TRY(post("/link/result", wire::to_json(result)));
  return {};
}

Result<LoginPosition> Link::tell_logins(const wire::LoginNews& news) {
  TRY(const auto answer, post("/link/logins/tell", wire::to_json(news)));
  return wire::login_position_from_json(wire::Json::parse(answer.body, nullptr, false));
}

Result<wire::LoginAnswer> Link::hear_logins(const wire::LoginQuestion& question) {
  TRY(const auto answer, post("/link/logins/hear", wire::to_json(question)));
  return wire::login_answer_from_json(wire::Json::parse(answer.body, nullptr, false));
}

}  // namespace podplay::agent
