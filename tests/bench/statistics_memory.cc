// Measures what the national statistics alone take of memory: first with a return of every participant for every
// quarter, then after a fifth of many resubmissions, and after all of them. Prints JSON: the values that are held, and
// the bytes.
#include <malloc.h>

#include <cstdint>

#include "absl/strings/str_format.h"
#include "tests/bench/bench_country.h"
#include "tests/bench/command_line.h"

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
  quartermaster::bench::CommandLine line("statistics_memory", "Measures the memory of the national statistics.");
  line.Add("--participants", &participants, "How many send returns");
  line.Add("--quarters", &quarters, "For how many quarters");
  line.Add("--resubmissions", &resubmissions, "How many returns replace an earlier one");
  if (const auto ended = line.Parse(argc, argv)) return *ended;

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
