// A line of `postqueue -j` is one message as JSON. Members that are missing count as empty.
#include "daemons/queue_reading.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "base/ascii.hpp"
#include "base/child.hpp"
#include "model/mail_way.hpp"

namespace podplay::daemons {
namespace {

using namespace std::chrono;
using Json = nlohmann::json;

// Postfix's own limit of a line is below this (line_length_limit and the addresses of a message).
constexpr std::size_t kLongestLine = 4U << 20;
constexpr milliseconds kReading{20000};

std::string text_of(const Json& value, const char* name) {
  const auto found = value.is_object() ? value.find(name) : value.end();
  return found != value.end() && found->is_string() ? found->get<std::string>() : "";
}

std::set<std::string> texts_of(const Json& value, const char* name) {
  std::set<std::string> texts;
  for (const Json& text : value.value(name, Json::array())) {
    if (text.is_string()) {
      texts.insert(text.get<std::string>());
    }
  }
  return texts;
}

const Json& recipients_of(const Json& message) {
  static const Json kNone = Json::array();
  const auto found = message.find("recipients");
  return found != message.end() && found->is_array() ? *found : kNone;
}

struct Descriptor {
  int fd = -1;
  explicit Descriptor(int opened) : fd(opened) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }
  void close() {
    if (fd >= 0) {
      ::close(fd);
    }
    fd = -1;
  }
};

// Reads until the end of the stream. False when the deadline came first.
bool read_all(int fd, steady_clock::time_point deadline,
              const std::function<void(std::string_view)>& take) {
  std::string partial;
  std::array<char, 65536> buffer{};
  for (;;) {
    const auto left = duration_cast<milliseconds>(deadline - steady_clock::now()).count();
    pollfd wait{fd, POLLIN, 0};
    if (left <= 0 || (::poll(&wait, 1, static_cast<int>(left)) < 0 && errno != EINTR)) {
      return false;
    }
    const ssize_t got = wait.revents == 0 ? 0 : ::read(fd, buffer.data(), buffer.size());
    if (wait.revents == 0 || (got < 0 && errno == EINTR)) {
      continue;
    }
    if (got <= 0) {
      break;
    }
    partial.append(buffer.data(), static_cast<std::size_t>(got));
    std::size_t begin = 0;
    for (std::size_t end = partial.find('\n'); end != partial.npos;
         end = partial.find('\n', begin)) {
      take(std::string_view(partial).substr(begin, end - begin));
      begin = end + 1;
    }
    partial.erase(0, begin);
    if (partial.size() > kLongestLine) {
      partial.clear();
    }
  }
  if (!partial.empty()) {
    take(partial);
  }
  return true;
}

}  // namespace

std::string domain_of_address(std::string_view address) {
  const std::size_t at = address.rfind('@');
  return at == address.npos ? std::string() : lower(address.substr(at + 1));
}

bool is_queue_id(std::string_view text) {
  return text.size() >= 5 && text.size() <= 40 && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
         });
}

QueueFilter QueueFilter::from_json(const Json& value) {
  QueueFilter filter{.queue_ids = texts_of(value, "queue_ids"),
                     .sender = lower(text_of(value, "sender")),
                     .recipient = lower(text_of(value, "recipient")),
                     .with_details = value.value("with_details", false),
                     .domain = lower(text_of(value, "domain")),
                     .state = text_of(value, "state"),
                     .reason = lower(text_of(value, "reason"))};
  const auto before = value.find("arrived_before");
  if (before != value.end() && before->is_number_integer()) {
    filter.arrived_before = before->get<std::int64_t>();
  }
  // Without the member, nobody is limited; the control plane always sends it for a domain-admin.
  if (value.contains("domains")) {
    filter.all_domains = false;
    filter.domains = texts_of(value, "domains");
  }
  return filter;
}

