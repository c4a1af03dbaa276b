// Each handler is one call of control/journeys. A download is read piece by piece, so a large one
// takes no memory; few may run at once, since each occupies a thread.
#include "api/account.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <memory>

#include "api/answers.hpp"
#include "control/journeys/deletion.hpp"
#include "control/journeys/export.hpp"
#include "control/journeys/own_account.hpp"
#include "wire/journeys.hpp"
#include "wire/users.hpp"

namespace podplay::api {
namespace {

constexpr int kMostDownloads = 8;
constexpr std::chrono::seconds kDownloadRetry{30};
constexpr std::size_t kPiece = 256U << 10;

std::optional<Secret> proof_of(const Request& request) {
  auto text = wire::optional_text(request.body, "current_password");
  if (!text) {
    return std::nullopt;
  }
  return Secret(std::move(*text));
}

Json account_json(const control::OwnAccount& account) {
  const Json user = wire::to_json(account.user);
  Json body;
  for (const char* name :
       {"id", "email", "username", "domain", "role", "quota", "services", "created"}) {
    body[name] = user.at(name);
  }
  body["language"] = account.language;
  body["recovery_address"] = account.recovery_address;
  body["recovery_change"] = nullptr;
  if (const auto& change = account.recovery_change) {
    body["recovery_change"] = {{"address", change->address},
                               {"new_confirmed", change->new_confirmed},
                               {"old_confirmed", change->old_confirmed},
                               {"expires", to_rfc3339(change->expires)}};
  }
  return body;
}

Json export_json(const Request& request, const std::optional<Export>& copy) {
  if (copy) {
    return wire::to_json(*copy, control::export_name(request.actor.email(), *copy));
  }
  return {{"state", "none"}, {"percent", 0},       {"words", ""},       {"bytes", 0},
          {"file", ""},      {"created", nullptr}, {"expires", nullptr}};
}

// One download under way.
class Download {
 public:
  static std::shared_ptr<Download> begin(const std::string& path) {
    if (++running() > kMostDownloads) {
      --running();
      return nullptr;
    }
    return std::shared_ptr<Download>(new Download(path));
  }
  ~Download() {
    --running();
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }
  Download(const Download&) = delete;
  Download& operator=(const Download&) = delete;

  bool is_open() const { return fd_ >= 0; }
  Result<std::string> next() {
    std::string piece(kPiece, '\0');
    const ssize_t count = ::read(fd_, piece.data(), piece.size());
    if (count < 0) {
      return fail(ErrorKind::io, "export_file",
                  fmt::format("the copy cannot be read: {}", std::strerror(errno)));
    }
    piece.resize(static_cast<std::size_t>(count));
    return piece;
  }

 private:
  explicit Download(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  // In this program.
  static std::atomic<int>& running() {
    static std::atomic<int> count{0};
    return count;
  }

  const int fd_;
};

}  // namespace

Result<Answer> get_account(control::Context& context, Request& request) {
  TRY(const auto account, control::get_own_account(context, request.actor));
  return Answer{.body = account_json(account)};
}

Result<Answer> update_account(control::Context& context, Request& request) {
  const auto language = wire::optional_text(request.body, "language");
  if (!language) {
    return get_account(context, request);
  }
  TRY(const auto account, control::set_own_language(context, request.actor, *language));
  return Answer{.body = account_json(account)};
}

Result<Answer> change_recovery_address(control::Context& context, Request& request) {
  // A merge patch may leave it out.
  if (!request.body.contains("address")) {
    return fail_faults({{.field = "address",
                         .code = "missing",
                         .message = "the address is missing",
                         .remedy = "give one, or an empty text for none"}});
  }
  TRY(const auto asked,
      control::change_recovery_address(context, request.actor,
                                       wire::text_or(request.body, "address"), proof_of(request)));
  return Answer{.body = {{"address", asked.address},
                         {"waits_for", asked.waits_for},
                         {"expires", to_rfc3339(asked.expires)}}};
}

Result<Answer> start_export(control::Context& context, Request& request) {
  TRY(const auto copy, control::start_export(context, request.actor, proof_of(request)));
  return Answer{.body = export_json(request, copy)};
}

Result<Answer> get_export(control::Context& context, Request& request) {
  TRY(const auto copy, control::get_export(context, request.actor));
  return Answer{.body = export_json(request, copy)};
}

Result<Answer> download_export(control::Context& context, Request& request) {
  TRY(auto file, control::find_export_file(context, request.actor));
  const auto download = Download::begin(file.path);
  if (!download) {
    Error error{.kind = ErrorKind::unavailable,
                .code = "too_many_downloads",
                .message = fmt::format("{} downloads are under way already", kMostDownloads),
                .remedy = "try again in a moment"};
    error.retry_after = kDownloadRetry;
    return std::unexpected(std::move(error));
  }
  if (!download->is_open()) {
    return fail(ErrorKind::not_found, "export_missing", "the copy of your data is not there",
                "ask for a new one with POST /api/account/export");
  }
  return Answer{.media_type = "application/x-tar",
                .pieces = [download] { return download->next(); },
                .length = static_cast<std::size_t>(file.bytes),
                .file_name = std::move(file.name)};
}

Result<Answer> delete_own_account(control::Context& context, Request& request) {
  return write_answer<Deletion>(
      context, request,
      control::delete_own_account(context, request.actor, proof_of(request), request.options),
      [](const Deletion& one) { return wire::to_json(one); });
}

Result<Answer> list_deletions(control::Context& context, Request& request) {
  TRY(const auto page, read_page(request));
  TRY(const auto found,
      control::list_deletions(context, request.actor, page.domain, page.after, page.limit));
  return page_answer<Deletion>(
      found, page, [](const Deletion& one) { return wire::to_json(one); },
      [](const Deletion& one) { return one.user_id; });
}

Result<Answer> restore_account(control::Context& context, Request& request) {
  return write_answer(
      context, request,
      control::restore_account(context, request.actor, request.parameter, request.options));
}

}  // namespace podplay::api
