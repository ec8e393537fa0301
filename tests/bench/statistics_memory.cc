// Measures what the national statistics alone take of memory: first with a return of every participant for every
// quarter, then after a fifth of many resubmissions, and after all of them. Prints JSON: the values that are held, and
// the bytes.
#include <malloc.h>

#include <CLI/CLI.hpp>
#include <cstdint>

#include "absl/strings/str_format.h"
#include "tests/bench/bench_country.h"

namespace {

uint64_t AllocatedBytes() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

}  // namespace

int main(int argc, char** argv) {
  int64_t participants = 100;
  int64_t quarters = 72;
  int64_t resubmissions = 1'000'000;
  CLI::App app{"Measures the memory of the national statistics.", "statistics_memory"};
  app.add_option("--participants", participants, "How many send returns")->capture_default_str();
  app.add_option("--quarters", quarters, "For how many quarters")->capture_default_str();
  app.add_option("--resubmissions", resubmissions, "How many returns replace an earlier one")->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  quartermaster::bench::Country country(participants, quarters);
  const uint64_t before = AllocatedBytes();
  country.Fill();
  const uint64_t filled = AllocatedBytes() - before;
  for (int64_t i = 0; i < resubmissions / 5; ++i) country.PutNext();
  const uint64_t after_a_fifth = AllocatedBytes() - before;
  for (int64_t i = resubmissions / 5; i < resubmissions; ++i) country.PutNext();
  const uint64_t after_all = AllocatedBytes() - before;
  absl::PrintF("{\"values\": %d, \"filled_bytes\": %d, \"bytes_after_a_fifth\": %d, \"bytes_after_all\": %d}\n",
               participants * quarters * quartermaster::bench::kFields, filled, after_a_fifth, after_all);
  return 0;
}
