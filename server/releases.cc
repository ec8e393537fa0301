#include "server/releases.h"

#include <algorithm>
#include <future>
#include <limits>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/util/time_util.h"
#include "re2/re2.h"
#include "server/audit_entry.h"
#include "server/embargo.h"
#include "server/errors.h"
#include "server/paging.h"
#include "server/queries.h"
#include "server/release_content.h"
#include "server/release_diff.h"
#include "storage/sha256.h"

namespace quartermaster::server {
namespace {

absl::Status CheckHash(const std::string& sha256) {
  static const RE2& pattern = *new RE2("([0-9a-fA-F]{64})?");
  if (RE2::FullMatch(sha256, pattern)) return absl::OkStatus();
  return InvalidField("expected_sha256", "it is 64 hexadecimal digits, as a preview gives them.");
}

absl::Status CheckExpected(const std::string& expected, const v1::Release& release) {
  if (expected.empty() || absl::AsciiStrToLower(expected) == release.sha256()) return absl::OkStatus();
  return Overtaken("RELEASE_CHANGED",
                   absl::StrCat("the figures have changed since the preview: ", release.sha256(),
                                " would be published, not ", absl::AsciiStrToLower(expected),
                                ". Nothing was stored. Preview it again, look at what changed, then publish."));
}

std::vector<std::string> SplitIntoParts(const std::string& content) {
  std::vector<std::string> parts;
  for (size_t start = 0; start < content.size(); start += storage::kMaxReleasePartBytes) {
    parts.push_back(content.substr(start, storage::kMaxReleasePartBytes));
  }
  return parts;
}

// `newest` may be null.
bool IsSame(const std::shared_ptr<const storage::v1::ReleaseRecord>& newest, const v1::Release& made) {
  return newest != nullptr && newest->release().sha256() == made.sha256();
}

absl::StatusOr<ReleaseContent> Parse(const absl::StatusOr<std::string>& text) {
  if (!text.ok()) return text.status();
  return ReadContent(*text);
}

}  // namespace

Releases::Releases(storage::Store* store, LiveState* state, const Disclosure* disclosure, Clock clock)
    : store_(store), state_(state), disclosure_(disclosure), clock_(std::move(clock)) {}

absl::StatusOr<v1::PreviewReleaseResponse> Releases::Preview(const v1::PreviewReleaseRequest& request) const {
  absl::StatusOr<MadeRelease> made =
      MakeRelease(request.collection(), request.period(), /*to_publish=*/absl::nullopt, *state_, *store_);
  if (!made.ok()) return made.status();
  v1::PreviewReleaseResponse response;
  *response.mutable_release() = std::move(made->release);
  *response.mutable_missing() = std::move(made->missing);
  *response.mutable_open_queries() = std::move(made->open_queries);
  *response.mutable_statistics() = std::move(made->statistics);
  const auto collection = state_->FindCollection(request.collection());
  const absl::StatusOr<Period> period = Period::Parse(request.period());
  if (!collection.ok() || !period.ok()) return response;  // It is there, since a release was made of it.
  for (std::string& service : disclosure_->WouldNotDisclose(**collection, *period, response.statistics())) {
    response.add_undisclosed_services(std::move(service));
  }
  return response;
}

absl::StatusOr<v1::PublishReleaseResponse> Releases::Publish(const v1::PublishReleaseRequest& request,
                                                             const std::string& publisher) {
  if (absl::Status status = CheckText("note", request.note(), /*may_be_empty=*/true); !status.ok()) return status;
  if (absl::Status status = CheckHash(request.expected_sha256()); !status.ok()) return status;
  if (absl::Status status = CheckEmbargo(request); !status.ok()) return status;
  const std::lock_guard<std::mutex> lock(publishing_);
  // First as a preview: no step is taken for what turns out not to be published. Taking one back goes wrong where a
  // viewer took the next one meanwhile.
  absl::StatusOr<MadeRelease> made =
      MakeRelease(request.collection(), request.period(), /*to_publish=*/absl::nullopt, *state_, *store_);
  if (!made.ok()) return made.status();
  absl::StatusOr<Record> newest = FindNewest(request, made->release);
  if (newest.ok() && !IsSame(*newest, made->release)) {
    const std::string embargoed_until = std::max(request.embargoed_until(), LastEmbargo(request));
    const national::ReleaseEmbargo embargo{NewestIsUnseen(request), !embargoed_until.empty()};
    made = MakeRelease(request.collection(), request.period(), embargo, *state_, *store_);
    if (!made.ok()) return made.status();
    made->release.set_embargoed_until(embargoed_until);
    newest = FindNewest(request, made->release);  // A commit may have come in between.
    if (newest.ok() && !IsSame(*newest, made->release)) {
      return StoreNext(request, publisher, *newest, *std::move(made));
    }
  }
  if (!newest.ok()) return newest.status();
  return Published(**newest, /*unchanged=*/true, *std::move(made));
}

v1::PublishReleaseResponse Releases::Published(const storage::v1::ReleaseRecord& record, bool unchanged,
                                               MadeRelease made) {
  v1::PublishReleaseResponse response;
  *response.mutable_release() = record.release();
  *response.mutable_missing() = std::move(made.missing);
  *response.mutable_open_queries() = std::move(made.open_queries);
  response.set_unchanged(unchanged);
  *response.mutable_undisclosed_services() = record.undisclosed_services();
  return response;
}

absl::StatusOr<Releases::Record> Releases::FindNewest(const v1::PublishReleaseRequest& request,
                                                      const v1::Release& made) const {
  if (absl::Status status = CheckExpected(request.expected_sha256(), made); !status.ok()) return status;
  const absl::StatusOr<std::vector<Record>> all = Find(request.collection(), request.period(), /*viewer=*/nullptr);
  if (!all.ok()) return all.status();
  return all->empty() ? nullptr : all->back();
}

absl::StatusOr<v1::PublishReleaseResponse> Releases::StoreNext(const v1::PublishReleaseRequest& request,
                                                               const std::string& publisher, const Record& newest,
                                                               MadeRelease made) const {
  storage::NewRelease next;
  v1::Release& release = *next.record.mutable_release();
  release = made.release;
  release.set_number(newest == nullptr ? 1 : newest->release().number() + 1);
  *release.mutable_publish_time() =
      google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(clock_()));
  release.set_publisher(publisher);
  release.set_note(request.note());
  *next.record.mutable_statistics() = made.statistics;
  next.parts = SplitIntoParts(made.content);
  next.record.set_parts(static_cast<uint32_t>(next.parts.size()));
  const uint32_t number = release.number();
  if (absl::Status status = Store(std::move(next), made.steps); !status.ok()) return status;
  const absl::StatusOr<Record> stored = Find(request.collection(), request.period(), number, /*viewer=*/nullptr);
  if (!stored.ok()) return stored.status();
  return Published(**stored, /*unchanged=*/false, std::move(made));
}

