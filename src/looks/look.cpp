// The table of looks. Those that talk to a daemon wait for it, so each look has a thread.
#include "looks/look.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <future>
#include <sstream>

#include "base/memory_limit.hpp"
#include "looks/rows.hpp"

namespace podplay::looks {
namespace {

// What a defect of ours or a lack of memory makes of one look.
LookJson look_safely(const LookRow& row, const LookPlace& place, const LookQuestion& question) {
  try {
    return row.look(place, question);
  } catch (const std::exception& error) {
    return {{"error", fmt::format("the look {} failed: {}", row.name, error.what())}};
  }
}

std::string text_member(const LookJson& value, const char* name) {
  const auto found = value.find(name);
  return found != value.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::vector<std::string> texts_member(const LookJson& value, const char* name) {
  std::vector<std::string> texts;
  const auto found = value.find(name);
  if (found == value.end() || !found->is_array()) {
    return texts;
  }
  for (const LookJson& one : *found) {
    if (one.is_string()) {
      texts.push_back(one.get<std::string>());
    }
  }
  return texts;
}

}  // namespace

const std::vector<LookRow>& look_rows() {
  static const std::vector<LookRow> rows{
      {"processes", "The tree of processes with CPU and memory (ps, top)", "apache bind mail api",
       look_at_processes},
      {"sockets", "Listening sockets and their owners (ss)", "apache bind mail api",
       look_at_sockets},
      {"files", "Open files (lsof)", "apache bind mail api", look_at_files},
      {"limits", "Limits of processes and of the container (ulimit)", "apache bind mail api",
       look_at_limits},
      {"mounts", "Volumes with their free space (mount, df)", "apache bind mail api",
       look_at_mounts},
      {"dns", "Answers of the pod's name server and its forwarders (dig)", "bind", look_at_dns},
      {"smtp", "A dialogue with the mail server, with times (nc)", "mail", look_at_smtp},
      {"imap", "A dialogue with the mailbox server, with times (nc)", "mail", look_at_imap},
      {"tls", "Certificate, protocol and cipher of each port (openssl s_client)", "apache mail",
       look_at_tls},
      {"configuration", "The files that the daemons read, without secrets (cat)", "",
       look_at_configuration},
  };
  return rows;
}

bool knows_look(std::string_view name) {
  return std::ranges::find(look_rows(), name, &LookRow::name) != look_rows().end();
}

std::vector<std::string> usual_looks(std::string_view service) {
  std::vector<std::string> names;
  for (const LookRow& row : look_rows()) {
    std::istringstream services{std::string(row.services)};
    for (std::string one; services >> one;) {
      if (one == service) {
        names.emplace_back(row.name);
      }
    }
  }
  return names;
}

LookJson look_at(const LookPlace& place, const LookQuestion& question) {
  const auto wanted = question.what.empty() ? usual_looks(place.service) : question.what;
  std::vector<std::pair<std::string_view, std::future<LookJson>>> looks;
  for (const LookRow& row : look_rows()) {
    if (std::ranges::find(wanted, row.name) != wanted.end()) {
      looks.emplace_back(row.name, std::async(std::launch::async, look_safely, std::cref(row),
                                              std::cref(place), std::cref(question)));
    }
  }
  LookJson seen = LookJson::object();
  for (auto& [name, look] : looks) {
    seen[std::string(name)] = look.get();
  }
  return seen;
}

LookJson question_to_json(const LookQuestion& question) {
  return {{"what", question.what},      {"name", question.name},     {"type", question.type},
          {"port", question.port},      {"domain", question.domain}, {"host", question.host},
          {"servers", question.servers}};
}

Result<LookQuestion> question_from_json(const LookJson& value) {
  if (!value.is_object()) {
    return fail(ErrorKind::invalid, "bad_message", "a look needs an object");
  }
  LookQuestion question{.what = texts_member(value, "what"),
                        .name = text_member(value, "name"),
                        .type = text_member(value, "type"),
                        .domain = text_member(value, "domain"),
                        .host = text_member(value, "host"),
                        .servers = texts_member(value, "servers")};
  if (const auto port = value.find("port"); port != value.end() && port->is_number_integer()) {
    question.port = port->get<int>();
  }
  return question;
}

void add_memory(LookJson& seen, const LookPlace& place) {
  if (const auto memory = read_memory_limit(place.root)) {
    seen["memory_used"] = memory->used_bytes;
    seen["memory_limit"] = memory->limit_bytes;
    seen["oom_kills"] = memory->oom_kills;
  }
}

}  // namespace podplay::looks
