#include "case/variables.hh"

#include <fmt/core.h>

#include <vector>

namespace tcpwitness {
namespace {

bool is_name_start(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || letter == '_';
}

bool is_name_letter(char letter) {
    return is_name_start(letter) || (letter >= '0' && letter <= '9');
}

// What stands at a '$': how many bytes it takes and the variable's name. No name: a '$' that is no variable.
struct Mention {
    size_t length = 1;
    std::string name;
};

Mention mention_at(std::string_view text, size_t dollar) {
    const std::string_view rest = text.substr(dollar + 1);
    if (rest.starts_with('$')) return {2, {}};
    const bool braced = rest.starts_with('{');
    size_t last = braced ? 1 : 0;
    if (last >= rest.size() || !is_name_start(rest[last])) return {1, {}};
    const size_t first = last;
    while (last < rest.size() && is_name_letter(rest[last])) ++last;
    if (braced && (last >= rest.size() || rest[last] != '}')) return {1, {}};
    return {1 + last + (braced ? 1 : 0), std::string(rest.substr(first, last - first))};
}

}  // namespace

std::optional<CaseText> RowVariables::replace(const CaseText& text, Diagnostics& diagnostics) {
    const std::string& source = text.text();
    if (source.find('$') == std::string::npos) return text;
    CaseText result = text.part(0, 0);
    bool good = true;
    for (size_t i = 0; i < source.size();) {
        const int column = text.at(i).column;
        if (source[i] != '$') {
            result.append(std::string_view(&source[i], 1), column);
            ++i;
            continue;
        }
        const Mention mention = mention_at(source, i);
        const std::optional<std::string> value =
            mention.name.empty() ? "$" : value_of(mention.name, text.at(i), diagnostics);
        good = good && value;
        result.append(value.value_or(""), column);
        i += mention.length;
    }
    if (!good) return std::nullopt;
    return result;
}

std::optional<std::string> RowVariables::value_of(const std::string& name, const SourcePosition& position,
                                                  Diagnostics& diagnostics) {
    const auto found = values_.find(name);
    if (found != values_.end()) {
        used_.insert(name);
        return found->second;
    }
    std::vector<std::string> names;
    for (const auto& [each, value] : values_) names.push_back(each);
    const std::string near = nearest_word(name, names);
    const std::string hint =
        near.empty() ? "variables are the columns of 'vary'" : fmt::format("did you mean '${}'?", near);
    diagnostics.add(position, fmt::format("'vary' has no column '{}'", name), hint);
    return std::nullopt;
}

}  // namespace tcpwitness