bool Releases::NewestIsUnseen(const v1::PublishReleaseRequest& request) const {
  const auto collection = state_->FindCollection(request.collection());
  const absl::StatusOr<Period> period = Period::Parse(request.period());
  return collection.ok() && period.ok() && disclosure_->NewestIsUnseen(**collection, *period);
}

std::string Releases::LastEmbargo(const v1::PublishReleaseRequest& request) const {
  std::string last;
  const auto collection = state_->FindCollection(request.collection());
  const absl::StatusOr<std::vector<Record>> all = Find(request.collection(), request.period(), /*viewer=*/nullptr);
  if (!collection.ok() || !all.ok()) return last;  // They are there, since a release was made of them.
  const absl::Time now = clock_();
  for (const Record& record : *all) {
    const v1::Release& release = record->release();
    if (IsUnderEmbargo(release, *(*collection)->schema, now)) last = std::max(last, release.embargoed_until());
  }
  return last;
}

absl::Status Releases::Store(storage::NewRelease release, std::shared_ptr<TakenSteps> steps) const {
  storage::CatalogueChange change;
  steps->Disclose(*disclosure_, &release, &change.shown);
  storage::CatalogueChange in_memory = change;
  in_memory.releases.push_back({release.record, {}});
  change.audit = AuditEntry(release.record.release().publisher(), "PublishRelease", kStored)
                     .About(release.record.release())
                     .members();
  change.releases.push_back(std::move(release));
  std::promise<absl::Status> stored;
  store_->ChangeCatalogue(
      std::move(change),
      [this, in_memory = std::move(in_memory), steps = std::move(steps)](uint64_t sequence) mutable {
        in_memory.releases.front().record.set_sequence(sequence);
        steps->Keep();
        state_->Move(std::move(in_memory), sequence);
      },
      [&stored](const absl::StatusOr<uint64_t>& sequence) { stored.set_value(sequence.status()); });
  return stored.get_future().get();
}

