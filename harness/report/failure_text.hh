// A case that did not pass, in full: what the case says and where, what was seen instead, how it came to it, on which
// kernel, and how to repeat it.
#pragma once

#include <string>

#include "record/record.hh"
#include "report/line.hh"

namespace tcpwitness {

constexpr int kNarrowestFailure = 60;  // columns

// Lines of at most style.width columns (kNarrowestFailure at the least), but for the command that repeats the case,
// which must not be cut. Empty for a pass or a skip.
std::string failure_text(const Record& record, const Style& style);

// "1.24s", "60.6s", "312s"
std::string seconds_text(Duration duration);

// Where it ran and who watched: "kernel 6.18.44, rootless, observers tp_btf, timer, sock_diag, capture"
std::string observed_text(const Record& record);

}  // namespace tcpwitness
