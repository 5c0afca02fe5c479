// Record: one run on disk, {Plan, Timeline, Verdict} and what is needed to repeat it. A plain value: it can be shown
// and judged again on any machine, without privileges.
#pragma once

#include <string>
#include <string_view>

#include "plan/plan.hh"
#include "timeline/timeline.hh"
#include "verdict/verdict.hh"

namespace tcpwitness {

struct Record {
    Plan plan;
    Timeline timeline;
    Verdict verdict;
    std::string repeat_command;  // what a person types to run the same case the same way
    Duration wall{};             // from the start of the worker to the verdict
    std::string where;           // the machine and the user: "kernel 6.18.44, rootless"
    std::string why_there;       // why not on this machine's kernel, when a guest was chosen for it; `where` keeps it
    std::string console;         // what the worker itself wrote on its standard output and error
    std::string version;         // of the tcpwitness that made it; set by record_to_json when empty
};

// The version of this tcpwitness: "0.1.0".
std::string_view tool_version();

// The kernel that the id of a run on one of several names ("teardown/four_way_close[ipv6]@6.1"): "6.1"; else empty.
std::string place_of(const Plan& plan);

// How reports call a run: the folder of its id, its title, its variant and its place:
// "teardown/four-way close [ipv6] on 6.1".
std::string display_name(const Plan& plan);

// One JSON object: {"format": "tcpwitness record", "version": 1, ...}. Bytes of `console` that are not UTF-8 become
// U+FFFD.
std::string record_to_json(const Record& record);

// Throws Error that says which: no JSON, cut off, not a record, of another version, or damaged in its plan, timeline or
// verdict. `name` is the file's name, for the message.
Record record_from_json(std::string_view text, const std::string& name);

}  // namespace tcpwitness