absl::Status Releases::CheckEmbargo(const v1::PublishReleaseRequest& request) const {
  if (request.embargoed_until().empty()) return absl::OkStatus();
  const auto collection = state_->FindCollection(request.collection());
  if (!collection.ok()) return collection.status();
  const absl::StatusOr<Period> period = Period::Parse(request.period());
  if (!period.ok()) return InvalidField("period", period.status().message());
  absl::CivilDay until;
  if (!absl::ParseCivilTime(request.embargoed_until(), &until) ||
      absl::FormatCivilTime(until) != request.embargoed_until()) {
    return InvalidField("embargoed_until", "write the last day as 2026-12-31.");
  }
  const absl::CivilDay today = DayFor(*(*collection)->schema, *period, clock_());
  if (until < today) {
    return InvalidField("embargoed_until", absl::StrCat("it is past; today is ", absl::FormatCivilTime(today), "."));
  }
  if (until > absl::CivilDay(today.year() + kMaxEmbargoYears, today.month(), today.day())) {
    return InvalidField("embargoed_until",
                        absl::StrCat("it is more than a year after today, ", absl::FormatCivilTime(today), "."));
  }
  return absl::OkStatus();
}

bool Releases::IsVisible(const v1::Release& release, const Principal* viewer) const {
  if (viewer == nullptr || viewer->SeesEverybody()) return true;
  const auto collection = state_->FindCollection(release.collection());
  return collection.ok() && IsSeenByAll(*state_->releases(), release, *(*collection)->schema, clock_());
}

absl::StatusOr<std::vector<Releases::Record>> Releases::Find(const std::string& collection, const std::string& period,
                                                             const Principal* viewer) const {
  if (const auto found = state_->FindCollection(collection); !found.ok()) return found.status();
  const absl::StatusOr<Period> parsed = Period::Parse(period);
  if (!parsed.ok()) return InvalidField("period", parsed.status().message());
  std::vector<Record> found;
  for (Record& record : state_->releases()->OfPeriod(collection, parsed->ToString())) {
    if (IsVisible(record->release(), viewer)) found.push_back(std::move(record));
  }
  return found;
}

absl::StatusOr<Releases::Record> Releases::Find(const std::string& collection, const std::string& period,
                                                absl::optional<uint32_t> number, const Principal* viewer) const {
  const absl::StatusOr<std::vector<Record>> all = Find(collection, period, viewer);
  if (!all.ok()) return all.status();
  std::vector<uint32_t> numbers;
  for (const Record& record : *all) {
    numbers.push_back(record->release().number());
    if (number && numbers.back() == *number) return record;
  }
  if (!number && !all->empty()) return all->back();
  return NotFound("release",
                  absl::StrCat(collection, " ", Period::Parse(period)->ToDisplayString(),
                               number ? absl::StrCat(" number ", *number) : ""),
                  numbers.empty() ? "None of the period is published."
                                  : absl::StrCat("There are the numbers ", absl::StrJoin(numbers, ", "), "."));
}

absl::StatusOr<std::string> Releases::ReadText(const v1::Release& release) const {
  std::string text;
  const absl::Status read =
      store_->ReadRelease(release.collection(), release.period(), release.number(), [&text](const std::string& part) {
        text += part;
        return text.size() <= kMaxReleaseBytes;
      });
  if (!read.ok()) return read;
  if (Sha256Hex(text) == release.sha256()) return text;
  return absl::DataLossError(absl::StrCat("the content of release ", release.number(), " of ", release.collection(),
                                          " ", release.period(), " is not what was published"));
}

absl::StatusOr<std::vector<v1::DownloadReleaseResponse>> Releases::Download(
    const v1::DownloadReleaseRequest& request) const {
  const auto number = request.has_number() ? absl::make_optional(request.number()) : absl::nullopt;
  const absl::StatusOr<Record> record = Find(request.collection(), request.period(), number, nullptr);
  if (!record.ok()) return record.status();
  const absl::StatusOr<std::string> text = ReadText((*record)->release());
  if (!text.ok()) return text.status();
  std::vector<v1::DownloadReleaseResponse> parts;
  for (std::string& part : SplitIntoParts(*text)) parts.emplace_back().set_content(std::move(part));
  *parts.front().mutable_release() = (*record)->release();
  return parts;
}

