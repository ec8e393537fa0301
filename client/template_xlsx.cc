#include "client/template_xlsx.h"

#include <xlsxwriter.h>

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "client/collection_table.h"
#include "client/excel_text.h"
#include "client/template_sheets.h"
#include "client/text.h"

namespace quartermaster::client {
namespace {

// Blanks keep them from being the id of a service.
constexpr char kFieldsSheet[] = "About the fields";
constexpr char kChoicesSheet[] = "Choices of fields";

constexpr size_t kMaxSheetNameCharacters = 31;  // Excel's own limit.
constexpr size_t kMaxColumnLetters = 40;        // Wider columns leave no room for others on a screen.
constexpr size_t kMinColumnLetters = 10;
constexpr uint16_t kCommentWidthPixels = 320;
constexpr uint16_t kCommentHeightPixels = 160;
constexpr char kTextFormat[] = "@";

class TemplateXlsx {
 public:
  TemplateXlsx(const std::string& file, const CollectionSchema& schema, const ServiceSchema& service,
               const KeyOptions& keys)
      : file_(file), schema_(schema), service_(service), keys_(keys), workbook_(workbook_new(file.c_str())) {}
  ~TemplateXlsx() {
    if (workbook_ != nullptr) lxw_workbook_free(workbook_);
  }
  TemplateXlsx(const TemplateXlsx&) = delete;
  TemplateXlsx& operator=(const TemplateXlsx&) = delete;

  absl::Status Write() {
    if (workbook_ == nullptr) return Problem(LXW_ERROR_MEMORY_MALLOC_FAILED);
    heading_ = workbook_add_format(workbook_);
    format_set_bold(heading_);
    required_ = workbook_add_format(workbook_);
    format_set_bold(required_);
    format_set_bg_color(required_, 0xFFF2CC);
    lxw_worksheet* const form = AddSheet(std::string(FirstCharacters(service_.id(), kMaxSheetNameCharacters)));
    lxw_worksheet* const fields = AddSheet(kFieldsSheet);
    lxw_worksheet* const choices = AddSheet(kChoicesSheet);
    if (error_ == LXW_NO_ERROR) WriteForm(form);
    if (error_ == LXW_NO_ERROR) WriteFields(fields);
    if (error_ == LXW_NO_ERROR) WriteChoices(form, choices);
    if (error_ != LXW_NO_ERROR) return Problem(error_);
    lxw_workbook* const workbook = workbook_;
    workbook_ = nullptr;  // Closing frees it, whatever it gives.
    const lxw_error error = workbook_close(workbook);
    return error == LXW_NO_ERROR ? absl::OkStatus() : Problem(error);
  }

 private:
  absl::Status Problem(lxw_error error) const {
    return absl::UnknownError(absl::StrCat(file_, ": cannot be written: ", lxw_strerror(error), "."));
  }
  void Check(lxw_error error) {
    if (error_ == LXW_NO_ERROR) error_ = error;
  }

  lxw_worksheet* AddSheet(const std::string& name) {
    lxw_worksheet* const sheet = workbook_add_worksheet(workbook_, name.c_str());
    if (sheet == nullptr) Check(LXW_ERROR_SHEETNAME_ALREADY_USED);
    return sheet;
  }

  void WriteText(lxw_worksheet* sheet, lxw_row_t row, lxw_col_t column, const std::string& text, lxw_format* format) {
    Check(worksheet_write_string(sheet, row, column, ExcelText(text).c_str(), format));
  }

  // One for each way of writing values, made when it is asked for.
  lxw_format* FormatOf(const std::string& code) {
    lxw_format*& format = formats_[code];
    if (format == nullptr) {
      format = workbook_add_format(workbook_);
      format_set_num_format(format, code.c_str());
    }
    return format;
  }

  static std::string FormatCode(const FieldSchema& field) {
    if (field.type == ValueType::kInt) return "0";
    if (field.type == ValueType::kDouble) {
      return field.places == 0 ? "0" : absl::StrCat("0.", std::string(static_cast<size_t>(field.places), '0'));
    }
    return kTextFormat;
  }

  void SetColumn(lxw_worksheet* sheet, size_t column, size_t letters, lxw_format* format) {
    const double width = static_cast<double>(std::clamp(letters, kMinColumnLetters, kMaxColumnLetters)) + 2;
    const auto place = static_cast<lxw_col_t>(column);
    Check(worksheet_set_column(sheet, place, place, width, format));
  }

  void Comment(lxw_worksheet* sheet, size_t column, const std::string& text) {
    lxw_comment_options options = {};
    options.width = kCommentWidthPixels;
    options.height = kCommentHeightPixels;
    Check(worksheet_write_comment_opt(sheet, 0, static_cast<lxw_col_t>(column), ExcelText(text).c_str(), &options));
  }

