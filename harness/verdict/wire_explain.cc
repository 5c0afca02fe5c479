#include "verdict/wire_explain.hh"

#include <fmt/core.h>

namespace tcpwitness {
namespace {

std::string line_number(const WirePattern& line) {
    return line.source.position.line > 0 ? fmt::format(" of line {}", line.source.position.line) : "";
}

// "the segment sent at 203ms", "the forged segment that arrived at 1.2s"
std::string name_of(const WireSegment& segment) {
    const std::string when = format_duration(segment.at);
    return segment.forged() ? "the forged segment that arrived at " + when : "the segment sent at " + when;
}

class Explainer {
  public:
    Explainer(const WireSearch& search, const std::vector<WireSegment>& segments, const WireStop& stop)
        : search_(search), stop_(stop), line_(search.lines()[stop.line]), segment_(segments[stop.segment]) {}

    WireExplanation run() {
        std::string option;
        const WireField fixed = compare_fixed(*line_.pattern, segment_, &option);
        if (fixed != WireField::none) return explain_fixed(fixed, option);
        Bindings bindings = stop_.bindings;
        bool too_open = false;
        const WireField field = compare_numbers(line_, stop_.line, segment_, bindings, too_open);
        switch (field) {
            case WireField::sequence:
                return explain_number("seq", *line_.sequence, segment_.relative_sequence(), segment_.sequence_base,
                                      bindings, too_open);
            case WireField::acknowledgment:
                if (!segment_.segment->has(tcp_flag::kAck)) return {name() + " acknowledges nothing", "flags"};
                return explain_number("ack", *line_.acknowledgment, segment_.relative_acknowledgment(),
                                      segment_.acknowledgment_base, bindings, too_open);
            default:
                return explain_number("len", *line_.length, segment_.segment->payload_length, {0, true}, bindings,
                                      too_open);
        }
    }

  private:
    std::string name() const { return name_of(segment_); }
    std::string wanted() const {
        return fmt::format("'{}'{}", spell(*line_.pattern).text, line_number(*line_.pattern));
    }

    WireExplanation explain_fixed(WireField field, const std::string& option) const {
        const WirePattern& line = *line_.pattern;
        const TcpSegment& segment = *segment_.segment;
        const WireText seen = spell(segment_, line);
        switch (field) {
            case WireField::hosts:
                return {fmt::format("{} is '{}'; {} was expected there", name(), seen.text, wanted()), "hosts"};
            case WireField::flags:
                return {fmt::format("{} is {} where {} was expected", name(), flags_to_string(segment.flags),
                                    flags_to_string(line.flags)),
                        "flags"};
            case WireField::forged:
                return {line.forged ? fmt::format("{} was sent by {}; a forged one was expected", name(), segment_.from)
                                    : fmt::format("{} was not sent by {}", name(), segment_.from),
                        "fate"};
            case WireField::fate:
                return {fate_message(), "fate"};
            case WireField::option:
                return explain_option(option);
            default:
                return {fmt::format("{} has a window of {}; {} was expected", name(), segment.window,
                                    to_string(*line.window)),
                        "win"};
        }
    }

    std::string fate_message() const {
        if (!line_.pattern->lost) {
            const char* how = segment_.journey->corrupted ? "was damaged on the way" : "did not arrive";
            return fmt::format("{} {}; it was expected to arrive at {}", name(), how, segment_.to);
        }
        if (segment_.fate == Fate::arrived) {
            return fmt::format("{} arrived at {}; it was expected to be lost", name(), segment_.to);
        }
        return fmt::format("{} may have been on its way still when the watching ended; it was expected to be lost",
                           name());
    }

    WireExplanation explain_option(const std::string& option) const {
        bool known = false;
        const auto value = option_value(segment_.segment->options, option, known);
        const std::string& expected = line_.pattern->options.at(option);
        if (!known) return {fmt::format("no option is called '{}'", option), option};
        const std::string seen = !value           ? "no option " + option
                                 : value->empty() ? "the option " + option
                                                  : fmt::format("{}={}", option, *value);
        const std::string should = expected == "no"   ? "none"
                                   : expected.empty() ? "one"
                                                      : fmt::format("{}={}", option, expected);
        return {fmt::format("{} has {}; {} was expected", name(), seen, should), option};
    }

    // "n is 1 since line 12"
    std::string known_variables(const CompiledExpression& expression, const Bindings& bindings) const {
        std::string text;
        for (const auto& [number, negative] : expression.variables) {
            const Binding& binding = bindings[number];
            if (!binding.bound || binding.line == stop_.line) continue;
            const int line = search_.lines()[binding.line].pattern->source.position.line;
            text += fmt::format("{}{} is {}", text.empty() ? "" : ", ", search_.variables().name_of(number),
                                readable(binding.shown()));
            if (line > 0) text += fmt::format(" since line {}", line);
        }
        return text;
    }

    WireExplanation explain_number(const std::string& field, const CompiledExpression& expression, int64_t seen,
                                   const NumberBase& base, const Bindings& bindings, bool too_open) const {
        if (too_open) {
            return {fmt::format("'{}={}'{} cannot be checked: more than one of its variables has no value yet", field,
                                expression.text, line_number(*line_.pattern)),
                    field};
        }
        const std::string variables = known_variables(expression, bindings);
        std::string wanted = fmt::format("{}={}", field, expression.text);
        if (!expression.variables.empty()) {
            wanted += fmt::format(" = {}", readable(shown_value(expression, base.number, bindings)));
        }
        if (!variables.empty()) wanted += fmt::format(" ({})", variables);
        std::string message = fmt::format("{} has {}={}; {} was expected", name(), field, seen, wanted);
        if (!base.from_syn) message += " (numbers count from the first that was seen: there was no SYN)";
        return {message, field};
    }

    const WireSearch& search_;
    const WireStop& stop_;
    const CompiledLine& line_;
    const WireSegment& segment_;
};

// The line found no segment at all: the story ended, or nothing that follows looks like it.
std::string explain_missing(const WirePattern& line, const std::vector<WireSegment>& segments, const WireStop& stop) {
    const std::string wanted = fmt::format("'{}'{}", spell(line).text, line_number(line));
    if (segments.empty()) return fmt::format("no segment was sent; {} was expected", wanted);
    if (stop.after_gap) return fmt::format("{} was expected, and no such segment came", wanted);
    return fmt::format("no segment followed {}; {} was expected", name_of(segments.back()), wanted);
}

}  // namespace

WireExplanation explain(const WireSearch& search, const std::vector<WireSegment>& segments, const WireStop& stop) {
    if (stop.line >= search.lines().size()) {
        return {fmt::format("{} comes after all that was expected", name_of(segments[stop.segment])), {}};
    }
    if (stop.segment >= segments.size()) {
        return {explain_missing(*search.lines()[stop.line].pattern, segments, stop), {}};
    }
    WireExplanation explanation = Explainer(search, segments, stop).run();
    if (stop.after_gap) explanation.message = "no segment fits; of the nearest: " + explanation.message;
    return explanation;
}

}  // namespace tcpwitness
