// The commands of qm. Each of these functions adds those of one subject to the command line.
#ifndef QUARTERMASTER_CLIENT_COMMANDS_COMMANDS_H_
#define QUARTERMASTER_CLIENT_COMMANDS_COMMANDS_H_

#include "client/command_line.h"

namespace quartermaster::client {

// submit, validate
void AddSubmissionCommands(CommandLine* command_line);
// template
void AddTemplateCommand(CommandLine* command_line);
// returns list, show, withdraw
void AddReturnsCommands(CommandLine* command_line);
// national, position
void AddNationalCommands(CommandLine* command_line);
// trend
void AddTrendCommand(CommandLine* command_line);
// extract
void AddExtractCommand(CommandLine* command_line);
// collection list, show, and those that follow
void AddCollectionCommands(CommandLine* command_line);
// collection publish, check, shadow; called by the one above
void AddPublicationCommands(CommandLine* command_line);
// returns explain; query list, show, accept, return, comment. After AddReturnsCommands
void AddQueryCommands(CommandLine* command_line);
// exception grant, list, end, uses
void AddExceptionCommands(CommandLine* command_line);
// window show, extend, reopen, end, list
void AddWindowCommands(CommandLine* command_line);
// release preview, publish, list, show, diff
void AddReleaseCommands(CommandLine* command_line);
// admin token create, list, revoke
void AddAdminCommands(CommandLine* command_line);
// admin backup create, list; admin verify; admin restore. After AddAdminCommands
void AddStoreCommands(CommandLine* command_line);
// admin audit export, verify. After AddAdminCommands
void AddAuditCommands(CommandLine* command_line);
// status, watch
void AddProgressCommands(CommandLine* command_line);
// receipt verify, key
void AddReceiptCommands(CommandLine* command_line);
// bundle
void AddBundleCommand(CommandLine* command_line);
// participant import, list, enrol, enrolments; population import
void AddParticipantCommands(CommandLine* command_line);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_COMMANDS_COMMANDS_H_
