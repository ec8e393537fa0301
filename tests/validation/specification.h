// The specification of the verdict: what is found in a return, row by row in words, one file for each class of
// findings.
//
// A row says in a sentence what holds, gives the fields of a return as text proto, with the returns before it, and
// lists the findings: "CLASS SEVERITY rule-id subject", where the subject is the field, or the indicator. The
// collection is in specification_collection.cc. What no row says otherwise: the return is of RT1, which is registered,
// for the service "ward"; it is September 2026; nobody has a population, peers or an exception.
#ifndef QUARTERMASTER_TESTS_VALIDATION_SPECIFICATION_H_
#define QUARTERMASTER_TESTS_VALIDATION_SPECIFICATION_H_

#include <functional>
#include <string>
#include <vector>

#include "quartermaster/v1/submission_service.pb.h"
#include "validation/schema.h"
#include "validation/validate.h"

namespace quartermaster::specification {

// Another return of the participant for the service.
struct Earlier {
  std::string period;
  std::string fields;
};

// What `others` have on an indicator; the period is the one before.
struct Peers {
  std::string indicator;
  double median;
  double deviation;
  uint32_t others;
};

struct Row {
  std::string says;
  std::string period;
  std::string fields;
  std::vector<std::string> findings = {};
  std::vector<Earlier> earlier = {};
  std::string service = "ward";
  std::vector<std::string> not_available = {};  // Paths.
  std::vector<std::string> unreadable = {};     // "path = what was written".
  std::vector<Peers> peers = {};
  std::vector<std::string> exceptions = {};  // "rule-id subject", each until the end of 2026.
  std::vector<double> populations = {};      // At most one: that of 18-64, in every period.
  std::vector<std::string> shadow_findings = {};
  // Done to the return before it is judged.
  std::function<void(v1::ReturnContent*)> twist = {};
};
using Table = std::vector<Row>;

const CollectionSchema& Collection();

// The verdict on the return of a row.
Judgement JudgeRow(const Row& row);

// Judges each row, compares what is found, and checks what holds for every finding: it says what is wrong and what to
// do in full sentences, has a fingerprint just where it is a QUERY, and a baseline where it compares with something.
void ExpectRows(const Table& rows);

// "CLASS SEVERITY rule-id subject".
std::string Line(const v1::Finding& finding);

// Returns for the periods before `period`, newest first; an empty text stands for a gap.
std::vector<Earlier> Past(const std::string& period, const std::vector<std::string>& fields);

// How many rows each class has. Each file of rows has its own namespace, for their short words are the same.
// clang-format off
namespace structure { size_t Rows(); }
namespace missing { size_t Rows(); }
namespace invalid { size_t Rows(); }
namespace inconsistent { size_t Rows(); }
namespace historical { size_t Rows(); }  // Those of specification_quarter_test.cc included.
namespace quarter { size_t Rows(); }
namespace exceptional { size_t Rows(); }
// clang-format on

}  // namespace quartermaster::specification

#endif  // QUARTERMASTER_TESTS_VALIDATION_SPECIFICATION_H_
