// A folder of logs for a test, with lines whose times are told by their number.
#pragma once

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace podplay::logs {

class LogFolder {
 public:
  LogFolder() {
    std::string path = "/tmp/podplay-logs-XXXXXX";
    path_ = ::mkdtemp(path.data());
    std::filesystem::create_directories(path_ + "/mail");
  }
  ~LogFolder() { std::filesystem::remove_all(path_); }
  LogFolder(const LogFolder&) = delete;
  LogFolder& operator=(const LogFolder&) = delete;

  const std::string& root() const { return path_; }
  std::string mail() const { return path_ + "/mail"; }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(mail() + "/" + name, std::ios::app) << text;
  }
  bool has(const std::string& name) const { return std::filesystem::exists(mail() + "/" + name); }
  void rotate(const std::string& log, const std::string& time) const {
    std::filesystem::rename(mail() + "/" + log + ".log", mail() + "/" + log + "." + time + ".log");
  }

  // Line `number` of the day: a second each.
  static std::string line(int number, const std::string& words = {},
                          const std::string& level = "INFO") {
    return fmt::format("[{}] [{}] [mail.postfix] {}\n", time(number), level,
                       words.empty() ? fmt::format("line {}", number) : words);
  }
  static std::string time(int number) {
    return fmt::format("2026-01-31T{:02}:{:02}:{:02}.000Z", number / 3600, number / 60 % 60,
                       number % 60);
  }
  // Of a rotation behind line `number`.
  static std::string rotation(int number) {
    return fmt::format("20260131T{:02}{:02}{:02}500Z", number / 3600, number / 60 % 60,
                       number % 60);
  }
  static std::string lines(int from, int to) {
    std::string text;
    for (int i = from; i < to; ++i) {
      text += line(i);
    }
    return text;
  }

 private:
  std::string path_;
};

}  // namespace podplay::logs
