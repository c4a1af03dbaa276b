// One attempt at a certificate's order: it goes on where the attempt before ended, whatever ended
// that one. What it learned is in the store before it acts on it.
#pragma once

#include <optional>
#include <string>

#include "acme/issuance.hpp"
#include "control/certificates/keys.hpp"
#include "control/jobs/run.hpp"
#include "control/watch/revisions.hpp"
#include "model/acme_account.hpp"
#include "model/certificate.hpp"
#include "store/acme.hpp"

namespace podplay::control {

// Belongs to the thread that runs the job.
class OrderRun {
 public:
  OrderRun(Context& context, JobRun& run);
  // Success: the certificate that is wanted now is proven on the wire, or nobody wants one any
  // more.
  Status work();

 private:
  Status begin();
  Status check_before();
  Status issue();
  Status advance_once(acme::Client& client, acme::Solver& solver);
  Status install();
  Status prove();
  Status take_back(const std::string& why);
  Status settle();
  Status give_up_order(store::OrderState state, const std::string& why);
  Status keep_order();
  Status keep_certificate();
  bool order_fits() const;
  bool shares_a_name() const;
  Result<bool> is_still_wanted();
  Status attempt();

  Context& context_;
  JobRun& run_;
  AcmeKeys keys_;

  Certificate certificate_;
  AcmeAccount account_;
  store::AcmeOrder order_;
  acme::Issuance issuance_;
  Secret key_;
};

// Whether the version in use is not what is wanted: another issuer, other names, or due.
bool is_due(const Certificate& certificate, WallTime now);

// A row for a new order of the certificate, which the job goes on with.
store::AcmeOrder new_order_row(store::Transaction& transaction, const Certificate& certificate,
                               WallTime now, bool forced);

}  // namespace podplay::control
