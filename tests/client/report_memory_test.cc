// The memory of the report does not grow with what is reported. Every allocation of this program is counted, so it
// stands apart from the other tests.
#include <gtest/gtest.h>
#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <ostream>
#include <streambuf>

#include "absl/strings/str_cat.h"
#include "client/verdict_report.h"

namespace {

std::atomic<int64_t> live_bytes{0};

// Out of line, lest the compiler take the pairs below for a mismatch.
__attribute__((noinline)) void* Allocate(size_t size) noexcept {
  void* block = std::malloc(size == 0 ? 1 : size);
  if (block != nullptr) live_bytes += static_cast<int64_t>(malloc_usable_size(block));
  return block;
}

__attribute__((noinline)) void Release(void* block) noexcept {
  if (block != nullptr) live_bytes -= static_cast<int64_t>(malloc_usable_size(block));
  std::free(block);
}

}  // namespace

// All forms but the aligned ones, so that a sanitizer's own never meet ours.
void* operator new(size_t size) {
  void* block = Allocate(size);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}
void* operator new[](size_t size) { return operator new(size); }
void* operator new(size_t size, const std::nothrow_t&) noexcept { return Allocate(size); }
void* operator new[](size_t size, const std::nothrow_t&) noexcept { return Allocate(size); }
void operator delete(void* block) noexcept { Release(block); }
void operator delete[](void* block) noexcept { Release(block); }
void operator delete(void* block, size_t) noexcept { Release(block); }
void operator delete[](void* block, size_t) noexcept { Release(block); }
void operator delete(void* block, const std::nothrow_t&) noexcept { Release(block); }
void operator delete[](void* block, const std::nothrow_t&) noexcept { Release(block); }

namespace quartermaster::client {
namespace {

// Takes what is printed and keeps none of it.
class Nowhere : public std::streambuf {
 protected:
  int overflow(int character) override { return character == traits_type::eof() ? 0 : character; }
  std::streamsize xsputn(const char*, std::streamsize size) override { return size; }
};

enum class Mistakes { kAlike, kEachDifferent };

// A rejected return with a dozen findings, as a server sends it.
v1::Verdict Rejected(int number, Mistakes mistakes) {
  v1::Verdict verdict;
  verdict.set_participant(absl::StrCat("RT", number));
  verdict.set_service("adult-inpatient");
  verdict.set_period("2025-26-Q1");
  for (int i = 0; i < 12; ++i) {
    const std::string suffix = mistakes == Mistakes::kEachDifferent ? absl::StrCat("-", number) : "";
    v1::Finding* finding = verdict.add_findings();
    finding->set_rule_id(absl::StrCat("rule", i, i % 2 == 0 ? suffix : ""));
    finding->set_field(absl::StrCat("field", i, suffix));
    finding->set_severity(i % 3 == 0 ? schema::v1::SEVERITY_QUERY : schema::v1::SEVERITY_ERROR);
    finding->set_message(absl::StrCat("Value ", number, " of field ", i, " is too large.", std::string(100, '.')));
    finding->set_hint(absl::StrCat("Look at return ", number, std::string(100, '.')));
    finding->set_file("returns.csv");
    finding->set_row(static_cast<uint32_t>(number));
  }
  return verdict;
}

// What the report holds after so many returns, in bytes.
int64_t HeldAfter(int returns, OutputFormat format, Mistakes mistakes) {
  Nowhere nowhere;
  std::ostream out(&nowhere);
  const Console console{out, out};
  const int64_t before = live_bytes;
  VerdictReport report({format, "accepted", false}, console);
  for (int i = 0; i < returns; ++i) {
    const v1::Verdict verdict = Rejected(i, mistakes);
    if (i % 7 == 0) {
      report.AddFailure(verdict, absl::AbortedError(absl::StrCat("another revision is there: ", i)));
    } else {
      report.Add(verdict);
    }
  }
  const int64_t held = live_bytes - before;
  report.Finish();
  return held;
}

TEST(ReportMemoryTest, DoesNotGrowWithTheReturns) {
  for (const OutputFormat format : {OutputFormat::kTable, OutputFormat::kCsv, OutputFormat::kJson}) {
    for (const Mistakes mistakes : {Mistakes::kAlike, Mistakes::kEachDifferent}) {
      HeldAfter(100, format, mistakes);  // What is made once for the whole program.
      // JSON is slow to make, and the first returns show already that none is kept.
      const int few = format == OutputFormat::kJson ? 200 : 1'000;
      const int64_t of_few = HeldAfter(few, format, mistakes);
      const int64_t of_many = HeldAfter(few * 10, format, mistakes);
      EXPECT_LT(of_many, of_few + of_few / 10 + 4096) << of_few;
      EXPECT_LT(of_many, 4 << 20);
      EXPECT_GT(of_many, 0);
    }
  }
}

}  // namespace
}  // namespace quartermaster::client
