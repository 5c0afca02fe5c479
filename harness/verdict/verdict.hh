// Verdict: pass, fail, skip or error, with what was expected, what was observed and the events that prove it.
// A pure function of Plan and Timeline; it touches no kernel and needs no privilege.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plan/plan.hh"
#include "timeline/timeline.hh"

namespace tcpwitness {

enum class Outcome : uint8_t { pass, fail, skip, error };

std::string_view to_string(Outcome outcome);  // "pass", "fail", "skip", "error"

// What one expectation or step came to.
struct Finding {
    bool holds = false;
    // It could not be told whether it holds, because the observers of this run could not see what it needs or the
    // pattern leaves too much open; `message` says what. `holds` is false then, and the verdict at best a skip.
    bool undecided = false;
    std::string kind;      // "step", "states", "wire", "timewait", "sockets", "counters", "spacing", "data", "exit"
    SourceLine source;     // the line of the case
    std::string message;   // what differs, said in one sentence; empty when it holds
    std::string expected;  // in the language of the case
    std::string observed;  // in the same words, so that the two can be compared by eye
    // Where `expected` and `observed` first differ, as a byte offset into each; npos when not meaningful.
    size_t expected_mark = std::string::npos;
    size_t observed_mark = std::string::npos;
    std::vector<size_t> evidence;  // indices into Timeline::events
};

struct Verdict {
    Outcome outcome = Outcome::error;
    std::string reason;             // of a skip or an error, or the first failed finding's message
    std::vector<Finding> findings;  // every expectation and every step that says something, in the order of the case
};

// Rules, in this order: Plan::skip, Timeline::unsupported or an unsupported step -> skip; an incomplete Timeline,
// Timeline::error, a broken step, lost records or a fault that did not fire -> error; any finding that does not hold ->
// fail; an undecided finding -> skip; else pass. Only the story is judged: what happened up to StoryEnded. An
// expectation that needs what the observers could not see exactly is a skip that names it, never a pass.
Verdict evaluate(const Plan& plan, const Timeline& timeline);

std::string verdict_to_json(const Verdict& verdict);
// Throws Error when `text` is not the JSON of a Verdict.
Verdict verdict_from_json(const std::string& text);

}  // namespace tcpwitness
