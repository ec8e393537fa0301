// What one participant has in one service and period.
#ifndef QUARTERMASTER_SERVER_NATIONAL_PARTICIPANT_VALUES_H_
#define QUARTERMASTER_SERVER_NATIONAL_PARTICIPANT_VALUES_H_

#include <string>
#include <vector>

#include "server/national/assembly.h"

namespace quartermaster::national {

struct ParticipantValues {
  std::string participant;
  // Of how many months of the period there are returns, of the participant itself or of those who merged into it, and
  // how many the period has: 1, 3 or 12. With none present the rest is empty.
  int months_present = 0;
  int months_expected = 0;
  // It was returned for just this period.
  bool whole = false;
  // A part of it, or all, was returned by those who merged into the participant.
  bool from_predecessors = false;
  // It is among the national figures of the period.
  bool counts = false;
  Contributions contributions;
  // What it is made of, ordered by participant and period.
  std::vector<UsedReturn> returns;

  bool partial() const { return months_present < months_expected; }
};

}  // namespace quartermaster::national

#endif  // QUARTERMASTER_SERVER_NATIONAL_PARTICIPANT_VALUES_H_
