// Runs a row of the table that is one HTTP call: builds the request from the options, sends it,
// shows the answer and turns it into an exit code.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>

#include "base/print.hpp"
#include "cli/caller.hpp"
#include "cli/follow.hpp"
#include "cli/import_lines.hpp"
#include "cli/invocation.hpp"
#include "cli/log_command.hpp"
#include "cli/show/answers.hpp"
#include "cli/show/certificates.hpp"
#include "cli/show/change.hpp"
#include "cli/show/diag.hpp"
#include "cli/show/exit_code.hpp"
#include "cli/show/option_words.hpp"
#include "cli/show/table.hpp"
#include "cli/show/trace.hpp"

namespace podplay::cli {
namespace {

// Seconds that a job is followed at least, if it takes so long.
constexpr int kLongestJob = 600;

// The seconds that are sent as ?wait=; with 0, none are sent.
int seconds_to_wait(Wait wait, int asked) {
  switch (wait) {
    case Wait::no: return 0;
    case Wait::yes: return asked;
    case Wait::at_least_a_minute: return asked > 0 ? std::max(asked, 60) : 0;
  }
  return 0;
}

void fill_path(std::string& path, std::string_view value) {
  const auto open = path.find('{');
  path.replace(open, path.find('}') - open + 1, net::url_encode(value));
}

// A query says 1 and 0 for true and false, and separates the parts of a list by commas.
std::string query_text(const Json& value) {
  if (value.is_array()) {
    return fmt::format("{}", fmt::join(value.get<std::vector<std::string>>(), ","));
  }
  if (value.is_boolean()) {
    return value.get<bool>() ? "1" : "0";
  }
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string rows_type(std::string_view file) {
  if (file.ends_with(".csv")) {
    return "text/csv";
  }
  const bool yaml = file.ends_with(".yaml") || file.ends_with(".yml");
  return yaml ? "application/yaml" : "application/x-ndjson";
}

Result<net::HttpRequest> build_request(const Invocation& invocation) {
  const CommandRow& row = invocation.row;
  net::HttpRequest request;
  request.method = row.method;
  request.path = row.path;
  Json body = Json::object();
  bool has_body = false;
  for (const OptionRow& option : row.options) {
    TRY(auto value, invocation.options.value(invocation.world, option));
    has_body = has_body || option.place == Place::body;
    if (value.is_null() && option.place == Place::path) {
      return fail(ErrorKind::invalid, "missing", fmt::format("{} is empty", option.flag),
                  std::string(option.help));
    }
    if (value.is_null()) {
      continue;
    }
    const std::string name(option.name);
    const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    switch (option.place) {
      case Place::body: body[name] = std::move(value); break;
      case Place::query: request.query[name] = query_text(value); break;
      case Place::path: fill_path(request.path, text); break;
      case Place::rows_body:
        request.body = text;
        request.headers["Content-Type"] = rows_type(invocation.options.text(option.flag));
        break;
      case Place::local: break;
    }
  }
  for (const char* name : {"since", "until"}) {
    if (const auto time = request.query.find(name); time != request.query.end()) {
      time->second = time_before(time->second, invocation.world.clock.now());
    }
  }
  if (has_body) {
    request.body = body.dump();
  }
  if (const int wait = seconds_to_wait(row.wait, invocation.globals.wait); wait > 0) {
    request.query["wait"] = std::to_string(wait);
  }
  if (row.only_tries || (invocation.globals.dry_run && row.dry_run)) {
    request.query["dry_run"] = "1";
  }
  return request;
}

std::string sentence_text(const CommandRow& row, const Json& answer) {
  if (!answer.value("changed", true)) {
    return fmt::format("nothing to change: it is so since revision {}\n",
                       member(answer, "revision"));
  }
  std::string text = fill_sentence(row.done, answer);
  if (answer.contains("revision")) {
    text += "; " + applied_text(answer);
  }
  return text + "\n";
}

std::string job_sentence(const CommandRow& row, const Json& answer) {
  const std::string text = fill_sentence(row.done, answer);
  return answer.contains("job") ? fmt::format("{}; job {}\n", text, member(answer["job"], "id"))
                                : text + "\n";
}

std::string text_for_people(const CommandRow& row, const Json& answer) {
  if (row.output == Output::queue_done) {
    return queue_done_text(row.done, answer);
  }
  if (answer.value("dry_run", false)) {
    return answer.contains("findings") ? findings_text(answer) : dry_run_text(answer);
  }
  switch (row.output) {
    case Output::table: return table(answer.value("items", Json::array()), row.columns);
    case Output::sentence: return sentence_text(row, answer);
    case Output::job: return job_sentence(row, answer);
    case Output::certificate: return certificate_text(answer);
    case Output::status: return status_text(answer);
    case Output::queue: return queue_text(answer);
    case Output::verdict: return verdict_text(answer);
    case Output::diag: return diag_text(answer);
    case Output::logs:
    case Output::trace: return trace_text(answer);
    case Output::queue_done:
    case Output::object:
    case Output::own: break;
  }
  return object_lines(answer);
}

// Of a change: what is done as asked, but may not be what was meant.
void print_warnings(World& world, const Json& answer) {
  const Json object = answer.value("dry_run", false) ? answer.value("object", Json()) : answer;
  if (!object.is_object()) {
    return;
  }
  for (const Json& warning : object.value("warnings", Json::array())) {
    std::fprintf(world.err, "warning: %s\n", warning.get<std::string>().c_str());
  }
}

// The rows go to standard output, for other programs too; that there are more is for the person.
void show(World& world, const Invocation& invocation, const Json& answer) {
  if (invocation.globals.json) {
    print_text(world.out, answer.dump(2) + "\n");
    return;
  }
  print_text(world.out, text_for_people(invocation.row, answer));
  const auto next = answer.find("next");
  if (next != answer.end() && next->is_string()) {
    std::fflush(world.out);
    print_to(world.err, "more: --cursor {}\n", next->get<std::string>());
  }
}

// A password that the server missed, from a prompt on a terminal; null when there is none to ask.
Result<Json> missed_password(const Invocation& invocation, const Error& error, std::string& field) {
  const bool missing = error.code == "missing" && error.faults.size() == 1;
  const bool old_login = error.code == "proof_needed";
  if ((!missing && !old_login) || ::isatty(::fileno(invocation.world.in)) == 0) {
    return Json();
  }
  field = old_login ? "current_password" : error.faults.front().field;
  const auto option = std::ranges::find_if(invocation.row.options, [&](const OptionRow& row) {
    return row.kind == OptionKind::password && row.name == field;
  });
  if (option == invocation.row.options.end()) {
    return Json();
  }
  TRY(const auto answer, ask_password(invocation.world, "Current password: "));
  return Json(answer.reveal());
}

// Sends the request, and once more with a password that the server missed.
Result<Json> send(const Invocation& invocation, Caller& caller, net::HttpRequest request) {
  auto answer = caller.call(request);
  if (answer) {
    return answer;
  }
  std::string field;
  TRY(auto password, missed_password(invocation, answer.error(), field));
  if (password.is_null()) {
    return answer;
  }
  Json body = Json::parse(request.body);
  body[field] = std::move(password);
  request.body = body.dump();
  return caller.call(std::move(request));
}

// Whether the answer's job is followed.
bool has_job_to_follow(const Invocation& invocation, const Json& answer) {
  return invocation.row.output == Output::job && invocation.globals.wait > 0 &&
         answer.contains("job");
}

// Shows the answer and follows its job. A program gets one JSON, in which the job has ended.
int show_with_job(const Invocation& invocation, Caller& caller, Json answer) {
  const Globals& globals = invocation.globals;
  if (!globals.json) {
    show(invocation.world, invocation, answer);
    print_warnings(invocation.world, answer);
    std::fflush(invocation.world.out);
  }
  const std::chrono::seconds longest(std::max(globals.wait, kLongestJob));
  auto followed = follow_job(invocation.world, caller, answer["job"], longest, globals.json);
  if (globals.json) {
    answer["job"] = std::move(followed.job);
    show(invocation.world, invocation, answer);
  }
  return followed.exit_code;
}

}  // namespace

int run_api_command(const Invocation& invocation) {
  World& world = invocation.world;
  auto request = build_request(invocation);
  if (!request) {
    return report_error(world, request.error());
  }
  auto caller = make_caller(world, invocation.globals);
  if (!caller) {
    return report_error(world, caller.error());
  }
  if (request->query.contains("partial")) {
    return follow_import(invocation, *caller, std::move(*request));
  }
  if (invocation.row.output == Output::logs) {
    return show_logs(invocation, *caller, std::move(*request));
  }
  const auto answer = send(invocation, *caller, std::move(*request));
  if (!answer) {
    if (invocation.globals.json && caller->problem()) {
      print_text(world.out, caller->problem()->dump(2) + "\n");
    }
    return report_error(world, in_option_words(answer.error(), invocation.row),
                        caller->request_id());
  }
  if (has_job_to_follow(invocation, *answer)) {
    return show_with_job(invocation, *caller, *answer);
  }
  show(world, invocation, *answer);
  print_warnings(world, *answer);
  return outcome_code(*answer);
}

}  // namespace podplay::cli
