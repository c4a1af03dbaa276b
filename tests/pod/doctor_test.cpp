// How the causes of the host and those of the pod become one list, and ports that cannot be
// reached.
#include "pod/doctor.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pod/host_causes.hpp"
#include "pod/reachable.hpp"

namespace podplay::pod {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> ids_of(const std::vector<FoundCause>& causes) {
  std::vector<std::string> ids;
  for (const FoundCause& cause : causes) {
    ids.push_back(cause.cause);
  }
  return ids;
}

FoundCause of_pod(const std::string& id, const std::string& service) {
  return {.cause = id, .service = service, .title = id, .follows = {service + " is silent"}};
}

TEST(Doctor, AnEndedContainerExplainsItsSilentAgent) {
  const HostLook look{.causes = {make_cause("container-ended", "bind", {"exit code 137"})}};
  const auto all =
      put_together(look, {of_pod("agent-down", "bind"), of_pod("daemon-stopped", "mail")}, false);
  EXPECT_THAT(ids_of(all), ElementsAre("container-ended", "daemon-stopped"));
  EXPECT_THAT(all[0].follows, ElementsAre("bind is silent"));
}

TEST(Doctor, APortIsAMatterOfTheNetworkOnlyWhenTheServicesAreWell) {
  HostLook look{.causes = {make_cause("host-port-unreachable", "ports", {"127.0.0.1:25"})}};
  EXPECT_THAT(ids_of(put_together(look, {}, true)), ElementsAre("host-port-unreachable"));
  EXPECT_THAT(put_together(look, {}, false), IsEmpty()) << "the pod only starts";
  EXPECT_THAT(ids_of(put_together(look, {of_pod("daemon-stopped", "mail")}, true)),
              ElementsAre("daemon-stopped"));
  look.cut_off = true;
  look.age = std::chrono::minutes(5);
  EXPECT_THAT(ids_of(put_together(look, {}, false)), ElementsAre("host-port-unreachable"));
}

TEST(Doctor, ASilentControlPlaneIsStartingDownHangingOrElsewhere) {
  HostLook look{.pod_exists = true, .control_plane = "running", .age = std::chrono::seconds(5)};
  const Error refused{.code = "no_connection", .message = "connection refused"};
  const Error silent{.code = "no_answer", .message = "timed out"};
  EXPECT_FALSE(silent_control_plane(look, refused)) << "it only starts";
  EXPECT_EQ(silent_control_plane(look, silent)->cause, "control-plane-hangs");
  look.age = std::chrono::minutes(5);
  EXPECT_EQ(silent_control_plane(look, silent)->cause, "control-plane-hangs");
  EXPECT_EQ(silent_control_plane(look, refused)->cause, "control-plane-unreachable")
      << "nobody is at this address";
  look.descriptors = 1000;
  look.descriptor_limit = 1024;
  EXPECT_EQ(silent_control_plane(look, silent)->cause, "control-plane-descriptors-exhausted");
  look.descriptors = 100;
  look.age = std::chrono::seconds(1);
  look.restarts = 4;
  look.last_lines = {"podplayd: there is no setting X"};
  EXPECT_EQ(silent_control_plane(look, refused)->cause, "control-plane-down");
  look.last_lines = {"podplayd: the store cannot be opened: its file is damaged"};
  const auto damaged = silent_control_plane(look, refused);
  EXPECT_EQ(damaged->cause, "store-damaged");
  EXPECT_EQ(damaged->shown, look.last_lines);
  EXPECT_EQ(silent_control_plane({}, refused)->cause, "control-plane-unreachable");
}

TEST(Doctor, AProblemOfTheApiMayNameACause) {
  EXPECT_EQ(cause_of_problem({.code = "disk_full", .message = "m"})->cause, "store-volume-full");
  EXPECT_FALSE(cause_of_problem({.code = "rate_limited"}));
}

TEST(Doctor, SettingsThatContradictAreShownWithTheirRemedies) {
  Error error;
  error.faults = {{"PODPLAY_MAIL_RELAY", "relay_missing", "it needs a relay", "set it"}};
  const auto causes = causes_of_settings(error);
  ASSERT_EQ(causes.size(), 1U);
  EXPECT_EQ(causes[0].cause, "settings-contradict");
  EXPECT_THAT(causes[0].shown, ElementsAre("PODPLAY_MAIL_RELAY: it needs a relay"));
  EXPECT_EQ(causes[0].remedy, "set it");
}

TEST(Doctor, EveryHostCauseHasItsWords) {
  for (const HostCause& row : host_causes()) {
    const FoundCause made = make_cause(row.id, "x", {"seen"});
    EXPECT_FALSE(made.title.empty()) << row.id;
    EXPECT_FALSE(made.remedy.empty()) << row.id;
    EXPECT_EQ(made.title.find("{}"), std::string::npos) << row.id;
  }
}

TEST(Reachable, OnlyThePortOnWhichNobodyListensIsNamed) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(fd, 5), 0);
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  const int port = ::ntohs(address.sin_port);
  std::vector<PublishedPort> ports{
      {.container = "mail", .name = "smtp", .address = "0.0.0.0", .port = port},
      {.container = "bind", .name = "dns", .address = "127.0.0.1", .port = 1, .udp = true}};
  EXPECT_THAT(unreachable_ports(ports), IsEmpty());
  ::close(fd);
  const auto gone = unreachable_ports(ports);
  ASSERT_EQ(gone.size(), 1U);
  EXPECT_THAT(gone[0], HasSubstr("smtp of mail): Connection refused"));
}

}  // namespace
}  // namespace podplay::pod
