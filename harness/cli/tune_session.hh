// TuneSession: the cases under a kernel's defaults and under settings, and what of the differences the settings make.
//
// No two runs are quite alike: another seed, another program on the host, or the few nanoseconds that writing a setting
// takes of a guest's time change which ports and sequence numbers come and what meets what. So a difference counts when it
// is not seen between runs under the defaults, and is seen again in every run under the settings.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "cli/place_choice.hh"
#include "report/tuning_text.hh"
#include "tune/profile.hh"

namespace tcpwitness {

// By id, of the runs that differ.
using Differences = std::map<std::string, std::vector<RunDifference>>;

class TuneSession {
  public:
    TuneSession(std::vector<WantedRun> runs, KnownSettings settings)
        : runs_(std::move(runs)), settings_(std::move(settings)) {}

    // Fills everything of `tuning` but the names. Returns 0, or 128+n after signal n.
    int compare(Tuning& tuning);

  private:
    using Ids = std::set<std::string>;              // of runs
    using Records = std::map<std::string, Record>;  // by id

    int make(const std::vector<Setting>& settings, const Ids& ids, uint64_t later_seed, Records& records) const;
    int drop_refused();
    int find_differences(const std::vector<Setting>& settings, const Ids& ids, uint64_t later_seed,
                         Differences& found) const;
    int find_noise(const Ids& ids, uint64_t later_seed);
    int keep_what_stays(const std::vector<Setting>& settings, uint64_t later_seed, Differences& found) const;
    int find_changes(const Ids& ids, Differences& changes);
    int find_keys(const Differences& changes, std::map<std::string, TunedRun>& changed) const;
    std::vector<RunDifference> differences(const std::string& id, const Record& after) const;

    std::vector<WantedRun> runs_;
    KnownSettings settings_;
    Records defaults_;
    std::map<std::string, std::set<std::string>> noise_;  // id -> what differs between runs under the defaults
};

}  // namespace tcpwitness
