// The `$name` variables of a `vary` row and their replacement in the texts of a case.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/diagnostics.hh"
#include "case/case_text.hh"

namespace tcpwitness {

class RowVariables {
  public:
    RowVariables() = default;
    explicit RowVariables(std::map<std::string, std::string> values) : values_(std::move(values)) {}

    // Replaces `$name` and `${name}` by the variable's value and `$$` by `$`. What was replaced is said to stand where
    // the `$` stands. A name that no column has is a mistake, and there is no text then.
    std::optional<CaseText> replace(const CaseText& text, Diagnostics& diagnostics);

    // The columns that some text used.
    const std::set<std::string>& used() const { return used_; }

  private:
    // Nothing and a mistake when no column has the name.
    std::optional<std::string> value_of(const std::string& name, const SourcePosition& position,
                                        Diagnostics& diagnostics);

    std::map<std::string, std::string> values_;
    std::set<std::string> used_;
};

}  // namespace tcpwitness
