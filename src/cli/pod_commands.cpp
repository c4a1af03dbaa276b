// The commands that drive the pod on this host. src/pod does the work, so they are thin. All but
// `where` need podman.
#include "cli/pod_commands.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "base/print.hpp"
#include "cli/invocation.hpp"
#include "cli/show/exit_code.hpp"
#include "cli/sudo.hpp"
#include "model/settings.hpp"

namespace podplay::cli {
namespace {

// Runs `work` with a Lifecycle, and reports its failure.
template <class Work>
int with_lifecycle(const Invocation& invocation, Work work) {
  const auto settings = effective_settings(invocation.world.environment);
  if (!settings) {
    return report_error(invocation.world, settings.error());
  }
  const Status done = work(pod_lifecycle(invocation.world, *settings));
  return done ? 0 : report_error(invocation.world, done.error());
}

// True when the pod belongs to root, but an ordinary user called this program.
bool under_sudo(const World& world) {
  return ::geteuid() == 0 && uid_of_sudo(world.environment).value_or(0) != 0;
}

}  // namespace

pod::Lifecycle pod_lifecycle(World& world, const Settings& settings) {
  return {.settings = settings,
          .files = world.files,
          .runner = world.runner,
          .clock = world.clock,
          .out = world.out,
          .terminal = ::isatty(::fileno(world.out)) != 0,
          .program = world.program,
          .under_sudo = under_sudo(world)};
}

int run_up(const Invocation& invocation) {
  return with_lifecycle(invocation, [&](const pod::Lifecycle& lifecycle) {
    return pod::run_up(lifecycle, {.replace = invocation.options.flag("--replace"),
                                   .dry_run = invocation.globals.dry_run});
  });
}

int run_down(const Invocation& invocation) {
  return with_lifecycle(invocation, [&](const pod::Lifecycle& lifecycle) {
    return pod::run_down(lifecycle, invocation.globals.dry_run);
  });
}

int run_wait(const Invocation& invocation) { return with_lifecycle(invocation, pod::run_wait); }

int run_podman(const Invocation& invocation) {
  const auto settings = effective_settings(invocation.world.environment);
  if (!settings) {
    return report_error(invocation.world, settings.error());
  }
  return pod::run_podman(pod_lifecycle(invocation.world, *settings), invocation.words);
}

int run_where(const Invocation& invocation) {
  World& world = invocation.world;
  const auto settings = effective_settings(world.environment);
  if (!settings) {
    return report_error(world, settings.error());
  }
  const std::string& name = settings->text("PODPLAY_HOST_NAME");
  const std::string& address = settings->text("PODPLAY_HOST_ADDRESS");
  // 0.0.0.0 is no address that a browser can open, so the server's name is shown.
  const std::string& host = address == "0.0.0.0" ? name : address;
  const auto at = [&](Settings::Integer port) {
    return fmt::format("{}:{}", host, settings->integer(port));
  };
  const std::string https = at("PODPLAY_HOST_HTTPS_PORT");
  std::FILE* out = world.out;
  print_to(out, "web         https://{}/  (host name {}; http://{} redirects)\n", https, name,
           at("PODPLAY_HOST_HTTP_PORT"));
  print_to(out, "pages       {}/  (log in, set up mail, administrate)\n",
           settings->text("PODPLAY_PUBLIC_URL"));
  print_to(out, "API         {}/api, and https://{}/api\n", settings->text("PODPLAY_URL"), https);
  print_to(out, "DNS         {}, UDP and TCP\n", at("PODPLAY_HOST_DNS_PORT"));
  print_to(out, "SMTP        {}; submission {} (STARTTLS), {} (TLS)\n",
           at("PODPLAY_HOST_SMTP_PORT"), at("PODPLAY_HOST_SUBMISSION_PORT"),
           at("PODPLAY_HOST_SMTPS_PORT"));
  print_to(out, "IMAP        {} (STARTTLS), {} (TLS)\n", at("PODPLAY_HOST_IMAP_PORT"),
           at("PODPLAY_HOST_IMAPS_PORT"));
  print_to(out, "POP3        {} (STARTTLS), {} (TLS)\n", at("PODPLAY_HOST_POP3_PORT"),
           at("PODPLAY_HOST_POP3S_PORT"));
  print_to(out, "ManageSieve {}\n", at("PODPLAY_HOST_SIEVE_PORT"));
  print_to(out, "next        bin/podplay status\n");
  // Only the lab profile takes such a password.
  print_to(out, "            bin/podplay-auth users create --email test@{}{}\n",
           settings->text("PODPLAY_DOMAIN"),
           settings->text("PODPLAY_PROFILE") == "lab" ? " --password password123"
                                                      : "   # asks for the password");
  print_to(out, "            {}make logs S=mail\n", under_sudo(world) ? "sudo " : "");
  return 0;
}

}  // namespace podplay::cli
