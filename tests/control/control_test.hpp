// The start of every test of a use-case: a control plane with an administrator.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "control/identity/users.hpp"
#include "control/plane.hpp"
#include "control/work.hpp"
#include "wire/link.hpp"

namespace podplay::test {

class ControlTest : public testing::Test {
 protected:
  control::UserInput input(const std::string& email, const std::string& password = "password123") {
    control::UserInput result;
    result.email = email;
    result.password = Secret(password);
    return result;
  }
  // "fine", or the error's code.
  std::string code(const auto& result) { return result ? "fine" : result.error().code; }
  // The answer that the service's agent gets.
  Result<wire::WorkAnswer> work_for(ServiceName service, const wire::WorkQuestion& question) {
    TRY(const auto text, control::give_work(context, {service}, question));
    return wire::answer_from_json(wire::Json::parse(text));
  }
  // The answer that an agent without any rows gets at once.
  Result<wire::WorkAnswer> ask_for_work(ServiceName service) {
    return work_for(service, {.wait = 0});
  }
  // The rows of a service's feed that are not deleted, by key.
  std::map<std::string, RowContent> rows_of(ServiceName service, RowKind kind) {
    std::map<std::string, RowContent> rows;
    const auto work = ask_for_work(service);
    for (const FeedRow& row : work->feed->rows) {
      if (row.kind() == kind && !row.deleted) {
        rows.emplace(row.key, row.content);
      }
    }
    return rows;
  }
  void settle_everything() {
    for (const ServiceName service : kServices) {
      context.hub.settle({service}, context.hub.newest({service}));
    }
  }

  Plane plane;
  control::Actor admin = plane.make_admin();
  const control::Actor stranger = control::Actor::anonymous("", "127.0.0.1");
  control::Context& context = plane.context();
};

}  // namespace podplay::test
