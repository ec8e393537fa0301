#include "client/extract_rows.h"

#include "absl/strings/str_cat.h"
#include "client/enum_name.h"

namespace quartermaster::client {
namespace {

constexpr absl::string_view kFieldColumns[] = {"period", "service", "participant",
                                               "field",  "value",   "not_available_reason"};
constexpr absl::string_view kValueColumns[] = {"period", "service",   "participant", "indicator", "category",
                                               "value",  "numerator", "denominator", "partial"};
constexpr absl::string_view kStatisticsColumns[] = {"period",         "service",
                                                    "indicator",      "category",
                                                    "title",          "unit",
                                                    "peers",          "n",
                                                    "n_expected",     "mean",
                                                    "median",         "lower_quartile",
                                                    "upper_quartile", "percentile_10",
                                                    "percentile_90",  "minimum",
                                                    "maximum",        "standard_deviation",
                                                    "pooled",         "withheld"};
constexpr absl::string_view kPublicColumns[] = {"period",    "service",     "indicator", "category",
                                                "title",     "unit",        "peers",     "participants",
                                                "numerator", "denominator", "rate",      "withheld"};

using Cells = std::vector<ExtractCell>;

ExtractCell Number(bool is_there, double value) { return is_there ? ExtractCell(value) : ExtractCell(); }

ExtractCell Text(const std::string& text) { return text.empty() ? ExtractCell() : ExtractCell(text); }

ExtractCell Reason(v1::Withheld withheld) {
  return withheld == v1::WITHHELD_UNSPECIFIED ? ExtractCell() : ExtractCell(TypedEnumName(withheld));
}

// "nation=Wales", and several with "; " between them.
ExtractCell Peers(const google::protobuf::RepeatedPtrField<v1::PeerFilter>& peers) {
  std::string text;
  for (const v1::PeerFilter& filter : peers) {
    absl::StrAppend(&text, text.empty() ? "" : "; ", TypedEnumName(filter.attribute()), "=", filter.value());
  }
  return Text(text);
}

void AddField(const v1::FieldRow& row, Cells* cells) {
  cells->insert(cells->end(), {Text(row.participant()), Text(row.field())});
  cells->push_back(row.not_available() ? ExtractCell("NA")
                   : row.has_number()  ? ExtractCell(row.number())
                                       : Text(row.text()));
  cells->push_back(Text(row.not_available_reason()));
}

void AddValue(const v1::ValueRow& row, Cells* cells) {
  cells->insert(cells->end(),
                {Text(row.participant()), Text(row.indicator()), Text(row.category()), row.value(), row.numerator(),
                 Number(row.has_denominator(), row.denominator()), row.partial() ? ExtractCell("yes") : ExtractCell()});
}

void AddStatistics(const v1::NationalStatistics& row, Cells* cells) {
  cells->insert(
      cells->end(),
      {Text(row.indicator()), Text(row.category()), Text(row.title()), Text(row.unit()), Peers(row.peers()),
       static_cast<double>(row.n()), Number(row.n_expected() > 0, row.n_expected()), Number(row.has_mean(), row.mean()),
       Number(row.has_median(), row.median()), Number(row.has_lower_quartile(), row.lower_quartile()),
       Number(row.has_upper_quartile(), row.upper_quartile()), Number(row.has_percentile_10(), row.percentile_10()),
       Number(row.has_percentile_90(), row.percentile_90()), Number(row.has_minimum(), row.minimum()),
       Number(row.has_maximum(), row.maximum()), Number(row.has_standard_deviation(), row.standard_deviation()),
       Number(row.has_pooled(), row.pooled()), Reason(row.withheld())});
}

void AddPublic(const v1::PublicRow& row, Cells* cells) {
  const auto count = [&row](bool is_there, double value) {
    if (!is_there && row.withheld() == v1::WITHHELD_SUPPRESSED) return ExtractCell("*");
    return Number(is_there, value);
  };
  cells->insert(
      cells->end(),
      {Text(row.indicator()), Text(row.category()), Text(row.title()), Text(row.unit()), Peers(row.peers()),
       count(row.has_participants(), row.participants()), count(row.has_numerator(), row.numerator()),
       count(row.has_denominator(), row.denominator()), count(row.has_rate(), row.rate()), Reason(row.withheld())});
}

}  // namespace

absl::string_view ExtractKindName(ExtractKind kind) {
  switch (kind) {
    case v1::ExtractRow::kField:
      return "field";
    case v1::ExtractRow::kValue:
      return "value";
    case v1::ExtractRow::kStatistics:
      return "statistics";
    case v1::ExtractRow::kPublishable:
      return "public";
    case v1::ExtractRow::ROW_NOT_SET:
      break;
  }
  return "";
}

absl::Span<const absl::string_view> ExtractColumns(ExtractKind kind) {
  switch (kind) {
    case v1::ExtractRow::kField:
      return kFieldColumns;
    case v1::ExtractRow::kValue:
      return kValueColumns;
    case v1::ExtractRow::kStatistics:
      return kStatisticsColumns;
    case v1::ExtractRow::kPublishable:
      return kPublicColumns;
    case v1::ExtractRow::ROW_NOT_SET:
      break;
  }
  return {};
}

std::vector<ExtractCell> ExtractCells(const v1::ExtractRow& row) {
  Cells cells = {Text(row.period()), Text(row.service())};
  switch (row.row_case()) {
    case v1::ExtractRow::kField:
      AddField(row.field(), &cells);
      return cells;
    case v1::ExtractRow::kValue:
      AddValue(row.value(), &cells);
      return cells;
    case v1::ExtractRow::kStatistics:
      AddStatistics(row.statistics(), &cells);
      return cells;
    case v1::ExtractRow::kPublishable:
      AddPublic(row.publishable(), &cells);
      return cells;
    case v1::ExtractRow::ROW_NOT_SET:
      break;
  }
  return {};
}

}  // namespace quartermaster::client
