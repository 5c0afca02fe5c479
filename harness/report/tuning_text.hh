// What `tcpwitness tune` says: what a profile changed for a program, by which key, and which keys changed nothing.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "report/line.hh"
#include "report/run_difference.hh"
#include "tune/profile.hh"

namespace tcpwitness {

struct TunedRun {
    std::string name;  // display name
    std::vector<RunDifference> differences;
    std::vector<std::string> keys;  // that make a difference alone; none: only several together do
};

struct Tuning {
    std::string profile;  // its file, or the settings of the command line
    std::vector<std::string> lines;  // of it, as they are written; those of the command line behind them
    std::string where;    // "guest kernel 6.12.107 in virtual time"
    KnownSettings settings;
    size_t compared = 0;  // runs
    size_t skipped = 0;   // runs that this kernel cannot make
    std::vector<TunedRun> changed;
    std::map<std::string, size_t> kept;  // key -> runs whose case sets it itself, to its own value

    // Settings that were applied and made no difference alone in any run.
    std::vector<Setting> without_effect() const;
    // Runs in which the key makes a difference alone.
    std::vector<const TunedRun*> changed_by(const std::string& key) const;
    // Runs whose case sets the key itself.
    size_t kept_by(const std::string& key) const;
    // "; 12 runs set it themselves", for a key that changed nothing: they keep their own value. Or nothing.
    std::string words_of_kept(const std::string& key) const;
};

std::string tuning_text(const Tuning& tuning, const Style& style);

// One JSON object: {"format": "tcpwitness tuning", "version": 1, ...}.
std::string tuning_json(const Tuning& tuning);

}  // namespace tcpwitness
