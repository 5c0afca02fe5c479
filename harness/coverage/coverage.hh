// Coverage: which claims, arcs, cells of the state x event table, settings and options a set of recorded runs really
// showed, what is missing, and where kernels differ. Pure: from Records, not from what case files announce.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "coverage/event_table.hh"
#include "record/record.hh"

namespace tcpwitness {

// A run that showed something.
struct Witness {
    std::string run;     // id of the plan
    std::string kernel;  // its series: "6.12"
    std::string record;  // path of the record file

    auto operator<=>(const Witness&) const = default;
};

// Something to be shown: a claim, an arc, a setting, an option.
struct CoverageItem {
    std::string id;
    std::string text;        // what it says; empty when the id says it
    std::string refusal;     // of an arc that Linux does not take: why
    bool wanted = true;      // false: on no list of what is to be shown
    std::string impossible;  // of a setting or an option: why no case can show it; else empty
    std::vector<Witness> witnesses;
    std::vector<std::string> announced;  // of a claim: passing runs that name it and did not show it
    std::set<std::string> values;        // of a setting or an option: those that were set

    bool shown() const { return !witnesses.empty(); }
    bool missing() const { return wanted && impossible.empty() && !shown(); }
};

// One thing that was seen in a cell.
struct CellAnswer {
    std::string answer;
    std::string after;
    std::vector<Witness> witnesses;
};

struct CoverageCell {
    TcpState state = TcpState::closed;
    TableEvent event = TableEvent::close;
    std::string impossible;           // why there is no such cell; else empty
    std::vector<CellAnswer> answers;  // the most frequent first

    bool shown() const { return !answers.empty(); }
};

std::string cell_name(TcpState state, TableEvent event);  // "SYN_SENT x RST out of window"

// Something that some kernels showed and others, which ran the same case, did not.
struct KernelDifference {
    std::string what;                            // a cell's name, or "arc TIME_WAIT -> CLOSED"
    std::map<std::string, std::string> kernels;  // what each showed
};

struct Coverage {
    size_t runs = 0;
    size_t passed = 0;
    std::set<std::string> kernels;
    std::vector<CoverageItem> claims;
    std::vector<CoverageItem> arcs;
    std::vector<CoverageItem> sysctls;
    std::vector<CoverageItem> options;
    std::vector<CoverageCell> cells;  // by state, then by event
    std::vector<KernelDifference> differences;
};

class CoverageCollector {
  public:
    CoverageCollector();
    // Only runs that passed show anything. `path` is where the record stands.
    void add(const Record& record, const std::string& path);
    Coverage finish() const;

  private:
    void add_claims(const RunView& run, const Witness& witness);
    void add_arcs(const RunView& run, const Witness& witness);
    void add_cells(const RunView& run, const Witness& witness);
    void add_knobs(const RunView& run, const Witness& witness);

    Coverage coverage_;
    std::map<std::string, std::set<std::string>> cases_;  // id without its kernel -> kernels it passed on
};

}  // namespace tcpwitness