bool QueueFilter::takes(const Json& message) const {
  const std::string sender_text = lower(text_of(message, "sender"));
  if (!queue_ids.empty() && !queue_ids.contains(text_of(message, "queue_id"))) {
    return false;
  }
  if (!sender.empty() && sender_text != (sender == "<>" ? "" : sender) &&
      !(sender == "<>" && sender_text == "mailer-daemon")) {
    return false;
  }
  if (!state.empty() && text_of(message, "queue_name") != state) {
    return false;
  }
  const auto arrival = message.find("arrival_time");
  if (arrived_before != 0 && (arrival == message.end() || !arrival->is_number_integer() ||
                              arrival->get<std::int64_t>() >= arrived_before)) {
    return false;
  }
  const std::string sender_domain = domain_of_address(sender_text);
  bool recipient_found = recipient.empty();
  bool domain_found = domain.empty() || sender_domain == domain;
  bool reason_found = reason.empty();
  bool own = all_domains || domains.contains(sender_domain);
  for (const Json& one : recipients_of(message)) {
    const std::string address = lower(text_of(one, "address"));
    const std::string its_domain = domain_of_address(address);
    const bool visible =
        all_domains || domains.contains(sender_domain) || domains.contains(its_domain);
    if (!visible) {
      continue;
    }
    own = true;
    recipient_found = recipient_found || address == recipient ||
                      (with_details && without_detail(address) == recipient);
    domain_found = domain_found || its_domain == domain;
    reason_found =
        reason_found || lower(text_of(one, "delay_reason")).find(reason) != std::string::npos;
  }
  return own && recipient_found && domain_found && reason_found;
}

bool QueueFilter::is_theirs(const Json& message) const {
  if (all_domains || domains.contains(domain_of_address(text_of(message, "sender")))) {
    return true;
  }
  return std::ranges::all_of(recipients_of(message), [&](const Json& one) {
    return domains.contains(domain_of_address(text_of(one, "address")));
  });
}

void QueueFilter::hide_others(Json& message) const {
  if (all_domains || domains.contains(domain_of_address(text_of(message, "sender")))) {
    return;
  }
  Json seen = Json::array();
  for (const Json& one : recipients_of(message)) {
    if (domains.contains(domain_of_address(text_of(one, "address")))) {
      seen.push_back(one);
    }
  }
  message["recipients"] = std::move(seen);
}

Status read_lines(Runner& runner, const std::vector<std::string>& argv, milliseconds deadline,
                  const std::function<void(std::string_view)>& take) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return fail(ErrorKind::io, "pipe",
                fmt::format("cannot make a pipe for {}: {}", argv.front(), std::strerror(errno)));
  }
  const Descriptor read_end(ends[0]);
  Descriptor write_end(ends[1]);
  const std::shared_ptr<Reaper> given = runner.reaper();
  const std::shared_ptr<Reaper> reaper = given ? given : make_own_reaper();
  const auto until = steady_clock::now() + deadline;
  const ChildSpec child{.argv = argv, .output = write_end.fd};
  TRY(const pid_t pid, reaper->start([&child] { return start_child(child); }));
  write_end.close();
  const bool in_time = read_all(read_end.fd, until, take);
  std::optional<int> status = reaper->wait(pid, in_time ? until : steady_clock::now());
  for (const int signal : {SIGTERM, SIGKILL}) {
    if (!status) {
      ::kill(pid, signal);
      status = reaper->wait(pid, steady_clock::now() + 2s);
    }
  }
  if (!in_time) {
    return fail(ErrorKind::timeout, "command_timeout",
                fmt::format("{} has not ended after {} s", argv.front(), deadline.count() / 1000));
  }
  if (!status || *status != 0) {
    return fail(ErrorKind::io, "command_failed",
                fmt::format("{} failed (wait status {})", argv.front(), status.value_or(-1)),
                "look at the log of postfix");
  }
  return {};
}

Status read_queue(Runner& runner, const std::vector<std::string>& lister,
                  const std::function<void(Json&&)>& take) {
  return read_lines(runner, lister, kReading, [&](std::string_view line) {
    Json message = Json::parse(line, nullptr, false);
    if (message.is_object() && is_queue_id(text_of(message, "queue_id"))) {
      take(std::move(message));
    }
  });
}

}  // namespace podplay::daemons
