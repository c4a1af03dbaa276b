// The bodies of every request, as tables (wire/shape.hpp).
#pragma once

#include "wire/shape.hpp"

namespace podplay::wire {

extern const Shape kUserCreate;
extern const Shape kUserUpdate;
// one line of the NDJSON body
extern const Shape kUserImport;
extern const Shape kDomainCreate;
extern const Shape kDomainImport;
extern const Shape kDomainUpdate;
extern const Shape kAliasCreate;
extern const Shape kAliasUpdate;
extern const Shape kLogin;
extern const Shape kBootstrap;
extern const Shape kRestart;
extern const Shape kMailSend;
extern const Shape kMailTest;
extern const Shape kMailRestore;
extern const Shape kSiteRestore;
extern const Shape kEnrol;
extern const Shape kRenew;
extern const Shape kWork;
extern const Shape kCommands;
extern const Shape kReport;
extern const Shape kCommandResult;

}  // namespace podplay::wire
