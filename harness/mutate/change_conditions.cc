// timewait, sockets, counters, spacing and exits.
#include <fmt/core.h>

#include <csignal>

#include "base/socket_names.hh"
#include "mutate/changes.hh"

namespace tcpwitness {
namespace {

using Apply = std::function<void(Expectations&)>;

class ConditionChanges {
  public:
    explicit ConditionChanges(std::vector<Mutant>& mutants) : mutants_(mutants) {}

    void add_all(const Expectations& expected) {
        for (size_t i = 0; i < expected.time_wait.size(); ++i) add(expected.time_wait[i], i);
        for (size_t i = 0; i < expected.sockets.size(); ++i) add(expected.sockets[i], i);
        for (size_t i = 0; i < expected.counters.size(); ++i) add(expected.counters[i], i);
        for (size_t i = 0; i < expected.spacing.size(); ++i) add(expected.spacing[i], i);
        for (size_t i = 0; i < expected.exits.size(); ++i) add(expected.exits[i], i);
    }

  private:
    void change(const SourceLine& source, std::string what, Apply apply) {
        mutants_.push_back(
            {source, std::move(what), [apply = std::move(apply)](Plan& plan) { apply(plan.expectations); }, {}});
    }

    void add(const TimeWaitExpectation& expectation, size_t i) {
        if (expectation.restarts) {
            const Comparison other = other_comparison(*expectation.restarts);
            change(expectation.source, is_now("restarts " + to_string(*expectation.restarts), to_string(other)),
                   [i, other](Expectations& all) { all.time_wait[i].restarts = other; });
        }
        if (expectation.length) {
            for (const DurationRange& other : other_ranges(*expectation.length)) {
                change(expectation.source, is_now("length " + expectation.length_text, range_words(other)),
                       [i, other](Expectations& all) { all.time_wait[i].length = other; });
            }
        }
        if (!expectation.ended_by) return;
        const std::string other = *expectation.ended_by == "timer" ? "descheduled" : "timer";
        change(expectation.source, is_now("ended by " + *expectation.ended_by, other),
               [i, other](Expectations& all) { all.time_wait[i].ended_by = other; });
    }

    void add(const SocketsExpectation& expectation, size_t i) {
        const std::string here = expectation.host + ": ";
        for (size_t state = 0; state < expectation.states.size(); ++state) {
            const auto& [name, count] = expectation.states[state];
            const Comparison other = other_comparison(count);
            change(expectation.source,
                   is_now(fmt::format("{}{} {}", here, to_string(name), to_string(count)), to_string(other)),
                   [i, state, other](Expectations& all) { all.sockets[i].states[state].second = other; });
            // The state that is no longer named must then be absent.
            change(expectation.source, fmt::format("{}{} is not named", here, to_string(name)),
                   [i, state](Expectations& all) {
                       auto& states = all.sockets[i].states;
                       states.erase(states.begin() + static_cast<std::ptrdiff_t>(state));
                   });
        }
        if (!expectation.states.empty()) return;
        change(expectation.source, here + "none is ESTABLISHED 1", [i](Expectations& all) {
            all.sockets[i].states = {{TcpState::established, {Relation::equal, 1}}};
        });
    }

    void add(const CounterExpectation& expectation, size_t i) {
        const Comparison other = other_comparison(expectation.comparison);
        change(expectation.source,
               is_now(fmt::format("{} {}", expectation.counter, to_string(expectation.comparison)), to_string(other)),
               [i, other](Expectations& all) { all.counters[i].comparison = other; });
    }

    void add(const SpacingExpectation& expectation, size_t i) {
        for (size_t gap = 0; gap < expectation.gaps.size(); ++gap) {
            for (const Duration other : {expectation.gaps[gap] * 2, expectation.gaps[gap] / 2}) {
                change(expectation.source,
                       is_now("gap " + format_duration(expectation.gaps[gap]), format_duration(other)),
                       [i, gap, other](Expectations& all) { all.spacing[i].gaps[gap] = other; });
            }
        }
        if (expectation.more || expectation.gaps.empty()) return;
        change(expectation.source, "the last gap is left out",
               [i](Expectations& all) { all.spacing[i].gaps.pop_back(); });
        change(expectation.source, "the last gap is given twice",
               [i](Expectations& all) { all.spacing[i].gaps.push_back(all.spacing[i].gaps.back()); });
    }

    void add(const ExitExpectation& expectation, size_t i) {
        if (expectation.exit_status) {
            const int other = *expectation.exit_status + 1;
            change(expectation.source, fmt::format("status {} is {}", *expectation.exit_status, other),
                   [i, other](Expectations& all) { all.exits[i].exit_status = other; });
        }
        if (!expectation.signal) return;
        const int other = *expectation.signal == SIGUSR1 ? SIGUSR2 : SIGUSR1;
        change(expectation.source, is_now(signal_name(*expectation.signal), signal_name(other)),
               [i, other](Expectations& all) { all.exits[i].signal = other; });
    }

    std::vector<Mutant>& mutants_;
};

}  // namespace

void change_conditions(const Plan& plan, std::vector<Mutant>& mutants) {
    ConditionChanges(mutants).add_all(plan.expectations);
}

}  // namespace tcpwitness
