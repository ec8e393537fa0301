// Every engine: what is said about queries, with a return and after it, and standing exceptions.
#include <functional>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/time_util.h"
#include "tests/storage/store_suite.h"

namespace quartermaster::storage {
namespace {

using absl::StatusCode;
using google::protobuf::util::TimeUtil;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
namespace api = quartermaster::v1;

// "r1 #2 text", one for each event.
std::vector<std::string> Events(const absl::StatusOr<v1::QueryRecord>& record) {
  EXPECT_TRUE(record.ok()) << record.status();
  std::vector<std::string> lines;
  if (!record.ok()) return lines;
  for (const api::QueryEvent& event : record->events()) {
    lines.push_back(absl::StrCat("r", event.revision(), " #", event.sequence(), " ", event.text()));
  }
  return lines;
}

TEST_P(StoreSuite, AQueryStartsWithoutEvents) {
  EXPECT_THAT(Events(store().GetQuery(Query(Key("RT1")))), IsEmpty());
  EXPECT_THAT(ScanAllQueries(store(), ""), IsEmpty());
  Put(store(), Key("RT1"));
  EXPECT_THAT(Events(store().GetQuery(Query(Key("RT1")))), IsEmpty());
}

TEST_P(StoreSuite, AnEventIsStoredWithWhatTheStoreAssigns) {
  Put(store(), Key("RT1"));
  Put(store(), Key("RT1"));
  QueryChange change = MakeQueryChange(Key("RT1"), "new ward", /*expected_revision=*/2, /*expected_events=*/0);
  change.event.set_revision(77);
  change.event.set_sequence(77);
  change.event.mutable_commit_time()->set_seconds(77);
  const auto result = ChangeQueryAndWait(store(), change);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_FALSE(result->repeated);
  api::QueryEvent expected = MakeEvent("new ward");
  expected.set_revision(2);
  expected.set_sequence(3);
  *expected.mutable_commit_time() = TimeUtil::MicrosecondsToTimestamp(kNowUs);
  ASSERT_EQ(result->record.events_size(), 1);
  EXPECT_EQ(result->record.events(0).DebugString(), expected.DebugString());
  EXPECT_EQ(store().last_sequence(), 3);
  EXPECT_EQ(store().GetQuery(change.name)->DebugString(), result->record.DebugString());
  Reopen();
  EXPECT_EQ(store().GetQuery(change.name)->DebugString(), result->record.DebugString());
  EXPECT_EQ(store().last_sequence(), 3);
}

TEST_P(StoreSuite, AnEventNeedsACurrentReturn) {
  const auto nothing = ChangeQueryAndWait(store(), MakeQueryChange(Key("RT1"), "a", 0, 0));
  ASSERT_THAT(nothing, HasCode(StatusCode::kNotFound));
  EXPECT_EQ(nothing.status().message(), "there is no return mhlda adult-inpatient RT1 2025-04");
  Put(store(), Key("RT1"));
  ASSERT_TRUE(ChangeQueryAndWait(store(), MakeQueryChange(Key("RT1"), "a", 1, 0)).ok());
  ASSERT_TRUE(WithdrawAndWait(store(), MakeWithdrawal(Key("RT1"), "why")).ok());
  // Not even what repeats: nobody asks about a return that is withdrawn.
  const auto withdrawn = ChangeQueryAndWait(store(), MakeQueryChange(Key("RT1"), "a", 1, 0));
  ASSERT_THAT(withdrawn, HasCode(StatusCode::kFailedPrecondition));
  EXPECT_THAT(withdrawn.status().message(), HasSubstr("RT1 2025-04, revision 1 is withdrawn"));
  Put(store(), Key("RT1"));
  ASSERT_TRUE(ChangeQueryAndWait(store(), MakeQueryChange(Key("RT1"), "b", 2, 1)).ok());
  EXPECT_THAT(Events(store().GetQuery(Query(Key("RT1")))), ElementsAre("r1 #2 a", "r2 #5 b"));
}

TEST_P(StoreSuite, AnEventExpectsARevisionAndANumberOfEvents) {
  Put(store(), Key("RT1"));
  const auto revision = ChangeQueryAndWait(store(), MakeQueryChange(Key("RT1"), "a", 2, 0));
  ASSERT_THAT(revision, HasCode(StatusCode::kAborted));
  EXPECT_THAT(revision.status().message(), HasSubstr("RT1 2025-04 is at revision 1, and revision 2 was expected"));
  const auto none = ChangeQueryAndWait(store(), MakeQueryChange(Key("RT1"), "a", 1, 1));
  ASSERT_THAT(none, HasCode(StatusCode::kAborted));
  EXPECT_EQ(none.status().message(),
            "mhlda adult-inpatient RT1 2025-04, query maximum of beds.open has no event yet, and 1 event was expected. "
            "Nothing was stored; read it, then decide again.");
  ASSERT_TRUE(ChangeQueryAndWait(store(), MakeQueryChange(Key("RT1"), "a", 1, 0)).ok());
  const auto one = ChangeQueryAndWait(store(), MakeQueryChange(Key("RT1"), "b", 1, 0));
  ASSERT_THAT(one, HasCode(StatusCode::kAborted));
  EXPECT_THAT(one.status().message(), HasSubstr("has 1 event, and no event was expected"));
  const auto two = ChangeQueryAndWait(store(), MakeQueryChange(Key("RT1"), "b", 1, 2));
  ASSERT_THAT(two, HasCode(StatusCode::kAborted));
  EXPECT_THAT(two.status().message(), HasSubstr("has 1 event, and 2 events were expected"));
  EXPECT_EQ(store().last_sequence(), 2);
}

TEST_P(StoreSuite, AnEventThatRepeatsTheLastIsNotStored) {
  Put(store(), Key("RT1"));
  QueryChange change = MakeQueryChange(Key("RT1"), "a", 1, 0);
  const auto first = ChangeQueryAndWait(store(), change);
  ASSERT_TRUE(first.ok()) << first.status();
  Put(store(), Key("RT1"));  // The retry may come late.
  const auto again = ChangeQueryAndWait(store(), change);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->repeated);
  EXPECT_EQ(again->record.DebugString(), first->record.DebugString());
  EXPECT_EQ(store().last_sequence(), 3);

