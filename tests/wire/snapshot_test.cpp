// A snapshot is the same after a way there and back.
#include "wire/snapshot.hpp"

#include <gtest/gtest.h>

namespace podplay::wire {
namespace {

TEST(Snapshot, ThereAndBackForEachService) {
  MailSnapshot mail;
  mail.host_name = "mail.example.com";
  mail.certificate = {"mail.example.com", "ff"};
  BindSnapshot bind;
  bind.secondaries = {"192.0.2.2"};
  ApacheSnapshot apache;
  apache.certificate = {"example.com", "ff"};
  for (const Snapshot& snapshot :
       {Snapshot{ServiceName::mail, 3, mail}, Snapshot{ServiceName::bind, 3, bind},
        Snapshot{ServiceName::apache, 3, apache}}) {
    const auto back = snapshot_from_json(to_json(snapshot));
    ASSERT_TRUE(back) << describe(back.error());
    EXPECT_EQ(to_json(*back), to_json(snapshot));
    Snapshot later = snapshot;
    later.revision = 9;
    EXPECT_EQ(snapshot_hash(later), snapshot_hash(snapshot))
        << "the same state has the same hash at every revision";
  }
  EXPECT_FALSE(
      snapshot_from_json(Json{{"service", "mail"}, {"revision", 1}, {"body", Json::object()}}));
}

}  // namespace
}  // namespace podplay::wire
