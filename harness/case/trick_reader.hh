// The values inside a trick of `path`: what stands in "drop(client > server, FIN, nth=2)" as a typed PathTrick.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/path_trick.hh"
#include "case/case_text.hh"
#include "case/path_tricks.hh"
#include "case/scope.hh"

namespace tcpwitness {

// A trick's text taken apart: its words in order, and what has a name.
struct TrickText {
    struct Parameter {
        CaseText name;
        CaseText value;  // with its relation when that is not '=': ">= 10"
    };

    const PathFunction* function = nullptr;
    CaseText name;
    std::vector<CaseText> positional;
    std::vector<Parameter> parameters;
    std::vector<std::string> switches;
};

// Nothing when a value is not what its name takes; every such mistake goes to the scope's diagnostics.
std::optional<PathTrick> read_trick(const TrickText& text, Scope& scope);

}  // namespace tcpwitness
