#include "server/extract_rows.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/national/messages.h"
#include "validation/findings.h"

namespace quartermaster::server {
namespace {

// A row that is made of a field; false if it was not given.
bool DescribeField(const FieldSchema& field, const FieldValue& value, v1::FieldRow* row) {
  row->set_field(field.path);
  switch (value.presence) {
    case Presence::kAbsent:
    case Presence::kUnreadable:
      return false;
    case Presence::kNotAvailable:
      row->set_not_available(true);
      return true;
    case Presence::kPresent:
      break;
  }
  if (IsNumber(field.type)) {
    row->set_number(value.number.ToDouble());
  } else {
    row->set_text(field.type == ValueType::kString ? std::string(value.text) : DisplayValue(field, value));
  }
  return true;
}

}  // namespace

void RowWriter::Begin(const Period& period, const ServiceSchema& service) {
  period_ = period.ToString();
  service_ = service.id();
}

absl::Status RowWriter::Add(absl::FunctionRef<void(v1::ExtractRow*)> fill) {
  v1::ExtractRow* row = message_.add_rows();
  row->set_period(period_);
  row->set_service(service_);
  fill(row);
  bytes_ += row->ByteSizeLong();
  return bytes_ < kMaxBytes ? absl::OkStatus() : Finish();
}

absl::Status RowWriter::Finish() {
  if (message_.rows().empty()) return absl::OkStatus();
  const absl::Status status = write_(&message_);
  message_.Clear();
  bytes_ = 0;
  return status;
}

absl::Status AddFields(const ServiceValues& values, const std::string& collection, const ServiceSchema& service,
                       const storage::Store& store, const Whose& whose, RowWriter* writer) {
  for (const national::UsedReturn& used : values.returns) {
    if (!whose(used.participant)) continue;
    const absl::StatusOr<storage::StoredReturn> stored =
        store.GetReturn({collection, service.id(), used.participant, used.period.ToString()}, used.revision);
    if (!stored.ok()) return stored.status();
    const absl::StatusOr<ReturnValues> read =
        ReturnValues::Read(service, stored->record.data(), stored->record.not_available());
    if (!read.ok()) {
      return absl::DataLossError(absl::StrCat("the stored return of ", used.participant, " for ", service.id(), " ",
                                              used.period.ToString(), " does not read back"));
    }
    std::map<absl::string_view, absl::string_view> reasons;
    for (const v1::NotAvailable& missing : stored->record.not_available()) reasons[missing.field()] = missing.reason();
    for (const FieldSchema& field : service.fields()) {
      v1::FieldRow row;
      row.set_participant(used.participant);
      if (const auto reason = reasons.find(field.path); reason != reasons.end()) {
        row.set_not_available_reason(std::string(reason->second));
      }
      if (!DescribeField(field, read->fields()[static_cast<size_t>(field.index)], &row)) continue;
      const absl::Status status = writer->Add([&row](v1::ExtractRow* next) { next->mutable_field()->Swap(&row); });
      if (!status.ok()) return status;
    }
  }
  return absl::OkStatus();
}

absl::Status AddValues(const ServiceValues& values, const Whose& whose, RowWriter* writer) {
  for (const ExtractedIndicator& indicator : values.indicators) {
    const bool has_denominator = indicator.schema == nullptr || indicator.schema->is_ratio();
    for (const ExtractedValue& value : indicator.values) {
      if (!whose(value.participant)) continue;
      const absl::Status status = writer->Add([&](v1::ExtractRow* next) {
        v1::ValueRow* row = next->mutable_value();
        row->set_participant(value.participant);
        row->set_indicator(indicator.id);
        row->set_category(indicator.category);
        row->set_value(value.contribution.value.ToDouble());
        row->set_numerator(value.contribution.numerator.ToDouble());
        if (has_denominator) row->set_denominator(value.contribution.denominator.ToDouble());
        row->set_partial(value.partial);
      });
      if (!status.ok()) return status;
    }
  }
  return absl::OkStatus();
}

absl::Status AddGroupStatistics(const ServiceValues& values, const ServiceSchema& service, const PeerGroups& groups,
                                const std::vector<std::string>& expected, RowWriter* writer) {
  std::vector<uint32_t> n_expected(groups.size());
  for (const std::string& participant : expected) {
    const int group = groups.GroupOf(participant);
    if (group >= 0) ++n_expected[static_cast<size_t>(group)];
  }
  for (const ExtractedIndicator& indicator : values.indicators) {
    if (indicator.schema == nullptr) continue;
    for (size_t group = 0; group < groups.size(); ++group) {
      const national::Cell cell = CellOf(indicator, [&](const std::string& participant) {
        return groups.GroupOf(participant) == static_cast<int>(group);
      });
      const absl::Status status = writer->Add([&](v1::ExtractRow* next) {
        *next->mutable_statistics() = national::MakeStatistics(service, *indicator.schema, cell);
        next->mutable_statistics()->set_n_expected(n_expected[group]);
        *next->mutable_statistics()->mutable_peers() = groups.filters(group);
      });
      if (!status.ok()) return status;
    }
  }
  return absl::OkStatus();
}

}  // namespace quartermaster::server
