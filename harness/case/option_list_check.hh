// Lists that options take for a struct of several parts: keys, {server:0, "secret", 1}, and named fields, {rnext=2}.
#pragma once

#include "base/diagnostics.hh"
#include "base/socket_options.hh"
#include "case/case.hh"
#include "case/case_text.hh"

namespace tcpwitness {

// Whether a list names fields; only TCP_AO_INFO takes such.
bool has_fields(const CaseArgument& argument);

// Whether the argument is a key, or the name of one, as the option takes it; a mistake when not.
bool check_key(const CaseArgument& argument, const CaseText& text, const SocketOption& option,
               Diagnostics& diagnostics);

// Whether the argument is a list of the option's fields; a mistake when not.
bool check_fields(const CaseArgument& argument, const CaseText& text, const SocketOption& option,
                  Diagnostics& diagnostics);

}  // namespace tcpwitness
