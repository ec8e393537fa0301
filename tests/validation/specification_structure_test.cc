// STRUCTURE: the key of a return, its message, and the names in it.
#include "gtest/gtest.h"
#include "tests/validation/specification.h"

namespace quartermaster::specification::structure {
namespace {

using Twist = std::function<void(v1::ReturnContent*)>;

Twist From(const std::string& participant) {
  return [participant](v1::ReturnContent* content) { content->set_participant(participant); };
}
Twist For(const std::string& service) {
  return [service](v1::ReturnContent* content) { content->set_service(service); };
}
Twist Carrying(const std::string& type_url) {
  return [type_url](v1::ReturnContent* content) { content->mutable_data()->set_type_url(type_url); };
}
Twist With(const std::string& bytes) {
  return [bytes](v1::ReturnContent* content) { content->mutable_data()->mutable_value()->append(bytes); };
}

Table Participants() {
  const std::string code = "STRUCTURE ERROR participant-code participant";
  const std::string unknown = "STRUCTURE ERROR unknown-participant participant";
  const std::string month = "2025-04";
  return {
      {.says = "A registered code is taken.", .period = month, .twist = From("RT1")},
      {.says = "So is that of a site.", .period = month, .twist = From("RT1-NORTH")},
      {.says = "There must be a code.", .period = month, .findings = {code}, .twist = From("")},
      {.says = "Letters are capitals.", .period = month, .findings = {code}, .twist = From("rt1")},
      {.says = "A code has 2 characters at least,", .period = month, .findings = {code}, .twist = From("R")},
      {.says = "and with 2 it is one.", .period = month, .findings = {unknown}, .twist = From("RT")},
      {.says = "It has 12 at most,", .period = month, .findings = {unknown}, .twist = From("ABCDEFGHIJKL")},
      {.says = "not 13.", .period = month, .findings = {code}, .twist = From("ABCDEFGHIJKLM")},
      {.says = "A hyphen needs a name of the site.", .period = month, .findings = {code}, .twist = From("RT1-")},
      {.says = "The site has 20 characters at most,",
       .period = month,
       .findings = {unknown},
       .twist = From("RT1-ABCDEFGHIJKLMNOPQRST")},
      {.says = "not 21.", .period = month, .findings = {code}, .twist = From("RT1-ABCDEFGHIJKLMNOPQRSTU")},
      {.says = "Blanks belong to no code.", .period = month, .findings = {code}, .twist = From(" RT1")},
      {.says = "Bytes that are no text are no code.", .period = month, .findings = {code}, .twist = From("\xff\xfe")},
      {.says = "A spreadsheet makes a number of 11E07.", .period = month, .findings = {code}, .twist = From("1.1E+08")},
      {.says = "A code that nobody registered is not taken.",
       .period = month,
       .findings = {unknown},
       .twist = From("RT2")},
  };
}

Table Periods() {
  const std::string manager = "manager: 'Ann'";  // From 2026 on there must be one.
  const std::string period = "STRUCTURE ERROR period period";
  const std::string kind = "STRUCTURE ERROR period-kind period";
  const std::string too_early = "STRUCTURE ERROR period-too-early period";
  const std::string not_begun = "STRUCTURE ERROR period-not-begun period";
  return {
      {"A month is taken where the collection takes months.", "2025-04", ""},
      {"A quarter is taken where it takes quarters.", "2025-26-Q1", ""},
      {"A month may be written as people do.", "Apr 2025", ""},
      {"So may a quarter.", "Q1 2025/26", ""},
      {"A year is not taken where the collection takes none.", "FY2025-26", "", {kind}},
      {"There must be a period.", "", "", {period}},
      {"It must be one.", "yesterday", "", {period}},
      {"There is no thirteenth month.", "2025-13", "", {period}},
      {"A year without FY could be a month.", "2025-26", "", {period}},
      {"A calendar quarter could be either of two.", "2025Q2", "", {period}},
      {"A financial year ends one year after it starts.", "2025-27-Q1", "", {period}},
      {"The first month of the collection is taken,", "2020-04", ""},
      {"not the one before.", "2020-03", "", {too_early}},
      {"The first quarter is taken,", "2020-21-Q1", ""},
      {"not the one before.", "2019-20-Q4", "", {too_early}},
      {"The current month is taken,", "2026-09", manager},
      {"not the next.", "2026-10", manager, {not_begun}},
      {"The current quarter is taken,", "2026-27-Q2", manager},
      {"not the next.", "2026-27-Q3", manager, {not_begun}},
      {"Fields are judged without a period, but for what begins with one.",
       "2025Q2",
       "beds: 1001",
       {period, "INVALID ERROR maximum beds"}},
      {"Rules are not.", "2025Q2", "occupied: 2 available: 1", {period}},
  };
}

Table Messages() {
  const std::string wrong = "STRUCTURE ERROR wrong-message";
  const std::string unreadable = "STRUCTURE ERROR unreadable-data";
  const std::string unknown = "STRUCTURE ERROR unknown-service service";
  const std::string ward = "quartermaster.collections.spec.v1.Ward";
  return {
      {.says = "The service is one of the collection.",
       .period = "2025-04",
       .findings = {unknown},
       .twist = For("wards")},
      {.says = "There must be a service.", .period = "2025-04", .findings = {unknown}, .twist = For("")},
      {.says = "Ids are in small letters.", .period = "2025-04", .findings = {unknown}, .twist = For("Ward")},
      {.says = "Every part of the key is judged, and what hangs on a missing one is not.",
       .period = "2020-03",
       .fields = "beds: 1001",
       .findings = {"STRUCTURE ERROR participant-code participant", "STRUCTURE ERROR period-too-early period", unknown},
       .twist =
           [](v1::ReturnContent* content) {
             content->set_participant("?");
             content->set_service("?");
           }},
      {.says = "The host before the name of the message does not matter.",
       .period = "2025-04",
       .twist = Carrying("example.org/" + ward)},
      {.says = "The message is that of the service.",
       .period = "2025-04",
       .findings = {wrong},
       .twist = Carrying("type.googleapis.com/quartermaster.collections.spec.v1.Values")},
      {.says = "It is that of the collection.",
       .period = "2025-04",
       .findings = {wrong},
       .twist = Carrying("type.googleapis.com/quartermaster.collections.other.v1.Ward")},
      {.says = "It has a name.", .period = "2025-04", .findings = {wrong}, .twist = Carrying("")},
      {.says = "Bytes that are no message give one finding.",
       .period = "2025-04",
       .fields = "beds: 1001",
       .findings = {unreadable},
       .twist = With("\xff\xff\xff")},
      {.says = "So does a message that breaks off.",
       .period = "2025-04",
       .findings = {unreadable},
       .twist = With("\x3a\x05x")},
      {.says = "So does a text that is not UTF-8.",
       .period = "2025-04",
       .findings = {unreadable},
       .twist = With("\x3a\x02\xc3\x28")},
  };
}

Table Names() {
  const auto unknown = [](const std::string& name) { return "STRUCTURE ERROR unknown-field " + name; };
  return {
      {.says = "A name that the service does not have is not passed over.",
       .period = "2025-04",
       .findings = {unknown("helicopters")},
       .unreadable = {"helicopters = 3"}},
      {.says = "It is no matter whether it comes with a value.",
       .period = "2025-04",
       .findings = {unknown("helicopters")},
       .unreadable = {"helicopters = "}},
      {.says = "A group has no value of its own.",
       .period = "2025-04",
       .findings = {unknown("gender")},
       .unreadable = {"gender = 3"}},
      {.says = "A field of another service is unknown.",
       .period = "2025-04",
       .findings = {unknown("floor_code")},
       .unreadable = {"floor_code = a"}},
      {.says = "A name is judged where it is said to be not available, too.",
       .period = "2025-04",
       .findings = {unknown("helicopters")},
       .not_available = {"helicopters"}},
      {.says = "A field that is known by its number only has no name.",
       .period = "2025-04",
       .findings = {unknown("#99")},
       .twist = With("\x98\x06\x01")},
      {.says = "Within a group as well.",
       .period = "2025-04",
       .findings = {unknown("gender.#99")},
       .twist = With("\x6a\x03\x98\x06\x01")},
      {.says = "A misspelt name is one mistake: rules on the field that was meant are silent.",
       .period = "2026-01",
       .findings = {unknown("maneger")},
       .unreadable = {"maneger = Ann"}},
      {.says = "Beside the right name it is one more mistake.",
       .period = "2026-01",
       .fields = "manager: 'Ann'",
       .findings = {unknown("maneger")},
       .unreadable = {"maneger = Ann"}},
      {.says = "Names that are nothing like each other stand for nothing.",
       .period = "2026-01",
       .findings = {"MISSING ERROR required manager", unknown("helicopters")},
       .unreadable = {"helicopters = 3"}},
      {.says = "What is said to be not available is said once.",
       .period = "2025-04",
       .findings = {"STRUCTURE ERROR duplicate-field occupied"},
       .not_available = {"occupied", "occupied"}},
  };
}

TEST(SpecificationStructure, Participants) { ExpectRows(Participants()); }
TEST(SpecificationStructure, Periods) { ExpectRows(Periods()); }
TEST(SpecificationStructure, Messages) { ExpectRows(Messages()); }
TEST(SpecificationStructure, Names) { ExpectRows(Names()); }

}  // namespace

size_t Rows() { return Participants().size() + Periods().size() + Messages().size() + Names().size(); }

}  // namespace quartermaster::specification::structure
