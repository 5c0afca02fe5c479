// What `tcpwitness tune` found, as a page: the profile line by line, each with what it changed for a program.
#pragma once

#include <string>

#include "report/tuning_text.hh"

namespace tcpwitness {

// The whole file: HTML that needs no JavaScript but for its colours.
std::string tuning_page(const Tuning& tuning);

}  // namespace tcpwitness
