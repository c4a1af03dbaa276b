// What the tests of use-cases start with: a control plane with an administrator.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "control/identity/users.hpp"
#include "control/plane.hpp"
#include "control/work.hpp"

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
  // What an agent that knows nothing yet is given at once.
  auto ask_for_work(ServiceName service) {
    return control::give_work(context, service, {.wait = 0});
  }

  Plane plane;
  control::Actor admin = plane.make_admin();
  const control::Actor stranger = control::Actor::anonymous("", "127.0.0.1");
  control::Context& context = plane.context();
};

}  // namespace podplay::test
