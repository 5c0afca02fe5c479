// Mutations: every recorded run judged again with every change of its plan, and the changes that no run noticed.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "mutate/mutant.hh"
#include "record/record.hh"

namespace tcpwitness {

// A change after which every run that it was made in still passed.
struct Survivor {
    SourceLine source;
    std::string change;
    std::vector<std::string> runs;  // ids of plans
    std::string reason;             // what the line of the case says behind "# unnoticed:"; empty: nothing
};

// An explanation on a line where every change is noticed.
struct NeedlessReason {
    SourcePosition position;
    std::string reason;
};

class Mutations {
  public:
    // Judges every mutant of a run that passed; other runs are only counted.
    void add(const Record& record);

    std::vector<Survivor> survivors() const;  // by file and line
    std::vector<NeedlessReason> needless_reasons() const;
    size_t unexplained() const;

    size_t changes() const { return changes_; }                                 // made, over all runs
    size_t judged() const { return judged_; }                                   // runs that passed
    const std::vector<std::string>& not_passed() const { return not_passed_; }  // "id: fail: reason"
    const std::vector<std::string>& skipped() const { return skipped_; }

  private:
    struct Change {
        SourceLine source;
        std::string change;
        std::string reason;
        std::vector<std::string> survived;
        bool noticed = false;
    };
    void judge(const Record& record);

    std::map<std::pair<SourcePosition, std::string>, Change> by_change_;
    std::map<SourcePosition, std::string> reasons_;  // by file and line of those read, column 0
    size_t changes_ = 0;
    size_t judged_ = 0;
    std::vector<std::string> not_passed_;
    std::vector<std::string> skipped_;
};

}  // namespace tcpwitness
