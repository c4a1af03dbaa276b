// The process that holds a port is found in a folder that looks like /proc.
#include "pod/ports.hpp"

#include <gmock/gmock.h>

#include <filesystem>

#include "pod/fake_host.hpp"

namespace podplay::pod {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

TEST(BusyPorts, NamesTheProcessThatListens) {
  const FakeRoot host;
  const std::string heading =
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
      "inode\n";
  host.write("proc/net/tcp", heading +
                                 "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 "
                                 "00:00000000 00000000     0        0 4711 1\n" +
                                 "   1: 0100007F:1F91 0100007F:1F90 01 00000000:00000000 "
                                 "00:00000000 00000000     0        0 4712 1\n");
  host.write("proc/net/udp", heading +
                                 "   0: 00000000:041D 00000000:0000 07 00000000:00000000 "
                                 "00:00000000 00000000     0        0 99 1\n");
  host.write("proc/123/cmdline", std::string("/usr/sbin/nginx\0-g\0daemon off;\0", 31));
  fs::create_directories(host.path() / "proc/123/fd");
  fs::create_symlink("socket:[4711]", host.path() / "proc/123/fd/7");

  const auto port = [](const std::string& name, const std::string& setting, int number, bool udp) {
    return PublishedPort{.container = "pod",
                         .name = name,
                         .setting = setting,
                         .address = "127.0.0.1",
                         .port = number,
                         .udp = udp};
  };
  const auto busy =
      busy_ports(host.path(), {port("http", "PODPLAY_HOST_HTTP_PORT", 8080, false),
                               port("https", "PODPLAY_HOST_HTTPS_PORT", 8081, false),
                               port("dns-udp", "PODPLAY_HOST_DNS_PORT", 1053, true),
                               port("dns-tcp", "PODPLAY_HOST_DNS_PORT", 1053, false)});
  ASSERT_EQ(busy.size(), 2U) << "8081 has only a connection, 1053 only listens over UDP";
  EXPECT_EQ(busy[0].pid, 123);
  EXPECT_THAT(describe(busy[0]), HasSubstr("nginx -g daemon off;"));
  EXPECT_THAT(describe(busy[0]), HasSubstr("port 8080"));
  EXPECT_THAT(describe(busy[0]), HasSubstr("process 123"));
  EXPECT_THAT(describe(busy[1]), HasSubstr("1053/udp"));
}

}  // namespace
}  // namespace podplay::pod
