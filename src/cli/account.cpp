// The copy of the own data: asked for, waited for and saved. A registration that is pending, with
// its link where the pod shows one.
#include <fcntl.h>
#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "base/print.hpp"
#include "cli/caller.hpp"
#include "cli/invocation.hpp"
#include "cli/show/exit_code.hpp"
#include "cli/show/table.hpp"

namespace podplay::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto kAccountPause = 300ms;
// A large mailbox takes its time.
constexpr auto kLongestExport = std::chrono::hours(2);
constexpr const char* kExportPath = "/api/account/export";

Result<Json> wait_for_export(World& world, Caller& caller) {
  const SteadyTime until = world.clock.steady() + kLongestExport;
  std::int64_t shown = -1;
  for (;;) {
    TRY(const auto copy, caller.call({.method = "GET", .path = kExportPath}));
    const std::string state = copy.value("state", "");
    const std::int64_t percent = copy.value("percent", std::int64_t{0});
    if (state == "ready") {
      return copy;
    }
    // A failed one is tried again by itself, which its person need not wait for.
    if (state == "failed" || world.clock.steady() > until) {
      return fail(ErrorKind::unavailable, "export_failed",
                  fmt::format("the copy is not ready: {}", member(copy, "words")),
                  "it is tried again by itself; look with podplay account export-state");
    }
    if (percent != shown) {
      shown = percent;
      print_to(world.err, "{}: {} %\n", member(copy, "words"), percent);
    }
    world.clock.sleep(kAccountPause);
  }
}

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

Status save_export(Caller& caller, const std::string& path) {
  // Nobody else's: it is all that is kept about a person.
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  const std::unique_ptr<std::FILE, CloseFile> file(fd < 0 ? nullptr : ::fdopen(fd, "wb"));
  if (!file) {
    return fail(ErrorKind::io, "file_not_writable",
                fmt::format("{} cannot be made, or is there already", path),
                "name another one with --file");
  }
  bool written = true;
  TRY(caller.download(
      {.method = "GET", .path = std::string(kExportPath) + "/file"}, [&](std::string_view piece) {
        written = written && std::fwrite(piece.data(), 1, piece.size(), file.get()) == piece.size();
      }));
  if (!written || std::fflush(file.get()) != 0) {
    return fail(ErrorKind::io, "file_not_writable", fmt::format("{} cannot be written", path),
                "is the disk full?");
  }
  return {};
}

Result<std::string> export_account(const Invocation& invocation, Caller& caller) {
  Json body = Json::object();
  for (const OptionRow& row : invocation.options.rows()) {
    if (row.kind == OptionKind::password) {
      TRY(auto value, invocation.options.value(invocation.world, row));
      if (!value.is_null()) {
        body["current_password"] = std::move(value);
      }
    }
  }
  TRY(caller.call({.method = "POST", .path = kExportPath, .body = body.dump()}));
  TRY(const auto copy, wait_for_export(invocation.world, caller));
  const std::string& wanted = invocation.options.text("--file");
  std::string path = wanted.empty() ? member(copy, "file") : wanted;
  TRY(save_export(caller, path));
  return path;
}

}  // namespace

int run_account_export(const Invocation& invocation) {
  World& world = invocation.world;
  auto caller = make_caller(world, invocation.globals);
  if (!caller) {
    return report_error(world, caller.error());
  }
  const auto path = export_account(invocation, *caller);
  if (!path) {
    return report_error(world, path.error(), caller->request_id());
  }
  print_to(world.out, "saved {}\n", *path);
  return 0;
}

int run_get_pending(const Invocation& invocation) {
  World& world = invocation.world;
  auto caller = make_caller(world, invocation.globals);
  if (!caller) {
    return report_error(world, caller.error());
  }
  const std::string path =
      "/api/registrations/" + net::url_encode(invocation.options.text("registration"));
  auto found = caller->call({.method = "GET", .path = path});
  if (!found) {
    return report_error(world, found.error(), caller->request_id());
  }
  const auto link = caller->call({.method = "POST", .path = path + "/link"});
  if (link) {
    (*found)["link"] = link->value("url", "");
  } else if (link.error().code != "only_in_a_lab") {
    return report_error(world, link.error(), caller->request_id());
  }
  if (invocation.globals.json) {
    print_to(world.out, "{}\n", found->dump(2));
  } else {
    print_text(world.out, object_lines(*found));
  }
  return 0;
}

}  // namespace podplay::cli
