// HTTPS with the pod's own certificates. Each kind of failure gets the sentence that tells what to
// do.
#include "agent/link.hpp"

#include <fmt/format.h>

#include "base/json_text.hpp"
#include "wire/problem.hpp"

namespace podplay::agent {

using namespace std::chrono;

namespace {

// On one machine, compressing costs more than sending: a thousand directory rows took podplayd 400
// ms.
const net::Headers kHeaders{{"Content-Type", "application/json"}, {"Accept-Encoding", "identity"}};

}  // namespace

Identity::Identity(ServiceName service, LinkOptions options, Files& files, Clock& clock, Logger log)
    : service_(service),
      options_(std::move(options)),
      files_(files),
      clock_(clock),
      log_(std::move(log)) {}

std::uint64_t Identity::generation() const {
  const std::scoped_lock lock(mutex_);
  return generation_;
}

void Identity::forget() {
  const std::scoped_lock lock(mutex_);
  identity_.reset();
  expires_ = {};
  // ensure() writes a new one
  static_cast<void>(files_.remove_tree(options_.folder + "/certificate.pem"));
}

Result<std::string> Identity::authority() const {
  auto text = files_.read(options_.authority);
  if (text) {
    return text;
  }
  return fail(ErrorKind::unavailable, "no_authority",
              fmt::format("the pod's CA certificate is not there: {}", text.error().message),
              "the init container of podplay-api makes it; mount the volume of the certificates");
}

Result<std::unique_ptr<net::HttpClient>> Identity::connect() const {
  const std::scoped_lock lock(mutex_);
  auto ca = authority();
  if (!ca) {
    return std::unexpected(ca.error());
  }
  net::HttpClientOptions options{
      .base_url = options_.url, .ca = std::move(*ca), .identity = identity_};
  options.timeout = options_.timeout;
  return net::HttpClient::make(std::move(options));
}

Status Identity::ensure() {
  bool known = false;
  {
    const std::scoped_lock lock(mutex_);
    // of an agent before us; enrol() says what is wrong otherwise
    if (!identity_) {
      static_cast<void>(load());
    }
    const WallTime now = clock_.now();
    if (identity_ && now < renew_at_ && now < expires_) {
      return {};
    }
    if (identity_ && now >= expires_) {
      identity_.reset();
    }
    known = identity_.has_value();
  }
  if (!known) {
    return enrol();
  }
  const Status renewed = renew();
  if (!renewed) {
    const std::scoped_lock lock(mutex_);
    renew_at_ = clock_.now() + 60s;
    log_.warn("the link's certificate cannot be renewed yet", {{"error", renewed.error().message}});
  }
  return {};
}

Status Identity::load() {
  TRY(const auto certificate, files_.read(options_.folder + "/certificate.pem"));
  TRY(auto key, files_.read(options_.folder + "/key.pem"));
  TRY(const auto info, net::read_certificate(certificate));
  const auto agent = parse_agent_name(info.common_name);
  if (!agent || agent->service != service_) {
    return fail(ErrorKind::invalid, "other_service",
                fmt::format("the certificate is for {}", info.common_name));
  }
  Secret secret(std::move(key));
  TRY(net::check_key_matches(certificate, secret));
  identity_ = net::TlsIdentity{certificate, std::move(secret)};
  expires_ = info.not_after;
  renew_at_ = info.not_before + (info.not_after - info.not_before) / 2;
  ++generation_;
  return {};
}

// Which agent this is, and what proves it; the host is the control plane's own when no file names
// another one.
wire::Json Identity::enrolment(const std::string& secret) const {
  wire::Json body{{"service", to_text(service_)}, {"secret", secret}};
  if (auto host = files_.read(options_.host)) {
    host->erase(host->find_last_not_of(" \r\n\t") + 1);
    body["host"] = *host;
  }
  return body;
}

Status Identity::enrol() {
  const auto secret = files_.read(options_.secret);
  if (!secret) {
    return fail(ErrorKind::unavailable, "no_secret",
                fmt::format("there is no enrolment secret: {}", secret.error().message),
                "the init container of podplay-api writes it; restart the pod");
  }
  std::string text = *secret;
  text.erase(text.find_last_not_of(" \r\n\t") + 1);
  TRY(auto key, net::make_private_key());
  TRY(auto client, connect());
  Status enrolled = request_certificate(*client, "/link/enrol", enrolment(text), key);
  if (enrolled) {
    log_.info("enrolled", {{"service", to_text(service_)}});
    return enrolled;
  }
  Error error = enrolled.error();
  if (error.kind == ErrorKind::unauthorized || error.kind == ErrorKind::forbidden) {
    error.message = fmt::format("the control plane refuses the enrolment secret of {}: {}",
                                options_.secret, error.message);
    error.remedy = "restart the pod, so that the init container writes a fresh one";
  }
  return std::unexpected(std::move(error));
}

Status Identity::renew() {
  Secret key;
  {
    const std::scoped_lock lock(mutex_);
    key = identity_->key;
  }
  TRY(auto client, connect());
  Status renewed = request_certificate(*client, "/link/renew", wire::Json::object(), key);
  if (renewed) {
    log_.info("renewed the link's certificate");
  }
  return renewed;
}

Status Identity::request_certificate(net::HttpClient& client, const std::string& path,
                                     wire::Json body, const Secret& key) {
  TRY(const auto request, net::make_signing_request(key, std::string(to_text(service_))));
  body["request"] = request;
  TRY(const auto answer,
      client.send({.method = "POST", .path = path, .headers = kHeaders, .body = body.dump()}));
  if (answer.status != 200 && answer.status != 201) {
    return std::unexpected(wire::error_from_problem(answer.status, answer.body));
  }
  const wire::Json value = wire::Json::parse(answer.body, nullptr, false);
  if (!value.is_object() || !value.contains("certificate") || !value["certificate"].is_string()) {
    return fail(ErrorKind::internal, "bad_message",
                fmt::format("the answer to {} has no certificate", path));
  }
  const std::scoped_lock lock(mutex_);
  Status kept = files_.make_dirs(options_.folder, 0700);
  if (kept) {
    kept = files_.write_atomic(options_.folder + "/key.pem", key.reveal(), 0600);
  }
  if (kept) {
    kept = files_.write_atomic(options_.folder + "/certificate.pem",
                               value["certificate"].get<std::string>(), 0600);
  }
  if (kept) {
    kept = load();
  }
  // its start may be dated back, for clocks that differ
  if (kept) {
    renew_at_ = clock_.now() + (expires_ - clock_.now()) / 2;
  }
  return kept;
}

Link::Link(Identity& identity, Board& board, Logger log)
    : identity_(identity), board_(board), log_(std::move(log)) {}

Result<net::HttpResponse> Link::post(const std::string& path, const wire::Json& body) {
  TRY(identity_.ensure());
  if (!client_ || generation_ != identity_.generation()) {
    generation_ = identity_.generation();
    TRY(auto client, identity_.connect());
    client_ = std::move(client);
  }
  auto answer =
      client_->send({.method = "POST", .path = path, .headers = kHeaders, .body = json_text(body)});
  if (!answer) {
    client_.reset();
    return answer;
  }
  if (answer->status == 200) {
    return answer;
  }
  if (answer->status == 401 || answer->status == 403) {
    client_.reset();
    // another CA or another store: enrol again
    identity_.forget();
  }
  return std::unexpected(wire::error_from_problem(answer->status, answer->body));
}

void Link::away(const Error& error) {
  // However it shows that nobody is there, it is one state; a refused secret is another one to
  // tell.
  const bool silent = error.code == "no_answer" || error.code == "no_connection";
  const std::string state = silent ? "silent" : error.code;
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

Status Link::report(const ApplyReport& report) {
  TRY(post("/link/report", wire::to_json(report)));
  ++board_.figures.reports;
  return {};
}

Status Link::result(const CommandResult& result) {
  TRY(post("/link/result", wire::to_json(result)));
  return {};
}

}  // namespace podplay::agent
