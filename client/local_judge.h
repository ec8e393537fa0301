// Judging returns at the desk, without a server: by the rules alone, or by all that a bundle holds.
#ifndef QUARTERMASTER_CLIENT_LOCAL_JUDGE_H_
#define QUARTERMASTER_CLIENT_LOCAL_JUDGE_H_

#include <map>
#include <string>
#include <tuple>

#include "client/bundle.h"
#include "client/return_file.h"
#include "quartermaster/v1/submission_service.pb.h"
#include "validation/reference_data.h"

namespace quartermaster::client {

// Judges the returns of a command one after the other.
class LocalJudge {
 public:
  // Without `bundle`, participants, populations and other returns are not known, so rules that need them are not
  // applied. With it, each return is judged against those of the bundle and those that were judged before it and are
  // fit to be accepted, as a server would that gets them in this order. The bundle must outlive this.
  explicit LocalJudge(const BundleReference* bundle = nullptr);
  // `reference_` points here.
  LocalJudge(const LocalJudge&) = delete;
  LocalJudge& operator=(const LocalJudge&) = delete;

  // The keys as far as they can be read, and all findings with their places. One that is withheld has an
  // error or is held back.
  v1::Verdict Judge(const FileReturn& file_return);

 private:
  using Key = std::tuple<std::string, std::string, Period>;  // service, participant, period

  ReferenceData reference_;
  std::map<Key, FieldRow> judged_;
  bool has_history_;
};

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_LOCAL_JUDGE_H_
