// The list of segments: lines left out, given twice or in another order; numbers, flags, directions and fates changed.
#include <fmt/core.h>

#include "base/tcp_flags.hh"
#include "mutate/changes.hh"
#include "timeline/tcp_segment.hh"

namespace tcpwitness {
namespace {

Expression one_more(Expression expression) {
    for (Term& term : expression) {
        if (!term.variable.empty()) continue;
        term.integer += term.negative ? -1 : 1;
        return expression;
    }
    expression.push_back({.integer = 1});
    return expression;
}

class WireChanges {
  public:
    WireChanges(const std::vector<WirePattern>& wire, std::vector<Mutant>& mutants) : wire_(wire), mutants_(mutants) {}

    void add() {
        for (line_ = 0; line_ < wire_.size(); ++line_) {
            if (wire_[line_].gap) continue;
            add_whole_line();
            add_numbers();
            add_flags();
            add_rest();
        }
    }

  private:
    using Lines = std::vector<WirePattern>;

    const WirePattern& line() const { return wire_[line_]; }
    bool is_gap(size_t i) const { return i < wire_.size() && wire_[i].gap; }
    bool is_plain(size_t i) const { return i < wire_.size() && !wire_[i].gap && !wire_[i].optional; }

    void change(std::string what, const std::function<void(Lines&)>& how) {
        Lines changed = wire_;
        how(changed);
        Mutant mutant{line().source,
                      std::move(what),
                      [changed = std::move(changed)](Plan& plan) { plan.expectations.wire = changed; },
                      {}};
        if (line().optional) mutant.optional_line = line_;
        mutants_.push_back(std::move(mutant));
    }

    // Changes this line alone.
    void change_line(std::string what, const std::function<void(WirePattern&)>& how) {
        change(std::move(what), [this, &how](Lines& lines) { how(lines[line_]); });
    }

    void add_whole_line() {
        const auto at = static_cast<std::ptrdiff_t>(line_);
        if (line().optional) return;
        const bool beside_gap = is_gap(line_ + 1) || (line_ > 0 && is_gap(line_ - 1));
        if (!beside_gap && wire_.size() > 1)
            change("the line is left out", [at](Lines& lines) { lines.erase(lines.begin() + at); });
        change("the line is given twice", [at](Lines& lines) {
            const WirePattern again = lines[static_cast<size_t>(at)];
            lines.insert(lines.begin() + at, again);
        });
        if (!is_plain(line_ + 1) || wire_[line_ + 1].source.text == line().source.text) return;
        change("it comes after the next line",
               [at](Lines& lines) { std::swap(lines[static_cast<size_t>(at)], lines[static_cast<size_t>(at) + 1]); });
    }

    void add_number(const char* name, std::optional<Expression> WirePattern::*member) {
        const std::optional<Expression>& number = line().*member;
        if (!number) return;
        const Expression other = one_more(*number);
        change_line(fmt::format("{0}={1} is {0}={2}", name, to_string(*number), to_string(other)),
                    [&](WirePattern& pattern) { pattern.*member = other; });
    }

    void add_numbers() {
        add_number("seq", &WirePattern::sequence);
        add_number("ack", &WirePattern::acknowledgment);
        add_number("len", &WirePattern::length);
        if (!line().window) return;
        const Comparison other = other_comparison(*line().window);
        change_line(fmt::format("win {} is win {}", to_string(*line().window), to_string(other)),
                    [&other](WirePattern& pattern) { pattern.window = other; });
    }

    void add_flags() {
        for (const uint8_t flag : {tcp_flag::kSyn, tcp_flag::kFin, tcp_flag::kRst, tcp_flag::kAck}) {
            const auto other = static_cast<uint8_t>(line().flags ^ flag);
            if (other == 0) continue;
            change_line(is_now(spell_tcp_flags(line().flags), spell_tcp_flags(other)),
                        [other](WirePattern& pattern) { pattern.flags = other; });
        }
    }

    void add_rest() {
        change_line(fmt::format("{0} > {1} is {1} > {0}", line().from, line().to),
                    [](WirePattern& pattern) { std::swap(pattern.from, pattern.to); });
        change_line(line().lost ? "it is not lost" : "it is lost",
                    [](WirePattern& pattern) { pattern.lost = !pattern.lost; });
        change_line(line().forged ? "it is not forged" : "it is forged",
                    [](WirePattern& pattern) { pattern.forged = !pattern.forged; });
        for (const auto& [name, value] : line().options) add_option(name, value);
    }

    void add_option(const std::string& name, const std::string& value) {
        const std::string other = value == "no" ? "" : "no";
        change_line(fmt::format("option {} is {}", name, other.empty() ? "there" : "absent"),
                    [&name, &other](WirePattern& pattern) { pattern.options[name] = other; });
        const std::optional<int64_t> number = parse_integer(value);
        if (!number) return;
        change_line(fmt::format("{0}={1} is {0}={2}", name, *number, *number + 1),
                    [&](WirePattern& pattern) { pattern.options[name] = std::to_string(*number + 1); });
    }

    const std::vector<WirePattern>& wire_;
    std::vector<Mutant>& mutants_;
    size_t line_ = 0;
};

}  // namespace

void change_wire(const Plan& plan, std::vector<Mutant>& mutants) {
    WireChanges(plan.expectations.wire, mutants).add();
}

}  // namespace tcpwitness
