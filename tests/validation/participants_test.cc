// Who is registered, and who became whom, put in one by one and many at once.
#include "validation/participants.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace quartermaster {
namespace {

using ::testing::ElementsAre;

v1::Participant Registered(const std::string& code, const std::string& successor = "") {
  v1::Participant participant;
  participant.set_code(code);
  participant.set_successor(successor);
  if (!successor.empty()) participant.set_succeeded_from("2024-11");
  return participant;
}

void PutAll(const std::vector<v1::Participant>& all, Participants* participants) {
  std::vector<const v1::Participant*> pointers;
  for (const v1::Participant& participant : all) pointers.push_back(&participant);
  participants->PutAll(pointers);
}

TEST(ParticipantsTest, ManyAtOnceAreAsOneByOne) {
  Participants at_once;
  Participants one_by_one;
  const std::vector<std::vector<v1::Participant>> batches = {
      {Registered("RT1", "RT3"), Registered("RT2", "RT3"), Registered("RT3")},
      {Registered("RT4"), Registered("RT4", "RT3")},
      {Registered("RT5")},
      {},
      {Registered("RT1"), Registered("RT3", "RT5")}};
  for (const std::vector<v1::Participant>& batch : batches) {
    PutAll(batch, &at_once);
    for (const v1::Participant& participant : batch) one_by_one.Put(participant);
    EXPECT_EQ(*at_once.succession(), *one_by_one.succession());
    EXPECT_EQ(at_once.all().size(), one_by_one.all().size());
  }
  EXPECT_THAT(at_once.succession()->PredecessorsOf("RT3"), ElementsAre("RT2", "RT4"));
  EXPECT_EQ(at_once.succession()->SuccessorOf("RT1"), nullptr);
  EXPECT_EQ(at_once.Find("RT4")->successor(), "RT3");
}

// As many as one import brings. Who became whom is put together once, or this takes minutes.
TEST(ParticipantsTest, TenThousandThatMergedArePutAtOnce) {
  constexpr int kMerged = 10'000;
  std::vector<v1::Participant> all = {Registered("RT0")};
  for (int i = 1; i <= kMerged; ++i) all.push_back(Registered(absl::StrCat("RT", i), "RT0"));
  Participants participants;
  PutAll(all, &participants);
  EXPECT_EQ(participants.succession()->PredecessorsOf("RT0").size(), kMerged);
}

}  // namespace
}  // namespace quartermaster
