// A member that an agent of another version did not send shows as nothing.
#include "cli/show/diag.hpp"

#include <fmt/format.h>

#include <span>

#include "cli/show/table.hpp"

namespace podplay::cli {
namespace {

using Column = std::string_view;

std::string room(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number() ? size_text(found->get<std::int64_t>()) : "";
}

// The items with some of their members as people read them.
std::string sized_table(Json items, std::initializer_list<const char*> sizes,
                        std::span<const Column> columns) {
  for (Json& item : items) {
    for (const char* name : sizes) {
      item[name] = item.value(name, std::int64_t{0}) == 0 ? "0" : room(item, name);
    }
  }
  return table(items, columns);
}

std::string memory_line(const Json& look) {
  if (!look.contains("memory_used")) {
    return {};
  }
  return fmt::format("container: {} of {} used; killed for lack of memory: {}\n",
                     room(look, "memory_used"), room(look, "memory_limit"),
                     member(look, "oom_kills"));
}

std::string processes_text(const Json& look) {
  static constexpr Column kColumns[] = {"pid",  "user",   "state", "cpu",
                                        "time", "memory", "files", "command"};
  Json rows = look.value("processes", Json::array());
  for (Json& row : rows) {
    const auto depth = static_cast<std::size_t>(row.value("depth", 0));
    row["command"] = std::string(2 * depth, ' ') + member(row, "command");
    row["cpu"] = fmt::format("{:.1f}%", row.value("cpu_permille", 0) / 10.0);
    row["time"] = fmt::format("{:.1f}s", row.value("cpu_ms", 0) / 1000.0);
  }
  return sized_table(std::move(rows), {"memory"}, kColumns) + memory_line(look);
}

std::string sockets_text(const Json& look) {
  static constexpr Column kPorts[] = {"protocol", "address", "port",   "pid",
                                      "process",  "uid",     "waiting"};
  static constexpr Column kPaths[] = {"path", "kind", "pid", "process"};
  return table(look.value("ports", Json::array()), kPorts) + "\n" +
         table(look.value("paths", Json::array()), kPaths);
}

std::string files_text(const Json& look) {
  static constexpr Column kCounts[] = {"pid",   "process", "user",  "open",   "limit",
                                       "files", "sockets", "pipes", "others", "readable"};
  static constexpr Column kNames[] = {"pid", "process", "fd", "path"};
  std::string text = table(look.value("processes", Json::array()), kCounts) + "\n" +
                     table(look.value("names", Json::array()), kNames);
  if (look.value("left_out", 0) > 0) {
    text += fmt::format("... and {} more\n", member(look, "left_out"));
  }
  return text;
}

std::string limits_text(const Json& look) {
  static constexpr Column kColumns[] = {"pid", "process", "limit", "soft", "hard", "unit"};
  return table(look.value("limits", Json::array()), kColumns) + memory_line(look);
}

std::string mounts_text(const Json& look) {
  static constexpr Column kColumns[] = {"path",        "kind",       "total",   "free",
                                        "total_files", "free_files", "options", "source"};
  return sized_table(look.value("mounts", Json::array()), {"total", "free"}, kColumns);
}

std::string dns_text(const Json& look) {
  std::string text;
  for (const Json& row : look.value("questions", Json::array())) {
    const std::string error = member(row, "error");
    text += fmt::format("{} {} @{}:{}  {}{}{}  {} ms\n", member(row, "name"), member(row, "type"),
                        member(row, "server"), member(row, "port"),
                        error.empty() ? member(row, "rcode") : error,
                        row.value("authoritative", false) ? " authoritative" : "",
                        row.value("recursive", false) ? " recursive" : "", member(row, "ms"));
    for (const Json& answer : row.value("answers", Json::array())) {
      text += fmt::format("  {}\n", answer.get<std::string>());
    }
  }
  return text;
}

std::string indented(std::string_view text, std::string_view before) {
  std::string lines;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    lines += fmt::format("{}{}\n", before, line);
  }
  return lines;
}

std::string dialogues_text(const Json& look) {
  std::string text;
  for (const Json& dialogue : look.value("dialogues", Json::array())) {
    text += fmt::format("port {}: {}  {} ms\n", member(dialogue, "port"),
                        dialogue.value("ok", false) ? "ok" : member(dialogue, "error"),
                        member(dialogue, "ms"));
    for (const Json& step : dialogue.value("steps", Json::array())) {
      if (const std::string sent = member(step, "sent"); !sent.empty()) {
        text += fmt::format("  > {}\n", sent);
      }
      text += indented(member(step, "answer"), "  < ");
      text += fmt::format("    {} ms\n", member(step, "ms"));
    }
  }
  return text;
}

std::string tls_text(const Json& look) {
  std::string text;
  for (const Json& port : look.value("ports", Json::array())) {
    text += fmt::format(
        "port {} ({}{}) as {}: {}  {} ms\n", member(port, "port"), member(port, "protocol"),
        port.value("starttls", false) ? ", STARTTLS" : "", member(port, "server_name"),
        port.value("ok", false) ? member(port, "version") + " " + member(port, "cipher")
                                : member(port, "error"),
        member(port, "ms"));
    for (const Json& one : port.value("chain", Json::array())) {
      text +=
          fmt::format("  {} signed by {}, {}, until {} ({} days)\n    names {}\n    SHA-256 {}\n",
                      member(one, "subject"), member(one, "issuer"), member(one, "key"),
                      member(one, "not_after"), member(one, "days_left"), member(one, "names"),
                      member(one, "fingerprint"));
    }
  }
  return text;
}

std::string configuration_text(const Json& look) {
  std::string text;
  for (const Json& file : look.value("files", Json::array())) {
    text +=
        fmt::format("--- {} ({} bytes{})\n{}\n", member(file, "path"), member(file, "bytes"),
                    file.value("cut", false) ? ", only the beginning" : "", file.value("text", ""));
  }
  return text;
}

struct LookText {
  const char* name;
  std::string (*text)(const Json& look);
};
constexpr LookText kLookTexts[] = {
    {"processes", processes_text},
    {"sockets", sockets_text},
    {"files", files_text},
    {"limits", limits_text},
    {"mounts", mounts_text},
    {"dns", dns_text},
    {"smtp", dialogues_text},
    {"imap", dialogues_text},
    {"tls", tls_text},
    {"configuration", configuration_text},
};

}  // namespace

std::string diag_text(const Json& diag) {
  std::string text;
  for (const LookText& row : kLookTexts) {
    const auto look = diag.find(row.name);
    if (look == diag.end()) {
      continue;
    }
    text +=
        fmt::format("{}== {} {}\n", text.empty() ? "" : "\n", member(diag, "service"), row.name);
    text += row.text(*look);
    for (const char* words : {"note", "error"}) {
      if (const std::string said = member(*look, words); !said.empty()) {
        text += fmt::format("{}: {}\n", words, said);
      }
    }
  }
  return text;
}

}  // namespace podplay::cli
