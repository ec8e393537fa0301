// The steward's files, from CSV to requests, and the server's checks of their rows. Behind the first byte, which
// chooses the kind, is the file.
#include "client/import_file.h"

#include <sys/mman.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "server/import_rows.h"
#include "tests/fuzz/fuzz.h"
#include "validation/participants.h"

namespace quartermaster::fuzz {
namespace {

// A file without a place on disk.
class MemoryFile {
 public:
  explicit MemoryFile(absl::string_view bytes) : descriptor_(memfd_create("f.csv", 0)) {
    Require(descriptor_ >= 0 && write(descriptor_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()),
            "there is memory for a file");
  }
  ~MemoryFile() { close(descriptor_); }
  std::string path() const { return absl::StrCat("/proc/self/fd/", descriptor_); }

 private:
  const int descriptor_;
};

const Participants& Registered() {
  static const auto& registered = *[] {
    auto* participants = new Participants;
    for (const char* code : {"RT1", "RT2", "RT1-NORTH"}) {
      v1::Participant participant;
      participant.set_code(code);
      participant.set_name(code);
      participants->Put(participant);
    }
    v1::Participant merged;
    merged.set_code("RT3");
    merged.set_name("Merged");
    merged.set_successor("RT1");
    merged.set_succeeded_from("2024-04");
    participants->Put(merged);
    return participants;
  }();
  return registered;
}

const CollectionSchema* FindCollection(const std::string& id) {
  return id == "fuzz" ? FuzzCollection().get() : nullptr;
}

template <typename Request>
void RequireSoundFile(const client::ImportFile<Request>& file, int items) {
  for (const v1::Finding& problem : file.problems) RequireSound(problem);
  Require(file.source != nullptr || !file.problems.empty(), "a file can be read, or there is a reason");
  Require(static_cast<size_t>(items) == file.rows.size(), "each item has its row");
  std::string bytes;
  Request copy;
  Require(file.request.SerializeToString(&bytes) && copy.ParseFromString(bytes), "a request can be sent");
}

template <typename Request>
void RequireSoundFindings(const client::ImportFile<Request>& file, server::Findings* findings) {
  for (const v1::Finding& finding : *findings) {
    RequireSound(finding);
    Require(finding.row() >= 1 && finding.row() <= file.rows.size(), "a finding is of an item");
  }
  client::LocateImportFindings(*file.source, file.rows, findings);
  for (const v1::Finding& finding : *findings) Require(!finding.file().empty(), "a finding says in which file");
}

void FuzzParticipants(const std::string& path) {
  const auto file = client::ReadParticipants(path);
  Require(file.ok(), "there is such a file");
  RequireSoundFile(*file, file->request.participants_size());
  if (file->source == nullptr) return;
  absl::flat_hash_set<std::string> seen;
  server::Findings findings;
  for (int i = 0; i < file->request.participants_size(); ++i) {
    server::JudgeParticipantRow(file->request.participants(i), i + 1, &seen, &findings);
  }
  server::JudgeSuccessions(file->request.participants(), Registered(), &findings);
  RequireSoundFindings(*file, &findings);
  if (!findings.empty()) return;
  Participants after = Registered();
  after.PutAll(absl::MakeConstSpan(file->request.participants().data(), file->rows.size()));
  for (const auto& [code, participant] : after.all()) {
    Require(after.Find(code) == &participant, "who was imported is found");
    after.PopulationOf(code, {"18-64", false}, Period::Month(2025, 4));
  }
}

void FuzzPopulations(const std::string& path) {
  const auto file = client::ReadPopulations(path);
  Require(file.ok(), "there is such a file");
  RequireSoundFile(*file, file->request.populations_size());
  if (file->source == nullptr) return;
  absl::flat_hash_set<std::string> seen;
  server::Findings findings;
  for (int i = 0; i < file->request.populations_size(); ++i) {
    server::JudgePopulationRow(file->request.populations(i), i + 1, Registered(), &seen, &findings);
  }
  RequireSoundFindings(*file, &findings);
  if (!findings.empty() || !file->problems.empty()) return;
  Participants after = Registered();
  for (const v1::Population& population : file->request.populations()) {
    after.Put(population);
    const v1::Population* found = after.FindPopulation(population);
    Require(found != nullptr && found->registered() == population.registered(), "what was imported is found");
  }
}

void FuzzEnrolments(const std::string& path) {
  const auto file = client::ReadEnrolments(path);
  Require(file.ok(), "there is such a file");
  RequireSoundFile(*file, file->request.enrolments_size());
  if (file->source == nullptr) return;
  absl::flat_hash_set<std::string> seen;
  server::Findings findings;
  for (int i = 0; i < file->request.enrolments_size(); ++i) {
    server::JudgeEnrolmentRow(file->request.enrolments(i), i + 1, FindCollection, Registered(), &seen, &findings);
  }
  RequireSoundFindings(*file, &findings);
}

}  // namespace
}  // namespace quartermaster::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace quartermaster::fuzz;
  if (size == 0) return 0;
  const MemoryFile file(AsText(data + 1, size - 1));
  switch (data[0] % 3) {
    case 0:
      FuzzParticipants(file.path());
      return 0;
    case 1:
      FuzzPopulations(file.path());
      return 0;
    default:
      FuzzEnrolments(file.path());
      return 0;
  }
}