  void WriteForm(lxw_worksheet* sheet) {
    const Table table = TemplateTable(service_, keys_);
    for (size_t i = 0; i < table.columns.size(); ++i) {
      const std::string& heading = table.columns[i].heading;
      const FieldSchema* const field = i < kTemplateKeys ? nullptr : &service_.fields()[i - kTemplateKeys];
      const bool is_required = field == nullptr || field->required;
      lxw_format* const format = FormatOf(field == nullptr ? kTextFormat : FormatCode(*field));
      SetColumn(sheet, i, heading.size(), format);
      WriteText(sheet, 0, static_cast<lxw_col_t>(i), heading, is_required ? required_ : heading_);
      if (field != nullptr) Comment(sheet, i, DescribeField(*field));
      const std::string& text = table.rows.front()[i];
      if (!text.empty()) WriteText(sheet, 1, static_cast<lxw_col_t>(i), text, format);
    }
    Comment(sheet, 0, "The participant's code, in each row.");
    Comment(sheet, 1, absl::StrCat("What the return is for, in each row: ", PeriodExamples(), "."));
    Comment(sheet, 2, absl::StrCat("In each row: ", service_.id()));
    Comment(sheet, 3, absl::StrCat("In each row: ", schema_.id()));
    // The heading, and whose row it is.
    worksheet_freeze_panes(sheet, 1, 2);
  }

  std::string PeriodExamples() const {
    std::string examples;
    for (const auto& [kind, example] : {std::pair(PeriodKind::kMonth, "2025-04 for a month"),
                                        std::pair(PeriodKind::kQuarter, "2025-26-Q1 for a financial quarter"),
                                        std::pair(PeriodKind::kYear, "FY2025-26 for a financial year")}) {
      if (schema_.takes(kind)) absl::StrAppend(&examples, examples.empty() ? "" : ", ", example);
    }
    return examples;
  }

  void WriteFields(lxw_worksheet* sheet) {
    const Table table = FieldTable(schema_, service_.id());
    lxw_format* const text = FormatOf(kTextFormat);
    for (size_t column = 0; column < table.columns.size(); ++column) {
      size_t letters = table.columns[column].heading.size();
      WriteText(sheet, 0, static_cast<lxw_col_t>(column), table.columns[column].heading, heading_);
      for (size_t row = 0; row < table.rows.size(); ++row) {
        const std::string& cell = table.rows[row][column];
        letters = std::max(letters, cell.size());
        WriteText(sheet, static_cast<lxw_row_t>(row + 1), static_cast<lxw_col_t>(column), cell, text);
      }
      SetColumn(sheet, column, letters, nullptr);
    }
    worksheet_freeze_panes(sheet, 1, 2);
  }

  // The lists are cells rather than a part of the form, which has room for 255 characters of a list and none for a
  // comma in it.
  void WriteChoices(lxw_worksheet* form, lxw_worksheet* sheet) {
    size_t column = 0;
    const auto add = [&](size_t form_column, const std::string& heading, const std::vector<std::string>& choices) {
      WriteText(sheet, 0, static_cast<lxw_col_t>(column), heading, heading_);
      for (size_t i = 0; i < choices.size(); ++i) {
        WriteText(sheet, static_cast<lxw_row_t>(i + 1), static_cast<lxw_col_t>(column), choices[i],
                  FormatOf(kTextFormat));
      }
      SetColumn(sheet, column, heading.size(), nullptr);
      const std::string letters = ColumnLetters(column++);
      OfferList(form, form_column,
                absl::StrCat("='", kChoicesSheet, "'!$", letters, "$2:$", letters, "$", choices.size() + 1));
    };
    // The two keys that are the same in every row.
    add(2, ChoicesHeading("service"), {service_.id()});
    add(3, ChoicesHeading("collection"), {schema_.id()});
    for (size_t i = 0; i < service_.fields().size(); ++i) {
      const FieldSchema& field = service_.fields()[i];
      const std::vector<std::string> choices = ChoicesOf(field);
      if (!choices.empty()) add(i + kTemplateKeys, ChoicesHeading(field.path), choices);
    }
  }

  // In all rows. Excel warns of other values and takes them if told so: * and what a later version knows.
  void OfferList(lxw_worksheet* form, size_t column, std::string formula) {
    std::string title = "Not in the list";
    std::string message = "Choose one of the list, if the value is meant to be one of it.";
    lxw_data_validation list = {};
    list.validate = LXW_VALIDATION_TYPE_LIST_FORMULA;
    list.value_formula = formula.data();
    list.error_type = LXW_VALIDATION_ERROR_TYPE_WARNING;
    list.error_title = title.data();
    list.error_message = message.data();
    const auto place = static_cast<lxw_col_t>(column);
    Check(worksheet_data_validation_range(form, 1, place, LXW_ROW_MAX - 1, place, &list));
  }

  const std::string file_;
  const CollectionSchema& schema_;
  const ServiceSchema& service_;
  const KeyOptions& keys_;
  lxw_workbook* workbook_;
  lxw_format* heading_ = nullptr;
  lxw_format* required_ = nullptr;
  std::map<std::string, lxw_format*> formats_;  // by code
  lxw_error error_ = LXW_NO_ERROR;              // the first
};

}  // namespace

absl::Status WriteTemplateXlsx(const std::string& file, const CollectionSchema& schema, const ServiceSchema& service,
                               const KeyOptions& keys) {
  return TemplateXlsx(file, schema, service, keys).Write();
}

}  // namespace quartermaster::client
