// Key and certificate are kept in files, so that a restarted agent goes on with them. The key is
// written first: a crash in between leaves a pair that does not match; load() notices that, and the
// agent enrols again. Each kind of failure says what to do.
#include "agent/identity.hpp"

#include <fmt/format.h>

#include "wire/problem.hpp"
#include "wire/shape.hpp"

namespace podplay::agent {

using namespace std::chrono;

namespace {

// A renewal that failed is tried again after this.
constexpr seconds kRenewAgain{60};

}  // namespace

Identity::Identity(ServiceName service, LinkOptions options, Files& files, Clock& clock, Logger log)
    : service_(service),
      options_(std::move(options)),
      files_(files),
      clock_(clock),
      log_(std::move(log)) {}

std::uint64_t Identity::certificate_count() const {
  const std::scoped_lock lock(mutex_);
  return certificate_count_;
}

void Identity::forget() {
  const std::scoped_lock lock(mutex_);
  identity_.reset();
  expires_ = {};
  // The next ensure() writes a new one.
  static_cast<void>(files_.remove_tree(options_.folder + "/certificate.pem"));
}

Result<std::string> Identity::authority() const {
  auto text = files_.read(options_.authority);
  if (text) {
    return text;
  }
  return fail(ErrorKind::unavailable, "no_authority",
              fmt::format("cannot read the pod's CA certificate: {}", text.error().message),
              "the init container of podplay-api writes it; mount this agent's enrolment volume");
}

Result<std::unique_ptr<net::HttpClient>> Identity::connect() const {
  const std::scoped_lock lock(mutex_);
  TRY(auto ca, authority());
  net::HttpClientOptions options{
      .base_url = options_.url, .ca = std::move(ca), .identity = identity_};
  options.timeout = options_.timeout;
  return net::HttpClient::make(std::move(options));
}

Status Identity::ensure() {
  const std::scoped_lock one(ensuring_);
  switch (need()) {
    case Need::nothing: return {};
    case Need::certificate: return enrol();
    case Need::renewal: break;
  }
  if (const Status renewed = renew(); !renewed) {
    const std::scoped_lock lock(mutex_);
    renew_at_ = clock_.now() + kRenewAgain;
    log_.warn("the link's certificate cannot be renewed yet", {{"error", renewed.error().message}});
  }
  return {};
}

// Uses the wall clock, which is right even after the machine was suspended or the clock was set. A
// certificate that is not valid yet is as useless as one that has expired.
Identity::Need Identity::need() {
  const std::scoped_lock lock(mutex_);
  if (!identity_) {
    // A certificate of an earlier agent is fine, too. When there is none, enrol() says what is
    // wrong.
    static_cast<void>(load());
  }
  const WallTime now = clock_.now();
  ended_ = identity_ && now >= expires_ ? std::optional(expires_) : std::nullopt;
  if (!identity_ || now < begins_ || now >= expires_) {
    identity_.reset();
    return Need::certificate;
  }
  return now < renew_at_ ? Need::nothing : Need::renewal;
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
  begins_ = info.not_before;
  expires_ = info.not_after;
  renew_at_ = info.not_before + (info.not_after - info.not_before) / 2;
  ++certificate_count_;
  return {};
}

// Says which agent this is, and proves it with the secret. Without a host, the control plane takes
// its own.
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
    error.remedy = "restart the pod, so that the init container writes a new one";
    const std::scoped_lock lock(mutex_);
    if (ended_) {
      error.message = fmt::format("the certificate of the link expired at {}, and {}",
                                  to_rfc3339(*ended_), error.message);
    }
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
      client.send({.method = "POST", .path = path, .headers = kLinkHeaders, .body = body.dump()}));
  if (answer.status != 200 && answer.status != 201) {
    return std::unexpected(wire::error_from_problem(answer.status, answer.body));
  }
  const wire::Json value = wire::Json::parse(answer.body, nullptr, false);
  if (!value.is_object() || !value.contains("certificate") || !value["certificate"].is_string()) {
    return fail(ErrorKind::internal, "bad_message",
                fmt::format("the answer to {} has no certificate", path));
  }
  return keep(key, value["certificate"].get<std::string>());
}

Status Identity::keep(const Secret& key, const std::string& certificate) {
  const std::scoped_lock lock(mutex_);
  TRY(files_.make_dirs(options_.folder, 0700));
  TRY(files_.write_atomic(options_.folder + "/key.pem", key.reveal(), 0600));
  TRY(files_.write_atomic(options_.folder + "/certificate.pem", certificate, 0600));
  TRY(load());
  // The certificate may be backdated, in case clocks differ.
  renew_at_ = clock_.now() + (expires_ - clock_.now()) / 2;
  return {};
}

}  // namespace podplay::agent
