// All commands of the command line, in one table. A row is either one HTTP call (method and path)
// or a function (run). Parsing, help, completion and the tests walk the table.
#pragma once

#include <span>
#include <string_view>

#include "cli/options.hpp"

namespace podplay::cli {

struct Invocation;

// How an answer of the API is shown to people; with --json every command prints the JSON itself.
enum class Output {
  // "name  value", a line for each member.
  object,
  // The members named by `columns` of each of the answer's `items`.
  table,
  // The sentence `done`, and for a change which services have applied it.
  sentence,
  // The sentence `done`; then the steps of the answer's job as they come, until the job has ended.
  // The exit code is that of the job. With --no-wait, the sentence only.
  job,
  // A certificate with its orders and the steps of the newest one.
  certificate,
  // Services with their daemons and probes.
  status,
  // Lines of logs; with ?follow=1, those that come.
  logs,
  // A line for each recipient whose mail waits.
  queue,
  // The sentence `done`, and a line for each recipient of the messages that were touched; of a dry
  // run, of those that would be.
  queue_done,
  // Of one message its timeline, of several a line each with what became of it.
  trace,
  // Whether the audit is whole, and a line for each event that is not as it was written.
  verdict,
  // What a service looks like from the inside, a table for each look.
  diag,
  // The command's function writes its own text.
  own,
};

// Whether --wait is sent, so that the API answers once the services have settled a revision.
enum class Wait {
  // The call changes nothing that services apply, or acts at once.
  no,
  // --wait seconds.
  yes,
  // --wait seconds, but not less than a minute: the change may be a large one.
  at_least_a_minute,
};

struct CommandRow {
  // "users" of "users list", "mail deleted" of "mail deleted list"; empty when the verb stands
  // alone.
  std::string_view noun{};
  std::string_view verb{};
  // One line that says what the user gets.
  std::string_view help{};
  // The HTTP call; both are empty when `run` is set.
  std::string_view method{};
  std::string_view path{};
  // The function that runs instead of one HTTP call. Returns the exit code.
  int (*run)(const Invocation&) = nullptr;
  std::span<const OptionRow> options{};
  Output output = Output::object;
  // The columns of Output::table.
  std::span<const std::string_view> columns{};
  // The sentence of Output::sentence and Output::job: "created user {email}", with members of the
  // answer.
  std::string_view done{};
  Wait wait = Wait::no;
  // Accepts --dry-run. A reading call accepts it as well, since it changes nothing anyway.
  bool dry_run = false;
  // Always sends ?dry_run=1.
  bool only_tries = false;
  // All words after the verb belong to the program that the command calls.
  bool passes_words_on = false;
};

std::span<const CommandRow> commands();

// What the commands of a noun are about.
struct NounRow {
  std::string_view noun;
  std::string_view help;
};
std::span<const NounRow> nouns();

// "users list", or only the verb.
std::string command_words(const CommandRow& row);

}  // namespace podplay::cli
