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
    // What a case itself cannot say, because its text is given: the reason for the survivors of one of its lines.
    void explain(const std::string& file, int line, const std::string& reason) { given_[{file, line, 0}] = reason; }
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
    // The same words on the same line can be several changes of a plan: of the first gap, of the second.
    struct ChangeKey {
        SourcePosition position;
        std::string change;
        int occurrence = 0;

        auto operator<=>(const ChangeKey&) const = default;
    };
    void judge(const Record& record);
    std::string reason_at(const Plan& plan, const SourcePosition& position) const;

    std::map<ChangeKey, Change> by_change_;
    std::map<SourcePosition, std::string> given_;    // by file and line, column 0
    std::map<SourcePosition, std::string> reasons_;  // of lines that were changed, by file and line, column 0
    size_t changes_ = 0;
    size_t judged_ = 0;
    std::vector<std::string> not_passed_;
    std::vector<std::string> skipped_;
};

}  // namespace tcpwitness
