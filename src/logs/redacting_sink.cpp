// A sink before other sinks: no line reaches them with a secret in it.
#include "logs/redaction.hpp"

namespace podplay::logs {
namespace {

class RedactingSink final : public LogSink {
 public:
  explicit RedactingSink(std::vector<std::shared_ptr<LogSink>> sinks) : sinks_(std::move(sinks)) {}
  void write(std::string_view line) override {
    std::string redacted;
    const std::string_view clean = redact_into(line, redacted) ? redacted : line;
    for (const auto& sink : sinks_) {
      sink->write(clean);
    }
  }

 private:
  // Constant after construction.
  const std::vector<std::shared_ptr<LogSink>> sinks_;
};

}  // namespace

std::shared_ptr<LogSink> make_redacting_sink(std::vector<std::shared_ptr<LogSink>> sinks) {
  return std::make_shared<RedactingSink>(std::move(sinks));
}

}  // namespace podplay::logs
