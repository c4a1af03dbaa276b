// Makes errors and describes them. No fault is dropped on the way.
#include "base/result.hpp"

namespace podplay {

std::unexpected<Error> fail_faults(std::vector<Fault> faults, std::string message) {
  Error error{.kind = ErrorKind::invalid,
              .code = "invalid",
              .message = std::move(message),
              .faults = std::move(faults)};
  if (error.faults.size() == 1) {
    error.code = error.faults.front().code;
    error.remedy = error.faults.front().remedy;
    if (!error.message.empty()) {
      error.message += ": " + error.faults.front().message;
    }
  }
  if (error.message.empty()) {
    for (const Fault& fault : error.faults) {
      error.message += (error.message.empty() ? "" : "; ") + fault.message;
    }
  }
  return std::unexpected(std::move(error));
}

Status no_faults(std::vector<Fault> faults, std::string message) {
  if (faults.empty()) {
    return {};
  }
  return fail_faults(std::move(faults), std::move(message));
}

void collect(std::vector<Fault>& faults, const Error& error) {
  if (error.faults.empty()) {
    faults.push_back(
        {.field = {}, .code = error.code, .message = error.message, .remedy = error.remedy});
  }
  faults.insert(faults.end(), error.faults.begin(), error.faults.end());
}

std::string describe(const Error& error) {
  std::string text = error.message;
  if (!error.remedy.empty()) {
    text += " (" + error.remedy + ")";
  }
  if (error.faults.size() < 2) {
    return text;
  }
  for (const Fault& fault : error.faults) {
    text += "\n  " + fault.field + ": " + fault.message;
    if (!fault.remedy.empty()) {
      text += " (" + fault.remedy + ")";
    }
  }
  return text;
}

}  // namespace podplay
