// A terminal shows one line that counts; a program that reads the output gets each row.
#include "cli/import_lines.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "base/print.hpp"
#include "cli/show/change.hpp"
#include "cli/show/exit_code.hpp"
#include "cli/show/table.hpp"
#include "wire/problem.hpp"

namespace podplay::cli {
namespace {

class Progress {
 public:
  explicit Progress(const Invocation& invocation)
      : world_(invocation.world),
        json_(invocation.globals.json),
        terminal_(::isatty(::fileno(invocation.world.err)) != 0) {}

  void show(const Json& line) {
    if (json_) {
      print_text(world_.out, line.dump() + "\n");
    }
    const std::string state = line.value("state", "");
    if (state == "total") {
      total_ = line;
      return;
    }
    ++rows_;
    if (state == "failed") {
      const Json problem = line.value("problem", Json::object());
      const Error error = wire::error_from_problem(problem.value("status", 400), problem.dump());
      code_ = code_ == 0 ? exit_code(error.kind) : code_;
      print_to(world_.err, "{}row {} {}: {}\n", terminal_ ? "\r" : "", member(line, "row"),
               member(line, "email"), describe(error));
    } else if (!json_) {
      print_to(world_.out, "row {}: {} {}\n", member(line, "row"),
               state == "would_be_created" ? "would create" : "created", member(line, "email"));
    }
    if (terminal_) {
      print_to(world_.err, "\r{} rows", rows_);
      std::fflush(world_.err);
    }
  }

  int finish() {
    if (terminal_) {
      print_text(world_.err, "\n");
    }
    if (!total_.is_object()) {
      print_text(
          world_.err,
          "podplay: the answer ended early; send the file again: rows that exist are refused "
          "and change nothing\n");
      return exit_code(ErrorKind::unavailable);
    }
    if (!json_) {
      print_to(world_.out, "{} created, {} failed{}\n", member(total_, "created"),
               member(total_, "failed"),
               total_.contains("applied") ? "; " + applied_text(total_) : "");
    }
    return code_;
  }

 private:
  World& world_;
  const bool json_;
  const bool terminal_;
  std::int64_t rows_ = 0;
  int code_ = 0;
  Json total_;
};

}  // namespace

int follow_import(const Invocation& invocation, Caller& caller, net::HttpRequest request) {
  Progress progress(invocation);
  const Status done =
      caller.call_lines(std::move(request), [&](const Json& line) { progress.show(line); });
  if (!done) {
    return report_error(invocation.world, done.error(), caller.request_id());
  }
  return progress.finish();
}

}  // namespace podplay::cli