absl::StatusOr<v1::DiffReleasesResponse> Releases::Diff(const v1::DiffReleasesRequest& request) const {
  const auto to_number = request.has_to() ? absl::make_optional(request.to()) : absl::nullopt;
  const absl::StatusOr<Record> to = Find(request.collection(), request.period(), to_number, nullptr);
  if (!to.ok()) return to.status();
  const uint32_t last = (*to)->release().number();
  if (!request.has_from() && last == 1) {
    return Refused("NO_EARLIER_RELEASE", "it is the first release of the period, so there is none to compare it with.");
  }
  if (request.has_from() && request.from() >= last) {
    return InvalidField("from", absl::StrCat("it must be a release before number ", last, "."));
  }
  const absl::StatusOr<Record> from =
      Find(request.collection(), request.period(), request.has_from() ? request.from() : last - 1, /*viewer=*/nullptr);
  if (!from.ok()) return from.status();
  const absl::StatusOr<ReleaseContent> earlier = Parse(ReadText((*from)->release()));
  if (!earlier.ok()) return earlier.status();
  const absl::StatusOr<ReleaseContent> later = Parse(ReadText((*to)->release()));
  if (!later.ok()) return later.status();

  v1::DiffReleasesResponse response;
  *response.mutable_from() = (*from)->release();
  *response.mutable_to() = (*to)->release();
  DiffContents(*earlier, *later, &response);
  DiffStatistics((*from)->statistics(), (*to)->statistics(), &response);
  if (response.ByteSizeLong() <= kMaxDiffBytes) return response;
  return Refused("DIFF_TOO_LARGE",
                 absl::StrCat("so much changed, ", response.values_size(),
                              " values, that it fits no answer. Download both releases and compare their lines."));
}

absl::StatusOr<v1::ListReleasesResponse> Releases::List(const v1::ListReleasesRequest& request,
                                                        const Principal& caller) const {
  if (!request.collection().empty()) {
    if (const auto found = state_->FindCollection(request.collection()); !found.ok()) return found.status();
  }
  std::string period;
  if (!request.period().empty()) {
    const absl::StatusOr<Period> parsed = Period::Parse(request.period());
    if (!parsed.ok()) return InvalidField("period", parsed.status().message());
    period = parsed->ToString();
  }
  const absl::StatusOr<size_t> page_size = PageSize(request.page_size());
  if (!page_size.ok()) return page_size.status();
  uint64_t before = std::numeric_limits<uint64_t>::max();
  if (!request.page_token().empty() && !absl::SimpleAtoi(request.page_token(), &before)) {
    return InvalidField("page_token", "it is not one that this server gave. Start again without it.");
  }
  const std::shared_ptr<const ReleaseIndex> index = state_->releases();
  std::vector<const storage::v1::ReleaseRecord*> records;
  for (const auto& [key, record] : index->all()) {
    const v1::Release& release = record->release();
    const bool wanted = (request.collection().empty() || release.collection() == request.collection()) &&
                        (period.empty() || release.period() == period) && record->sequence() < before;
    if (wanted && IsVisible(release, &caller)) records.push_back(record.get());
  }
  std::sort(records.begin(), records.end(), [](const auto* a, const auto* b) { return a->sequence() > b->sequence(); });

  v1::ListReleasesResponse response;
  size_t page_bytes = 0;
  for (size_t i = 0; i < records.size(); ++i) {
    if (i == *page_size || page_bytes >= kMaxPageBytes) {
      response.set_next_page_token(absl::StrCat(records[i - 1]->sequence()));
      break;
    }
    *response.add_releases() = records[i]->release();
    page_bytes += records[i]->release().ByteSizeLong();
  }
  return response;
}

absl::StatusOr<v1::GetReleaseResponse> Releases::Get(const v1::GetReleaseRequest& request,
                                                     const Principal& caller) const {
  const auto number = request.has_number() ? absl::make_optional(request.number()) : absl::nullopt;
  const absl::StatusOr<Record> record = Find(request.collection(), request.period(), number, &caller);
  if (!record.ok()) return record.status();
  v1::GetReleaseResponse response;
  *response.mutable_release() = (*record)->release();
  const auto collection = state_->FindCollection(request.collection());
  if (!collection.ok()) return collection.status();
  *response.mutable_undisclosed_services() = (*record)->undisclosed_services();
  if (disclosure_->SeesExactly(caller, **collection)) {
    *response.mutable_statistics() = (*record)->statistics();
    return response;
  }
  for (v1::NationalStatistics& each : disclosure_->ShownIn(**collection, **record)) {
    *response.add_statistics() = std::move(each);
  }
  return response;
}

}  // namespace quartermaster::server