  // Each differs in one thing from the last event, which is what `change` says of revision 2 again and again.
  change.expected_revision = 2;
  change.expected_events = 1;
  ASSERT_FALSE(ChangeQueryAndWait(store(), change)->repeated);
  const std::vector<std::function<void(api::QueryEvent&)>> differences = {
      [](auto& event) { event.set_kind(api::QueryEvent::KIND_COMMENTED); },
      [](auto& event) { event.set_reason(api::EXPLANATION_REASON_OTHER); }, [](auto& event) { event.set_text("b"); },
      [](auto& event) { event.set_author("somebody else"); }, [](auto& event) { event.set_fingerprint("other"); }};
  for (const auto& difference : differences) {
    api::QueryEvent other = change.event;
    difference(other);
    for (const api::QueryEvent& event : {other, change.event}) {
      QueryChange sent = change;
      sent.event = event;
      sent.expected_events = static_cast<size_t>(store().GetQuery(change.name)->events_size());
      const auto result = ChangeQueryAndWait(store(), sent);
      ASSERT_TRUE(result.ok()) << result.status();
      EXPECT_FALSE(result->repeated);
    }
  }
  EXPECT_EQ(store().GetQuery(change.name)->events_size(), 2 + 2 * differences.size());
}

TEST_P(StoreSuite, ExplanationsComeWithTheirReturn) {
  Put(store(), Key("RT1"));
  ASSERT_TRUE(ChangeQueryAndWait(store(), MakeQueryChange(Key("RT1"), "first", 1, 0)).ok());
  Submission submission = MakeSubmission(Key("RT1"), "a", RequestId(1));
  submission.query_events = {{"maximum", "beds.open", MakeEvent("again")}, {"change", "", MakeEvent("new ward")}};
  const auto stored = SubmitAndWait(store(), submission);
  ASSERT_TRUE(stored.ok()) << stored.status();
  EXPECT_EQ(stored->stored.record.receipt().sequence(), 3);
  const auto expect_events = [this] {
    EXPECT_THAT(Events(store().GetQuery(Query(Key("RT1")))), ElementsAre("r1 #2 first", "r2 #3 again"));
    EXPECT_THAT(Events(store().GetQuery({Key("RT1"), "change", ""})), ElementsAre("r2 #3 new ward"));
    EXPECT_EQ(store().last_sequence(), 3);
  };
  expect_events();
  EXPECT_TRUE(SubmitAndWait(store(), submission)->repeated);
  submission.expected_revision = 1;
  submission.request_id = RequestId(2);
  EXPECT_THAT(SubmitAndWait(store(), submission), HasCode(StatusCode::kAborted));
  Reopen();
  expect_events();
  EXPECT_EQ(TimeUtil::TimestampToMicroseconds(store().GetQuery({Key("RT1"), "change", ""})->events(0).commit_time()),
            kNowUs);
}

TEST_P(StoreSuite, AQueryHoldsABoundedNumberOfEvents) {
  Put(store(), Key("RT1"));
  for (size_t i = 0; i < kMaxQueryEvents; ++i) {
    store().ChangeQuery(MakeQueryChange(Key("RT1"), absl::StrCat(i), 1, i), nullptr,
                        [](const auto& result) { ASSERT_TRUE(result.ok()) << result.status(); });
  }
  const auto more = ChangeQueryAndWait(store(), MakeQueryChange(Key("RT1"), "more", 1, kMaxQueryEvents));
  ASSERT_THAT(more, HasCode(StatusCode::kFailedPrecondition));
  EXPECT_THAT(more.status().message(), HasSubstr(absl::StrCat("query maximum of beds.open has all the ",
                                                              kMaxQueryEvents, " events that it can have")));
  Submission submission = MakeSubmission(Key("RT1"), "a");
  submission.query_events = {{"change", "", MakeEvent("fits")}, {"maximum", "beds.open", MakeEvent("more")}};
  EXPECT_THAT(SubmitAndWait(store(), submission), HasCode(StatusCode::kFailedPrecondition));
  EXPECT_THAT(Events(store().GetQuery({Key("RT1"), "change", ""})), IsEmpty());
  EXPECT_EQ(store().GetQuery(Query(Key("RT1")))->events_size(), kMaxQueryEvents);
  EXPECT_EQ(store().last_sequence(), kMaxQueryEvents + 1);
  EXPECT_TRUE(
      ChangeQueryAndWait(store(), MakeQueryChange(Key("RT1"), absl::StrCat(kMaxQueryEvents - 1), 1, 0))->repeated);
}

TEST_P(StoreSuite, EventsThatCannotBeStoredAreRefused) {
  Put(store(), Key("RT1"));
  QueryChange change = MakeQueryChange(Key("RT1"), "\xff", 1, 0);
  EXPECT_THAT(ChangeQueryAndWait(store(), change), HasCode(StatusCode::kInvalidArgument));
  change = MakeQueryChange(Key("RT1"), "a", 1, 0);
  change.event.clear_kind();
  EXPECT_THAT(ChangeQueryAndWait(store(), change), HasCode(StatusCode::kInvalidArgument));
  Submission submission = MakeSubmission(Key("RT1"), "a");
  submission.query_events = {{"change", "", MakeEvent("\xff")}};
  EXPECT_THAT(SubmitAndWait(store(), submission), HasCode(StatusCode::kInvalidArgument));
  submission.query_events = {{"change", "a", MakeEvent("a")}, {"change", "a", MakeEvent("b")}};
  EXPECT_THAT(SubmitAndWait(store(), submission), HasCode(StatusCode::kInvalidArgument));
  submission.query_events[1].subject = "b";
  EXPECT_TRUE(SubmitAndWait(store(), submission).ok());
  EXPECT_EQ(store().last_sequence(), 2);
}

TEST_P(StoreSuite, DecisionsSeeWhatTheirGroupSaid) {
  Answer<SubmissionResult> submitted;
  Answer<QueryChangeResult> first, repeated, stale, second;
  Obstacle obstacle(store());
  Submission submission = MakeSubmission(Key("RT1"), "a");
  submission.query_events = {{"maximum", "beds.open", MakeEvent("with it")}};
  store().Submit(submission, nullptr, submitted.Done());
  store().ChangeQuery(MakeQueryChange(Key("RT1"), "after", 1, 1), nullptr, first.Done());
  store().ChangeQuery(MakeQueryChange(Key("RT1"), "after", 1, 1), nullptr, repeated.Done());
  store().ChangeQuery(MakeQueryChange(Key("RT1"), "late", 1, 1), nullptr, stale.Done());
  store().ChangeQuery(MakeQueryChange(Key("RT1"), "then", 1, 2), nullptr, second.Done());
  obstacle.Remove();
  ASSERT_TRUE(submitted.Wait().ok());
  ASSERT_TRUE(first.Wait().ok());
  EXPECT_TRUE(repeated.Wait().ok() && repeated.Wait()->repeated);
  EXPECT_THAT(stale.Wait(), HasCode(StatusCode::kAborted));
  ASSERT_TRUE(second.Wait().ok());
  EXPECT_THAT(Events(store().GetQuery(Query(Key("RT1")))), ElementsAre("r1 #2 with it", "r1 #3 after", "r1 #4 then"));
}

TEST_P(StoreSuite, ScansVisitTheQueriesOfACollectionInOrder) {
  const ReturnKey odd = {std::string("mhl\0", 4), "s", "", "\xff"};
  const ReturnKey near = {"mhlda2", "s", "RT1", "2025-04"};
  for (const ReturnKey& key : {Key("RT2"), Key("RT10"), Key("RT1", "2025-05"), Key("RT1"), odd, near}) {
    Submission submission = MakeSubmission(key, "a");
    submission.query_events = {{"maximum", "b", MakeEvent("1")}, {"maximum", "", MakeEvent("2")}};
    ASSERT_TRUE(SubmitAndWait(store(), submission).ok());
  }
  Put(store(), Key("RT1", "2025-03"));
  ASSERT_TRUE(ChangeQueryAndWait(store(), {{Key("RT1"), "change", "z"}, MakeEvent("3"), 1, 0}).ok());
  ASSERT_TRUE(WithdrawAndWait(store(), MakeWithdrawal(Key("RT2"), "why")).ok());  // What was said stays.

  const auto names = [this](const std::string& collection, size_t limit) {
    std::vector<std::string> found;
    const absl::Status status =
        store().ScanQueries(collection, [&](const QueryName& name, const v1::QueryRecord& record) {
          EXPECT_EQ(record.DebugString(), store().GetQuery(name)->DebugString());
          found.push_back(absl::StrCat(name.return_key.participant, " ", name.return_key.period, " ", name.rule_id, " ",
                                       name.subject));
          return found.size() < limit;
        });
    EXPECT_TRUE(status.ok()) << status;
    return found;
  };
  const std::vector<std::string> expected = {
      "RT1 2025-04 change z",   "RT1 2025-04 maximum ",  "RT1 2025-04 maximum b",
      "RT1 2025-05 maximum ",   "RT1 2025-05 maximum b", "RT10 2025-04 maximum ",
      "RT10 2025-04 maximum b", "RT2 2025-04 maximum ",  "RT2 2025-04 maximum b"};
  EXPECT_EQ(names("mhlda", 100), expected);
  EXPECT_EQ(names("mhlda", 2), std::vector<std::string>(expected.begin(), expected.begin() + 2));
  EXPECT_THAT(names("mhl", 100), IsEmpty());
  EXPECT_THAT(names(odd.collection, 100), ElementsAre(" \xff maximum ", " \xff maximum b"));
  EXPECT_EQ(names("", 100).size(), expected.size() + 4);
  const std::vector<std::string> before = ScanAllQueries(store(), "");
  Reopen();
  EXPECT_EQ(ScanAllQueries(store(), ""), before);
}

TEST_P(StoreSuite, ScansOfQueriesSeeOneMoment) {
  Put(store(), Key("RT1"));
  ASSERT_TRUE(ChangeQueryAndWait(store(), MakeQueryChange(Key("RT1"), "a", 1, 0)).ok());
  int visited = 0;
  const absl::Status status = store().ScanQueries("", [&](const QueryName&, const v1::QueryRecord&) {
    if (visited++ == 0) {
      Put(store(), Key("RT2"));
      EXPECT_TRUE(ChangeQueryAndWait(store(), MakeQueryChange(Key("RT2"), "late", 1, 0)).ok());
    }
    return true;
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(visited, 1);
}

v1::StandingExceptionRecord MakeException(const std::string& participant) {
  v1::StandingExceptionRecord record;
  record.mutable_exception()->set_collection("mhlda");
  record.mutable_exception()->set_participant(participant);
  record.mutable_exception()->set_rule_id("maximum");
  return record;
}

TEST_P(StoreSuite, StandingExceptionsAreGrantedAndEnded) {
  CatalogueChange change;
  change.exceptions = {MakeException("RT1")};
  EXPECT_EQ(*ChangeAndWait(store(), change), 1);
  Put(store(), Key("RT1"));
  change.exceptions = {MakeException("RT0")};
  EXPECT_EQ(*ChangeAndWait(store(), change), 3);
  absl::StatusOr<Catalogue> catalogue = store().ReadCatalogue();
  ASSERT_TRUE(catalogue.ok()) << catalogue.status();
  ASSERT_EQ(catalogue->exceptions.size(), 2);
  v1::StandingExceptionRecord granted = MakeException("RT1");
  granted.mutable_exception()->set_id(1);
  *granted.mutable_exception()->mutable_grant_time() = TimeUtil::MicrosecondsToTimestamp(kNowUs);
  granted.set_sequence(1);
  EXPECT_EQ(catalogue->exceptions[0].DebugString(), granted.DebugString());
  EXPECT_EQ(catalogue->exceptions[1].exception().id(), 3);

  v1::StandingExceptionRecord ended = granted;
  ended.mutable_exception()->set_ended_by("steward");
  change.exceptions = {ended, MakeException("RT2")};
  EXPECT_EQ(*ChangeAndWait(store(), change), 4);
  *ended.mutable_exception()->mutable_end_time() = TimeUtil::MicrosecondsToTimestamp(kNowUs);
  ended.set_sequence(4);
  Reopen();
  catalogue = store().ReadCatalogue();
  ASSERT_TRUE(catalogue.ok()) << catalogue.status();
  ASSERT_EQ(catalogue->exceptions.size(), 3);
  EXPECT_EQ(catalogue->exceptions[0].DebugString(), ended.DebugString());
  EXPECT_EQ(catalogue->exceptions[2].exception().id(), 4);
}

TEST_P(StoreSuite, TimesOfStandingExceptionsThatAreSetStay) {
  CatalogueChange change;
  change.exceptions = {MakeException("RT1")};
  change.exceptions[0].mutable_exception()->mutable_grant_time()->set_seconds(5);
  change.exceptions[0].mutable_exception()->set_ended_by("steward");
  change.exceptions[0].mutable_exception()->mutable_end_time()->set_seconds(6);
  ASSERT_TRUE(ChangeAndWait(store(), change).ok());
  const auto catalogue = store().ReadCatalogue();
  ASSERT_TRUE(catalogue.ok() && catalogue->exceptions.size() == 1) << catalogue.status();
  EXPECT_EQ(catalogue->exceptions[0].exception().grant_time().seconds(), 5);
  EXPECT_EQ(catalogue->exceptions[0].exception().end_time().seconds(), 6);
}

TEST_P(StoreSuite, StandingExceptionsThatCannotBeStoredAreRefused) {
  CatalogueChange change;
  change.exceptions = {MakeException("RT1"), MakeException("RT2")};
  EXPECT_THAT(ChangeAndWait(store(), change), HasCode(StatusCode::kInvalidArgument));
  change.exceptions = {MakeException("\xff")};
  EXPECT_THAT(ChangeAndWait(store(), change), HasCode(StatusCode::kInvalidArgument));
  change.exceptions = {MakeException("RT1")};
  change.exceptions[0].mutable_exception()->set_id(7);
  const auto unknown = ChangeAndWait(store(), change);
  ASSERT_THAT(unknown, HasCode(StatusCode::kNotFound));
  EXPECT_EQ(unknown.status().message(), "there is no standing exception 7");
  EXPECT_EQ(store().last_sequence(), 0);
  EXPECT_TRUE(store().ReadCatalogue()->exceptions.empty());
}

}  // namespace
}  // namespace quartermaster::storage
