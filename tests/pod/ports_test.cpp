// Who holds a port, read from a folder that looks like /proc.
#include "pod/ports.hpp"

#include <gmock/gmock.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace podplay::pod {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Folder {
 public:
  Folder() {
    std::string name = fs::temp_directory_path() / "podplay-host-XXXXXX";
    path_ = ::mkdtemp(name.data());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { fs::remove_all(path_); }
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name) << text;
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

TEST(BusyPorts, NamesTheProcessThatListens) {
  const Folder host;
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

  const auto busy = busy_ports(
      host.path(), {{"apache", "http", "PODPLAY_HOST_HTTP_PORT", "127.0.0.1", 8080, false},
                    {"apache", "https", "PODPLAY_HOST_HTTPS_PORT", "127.0.0.1", 8081, false},
                    {"bind", "dns-udp", "PODPLAY_HOST_DNS_PORT", "127.0.0.1", 1053, true},
                    {"bind", "dns-tcp", "PODPLAY_HOST_DNS_PORT", "127.0.0.1", 1053, false}});
  ASSERT_EQ(busy.size(), 2U) << "8081 has only a connection, 1053 only listens over UDP";
  EXPECT_EQ(busy[0].pid, 123);
  EXPECT_THAT(describe(busy[0]), HasSubstr("nginx -g daemon off;"));
  EXPECT_THAT(describe(busy[0]), HasSubstr("port 8080"));
  EXPECT_THAT(describe(busy[0]), HasSubstr("process 123"));
  EXPECT_THAT(describe(busy[1]), HasSubstr("1053/udp"));
}

}  // namespace
}  // namespace podplay::pod
