// Sets up an authenticator app in one go: the QR code goes to the terminal, the app's code comes
// back from it. Without a terminal, `podplay factors confirm-totp` finishes it.
#include <unistd.h>

#include "base/print.hpp"
#include "cli/caller.hpp"
#include "cli/invocation.hpp"
#include "cli/show/exit_code.hpp"

namespace podplay::cli {
namespace {

void show_codes(World& world, const Json& codes) {
  if (codes.empty()) {
    return;
  }
  print_text(
      world.out,
      "\nEach of these codes stands in once when the app is lost. They are shown only now:\n");
  for (const Json& code : codes) {
    print_to(world.out, "  {}\n", code.get<std::string>());
  }
}

}  // namespace

int run_totp(const Invocation& invocation) {
  World& world = invocation.world;
  auto caller = make_caller(world, invocation.globals);
  if (!caller) {
    return report_error(world, caller.error());
  }
  Json body = Json::object();
  for (const OptionRow& row : invocation.options.rows()) {
    auto value = invocation.options.value(world, row);
    if (!value) {
      return report_error(world, value.error());
    }
    if (!value->is_null()) {
      body[std::string(row.name)] = std::move(*value);
    }
  }
  const auto begun = caller->call({.method = "POST", .path = "/api/totp", .body = body.dump()});
  if (!begun) {
    return report_error(world, begun.error(), caller->request_id());
  }
  if (invocation.globals.json) {
    print_to(world.out, "{}\n", begun->dump(2));
    return 0;
  }
  print_to(world.out, "{}\nScan it with the app, or type the secret: {}\n",
           begun->value("qr_text", ""), begun->value("secret", ""));
  if (::isatty(::fileno(world.in)) == 0) {
    print_text(world.out, "Then: podplay factors confirm-totp CODE\n");
    return 0;
  }
  std::fputs("The code that the app shows: ", world.err);
  const auto code = read_line(world.in);
  if (!code) {
    return report_error(world, code.error());
  }
  const auto added = caller->call(
      {.method = "POST", .path = "/api/totp/confirm", .body = Json{{"code", *code}}.dump()});
  if (!added) {
    return report_error(world, added.error(), caller->request_id());
  }
  print_to(world.out, "the authenticator app of {} is set up\n", added->value("email", ""));
  show_codes(world, added->value("recovery_codes", Json::array()));
  return 0;
}

}  // namespace podplay::cli
