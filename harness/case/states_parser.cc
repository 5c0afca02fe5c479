#include "case/states_parser.hh"

#include <fmt/core.h>

#include "case/text_scanner.hh"
#include "case/value_parser.hh"

namespace tcpwitness {
namespace {

constexpr std::string_view kArrow = "->";
constexpr std::string_view kGap = "...";

// "TIME_WAIT", "TIME_WAIT[2MSL]"
std::optional<CaseState> parse_one_state(const CaseText& text, Diagnostics& diagnostics) {
    const size_t bracket = text.text().find('[');
    CaseState result;
    const std::optional<TcpState> state = parse_state(text.part(0, bracket), diagnostics);
    if (bracket != std::string::npos) {
        if (!text.text().ends_with(']')) {
            diagnostics.add(text.at(bracket), "this '[' has no ']'");
            return std::nullopt;
        }
        const CaseText inside = text.part(bracket + 1, text.text().size() - bracket - 2);
        result.duration = parse_measure(inside, diagnostics);
        if (!result.duration) return std::nullopt;
    }
    if (!state) return std::nullopt;
    result.state = *state;
    return result;
}

// "FIN_WAIT_2 -> CLOSING", or nothing at all.
std::optional<std::vector<CaseState>> parse_alternative(const CaseText& text, Diagnostics& diagnostics) {
    std::vector<CaseState> states;
    if (text.empty()) return states;
    bool good = true;
    for (const CaseText& part : split_text(text, kArrow)) {
        const std::optional<CaseState> state = parse_one_state(part, diagnostics);
        good = good && state;
        if (state) states.push_back(*state);
    }
    if (!good) return std::nullopt;
    return states;
}

std::optional<CaseStateElement> parse_element(const CaseText& text, Diagnostics& diagnostics) {
    const std::string& source = text.text();
    CaseStateElement element;
    if (source == kGap) {
        element.gap = true;
        return element;
    }
    const bool grouped = source.starts_with('(') && source.ends_with(')');
    const std::vector<CaseText> parts = grouped ? split_text(text.part(1, source.size() - 2), "|") : std::vector{text};
    if (!grouped && source.find('(') != std::string::npos) {
        diagnostics.add(text.at(0), fmt::format("'{}' is not a state", source),
                        "alternatives are written '(FIN_WAIT_2 | CLOSING)'");
        return std::nullopt;
    }
    if (!grouped && source.find('|') != std::string::npos) {
        diagnostics.add(text.at(0), "alternatives need brackets", fmt::format("write ({})", source));
        return std::nullopt;
    }
    bool good = true;
    for (const CaseText& part : parts) {
        if (!grouped && part.empty()) {
            diagnostics.add(text.at(0), "a state is missing");
            return std::nullopt;
        }
        std::optional<std::vector<CaseState>> states = parse_alternative(part, diagnostics);
        good = good && states;
        if (states) element.alternatives.push_back(std::move(*states));
    }
    if (!good) return std::nullopt;
    return element;
}

// The one state that an element surely is; nothing for a gap and for alternatives.
std::optional<TcpState> sure_state(const CaseStateElement& element) {
    if (element.alternatives.size() != 1 || element.alternatives[0].size() != 1) return std::nullopt;
    return element.alternatives[0][0].state;
}

// A socket never changes from a state into the same state, and two gaps say no more than one.
bool check_neighbours(const CaseStateElement& before, const CaseStateElement& element, const CaseText& text,
                      Diagnostics& diagnostics) {
    if (before.gap && element.gap) {
        diagnostics.add(text.at(0), "'...' follows '...'");
        return false;
    }
    const std::optional<TcpState> state = sure_state(element);
    if (!state || state != sure_state(before)) return true;
    diagnostics.add(text.at(0), fmt::format("impossible: {} cannot follow {}", to_string(*state), to_string(*state)),
                    "a sequence names the changes of state");
    return false;
}

}  // namespace

std::optional<TcpState> parse_state(const CaseText& text, Diagnostics& diagnostics) {
    const std::optional<TcpState> state = parse_tcp_state(text.text());
    if (!state && text.empty()) {
        diagnostics.add(text.at(0), "a state is missing");
    } else if (!state) {
        add_unknown(diagnostics, text.at(0), "state", text.text(), tcp_state_names());
    }
    return state;
}

std::optional<std::vector<CaseStateElement>> parse_states(const CaseText& text, Diagnostics& diagnostics) {
    std::vector<CaseStateElement> sequence;
    bool good = true;
    for (const CaseText& part : split_text(text, kArrow)) {
        std::optional<CaseStateElement> element = parse_element(part, diagnostics);
        good = good && element;
        if (!element) continue;
        if (!sequence.empty()) good = check_neighbours(sequence.back(), *element, part, diagnostics) && good;
        sequence.push_back(std::move(*element));
    }
    if (!good) return std::nullopt;
    return sequence;
}

}  // namespace tcpwitness
