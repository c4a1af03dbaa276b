// The readers of /proc, cgroups and mounts, on this machine and on made files.
#include "base/process_table.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/listeners.hpp"
#include "base/memory_limit.hpp"
#include "base/test_folder.hpp"
#include "base/volume_space.hpp"

namespace podplay {
namespace {

void write(const std::string& path, const std::string& text) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path) << text;
}

TEST(ProcessTable, ThisProcessIsInIt) {
  const auto all = read_processes();
  const auto self = std::ranges::find(all, ::getpid(), &ProcessFacts::pid);
  ASSERT_NE(self, all.end());
  EXPECT_EQ(self->parent, ::getppid());
  EXPECT_GT(self->rss_bytes, 1U << 20);
  EXPECT_GT(self->fds, 2);
  EXPECT_GT(self->fd_limit, 2);
  EXPECT_FALSE(self->user.empty());
  EXPECT_NE(read_command_line(::getpid()).find("test_base"), std::string::npos);
  EXPECT_EQ(read_command_line(0), "");
}

TEST(ProcessTable, ANameMayHoldParenthesesAndBlanks) {
  test::TestFolder folder;
  write(folder.path() + "/proc/7/stat",
        "7 (a) b (c) T 1 7 7 0 -1 0 0 0 0 0 50 50 0 0 20 0 1 0 100 1000 25 0\n");
  write(folder.path() + "/proc/uptime", "11.00 5.00\n");
  const auto all = read_processes(folder.path());
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].name, "a) b (c");
  EXPECT_EQ(all[0].state, 'T');
  EXPECT_EQ(all[0].parent, 1);
  EXPECT_EQ(all[0].cpu_ms, 1000U);
  EXPECT_EQ(all[0].age_ms, 10'000U);
  EXPECT_EQ(all[0].fds, -1) << "it may not be read";
}

TEST(Listeners, ASocketIsFoundWithItsProcess) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(fd, 5), 0);
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  const int port = ::ntohs(address.sin_port);
  const auto all = read_listeners();
  const auto ours = std::ranges::find(all, port, &ListeningSocket::port);
  ASSERT_NE(ours, all.end());
  EXPECT_EQ(ours->protocol, "tcp");
  EXPECT_EQ(ours->address, "127.0.0.1");
  EXPECT_EQ(ours->pid, ::getpid());
  ::close(fd);
}

TEST(MemoryLimit, BothVersionsOfCgroupsAreRead) {
  test::TestFolder one;
  const std::string old = one.path() + "/sys/fs/cgroup/memory/";
  write(old + "memory.usage_in_bytes", "5000\n");
  write(old + "memory.limit_in_bytes", "10000\n");
  write(old + "memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n");
  write(old + "memory.stat", "cache 1000\ntotal_inactive_file 1500\n");
  const auto first = read_memory_limit(one.path());
  ASSERT_TRUE(first);
  EXPECT_EQ(first->used_bytes, 3500U);
  EXPECT_EQ(first->limit_bytes, 10'000U);
  EXPECT_EQ(first->oom_kills, 3U);

  test::TestFolder two;
  const std::string group = two.path() + "/sys/fs/cgroup/";
  write(group + "memory.current", "5000\n");
  write(group + "memory.max", "max\n");
  write(group + "memory.events", "low 0\nhigh 0\nmax 9\noom 1\noom_kill 1\n");
  write(group + "memory.stat", "anon 1\ninactive_file 1000\n");
  const auto second = read_memory_limit(two.path());
  ASSERT_TRUE(second);
  EXPECT_EQ(second->used_bytes, 4000U);
  EXPECT_EQ(second->limit_bytes, 0U);
  EXPECT_EQ(second->oom_kills, 1U);

  test::TestFolder none;
  EXPECT_FALSE(read_memory_limit(none.path()));
}

TEST(VolumeSpace, AFolderHasRoomAndAMissingOneNothing) {
  test::TestFolder folder;
  const auto space = read_volume_space(folder.path());
  ASSERT_TRUE(space);
  EXPECT_GT(space->total_bytes, space->free_bytes);
  EXPECT_FALSE(space->read_only);
  EXPECT_FALSE(read_volume_space(folder.path() + "/nothing"));
}

}  // namespace
}  // namespace podplay
