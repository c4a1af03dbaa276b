// The command line as a person uses it: its requests, its output and its exit code. The API behind
// it is a stand-in that keeps the last request; tests/pod runs the same commands against the real
// one.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/test_folder.hpp"
#include "cli/cli.hpp"
#include "net/http.hpp"

namespace podplay::cli {

using Json = nlohmann::json;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

inline std::string text_of(std::FILE* file) {
  std::rewind(file);
  std::string text;
  for (int c = std::fgetc(file); c != EOF; c = std::fgetc(file)) {
    text += static_cast<char>(c);
  }
  return text;
}

struct Said {
  int code = 0;
  std::string out{};
  std::string err{};
};

class CommandLineTest : public testing::Test {
 protected:
  void SetUp() override {
    auto started = net::HttpServer::start(
        {.threads = 2},
        [this](const net::HttpRequest& request) {
          asked_ = request;
          all_asked_.push_back(request.method + " " + request.path);
          if (first_answers_.empty()) {
            return answer_;
          }
          const net::HttpResponse answer = first_answers_.front();
          first_answers_.pop_front();
          return answer;
        },
        silent_logger());
    ASSERT_TRUE(started.has_value());
    server_ = std::move(*started);
  }

  Said run_words(const std::vector<std::string>& words, const std::string& input = "") {
    const File out(std::tmpfile());
    Said said = run_to(out.get(), words, input);
    said.out = text_of(out.get());
    return said;
  }
  // With its output in the file `path`.
  Said run_into(const std::string& path, const std::vector<std::string>& words) {
    const File out(std::fopen(path.c_str(), "w"));
    return run_to(out.get(), words);
  }
  // The same with the stand-in API.
  Said call(std::vector<std::string> words, const std::string& input = "") {
    words.insert(words.end(),
                 {"--base-url", "http://127.0.0.1:" + std::to_string(server_->port())});
    return run_words(std::move(words), input);
  }
  Said run_to(std::FILE* out, const std::vector<std::string>& words,
              const std::string& input = "") {
    const File in(std::tmpfile());
    const File err(std::tmpfile());
    std::fputs(input.c_str(), in.get());
    std::rewind(in.get());
    std::map<std::string, std::string> environment = settings_;
    environment.emplace("XDG_CONFIG_HOME", folder_.path());
    World world{.environment = std::move(environment),
                .files = files_,
                .runner = runner_,
                .clock = clock_,
                .in = in.get(),
                .out = out,
                .err = err.get(),
                .program = "/usr/bin/podplay"};
    const int code = run(world, words);
    return {.code = code, .err = text_of(err.get())};
  }
  void refuse(int status, const std::string& code) {
    answer_ = {status,
               {{"Content-Type", "application/problem+json"}, {"X-Request-Id", "r-1"}},
               Json{{"status", status}, {"code", code}, {"detail", "no"}}.dump()};
  }

  test::TestFolder folder_;
  std::map<std::string, std::string> settings_;
  RealFiles files_;
  ProcessRunner runner_{silent_logger(), false};
  SystemClock clock_;
  net::HttpRequest asked_;
  // "GET /api/users" of each request.
  std::vector<std::string> all_asked_;
  // The answers to the first requests; then `answer_` is the answer to all.
  std::deque<net::HttpResponse> first_answers_;
  net::HttpResponse answer_{200, {}, "{}"};
  std::unique_ptr<net::HttpServer> server_;
};

}  // namespace podplay::cli
