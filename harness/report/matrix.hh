// Matrix: the same cases on several kernels side by side: where they agree, and where not the first state, segment or
// result that differs. Times and numbers that kernels choose (ports, initial sequence numbers) are not compared.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "record/record.hh"
#include "report/line.hh"
#include "report/run_aspects.hh"

namespace tcpwitness {

// Kernels on which a case went the same way.
struct MatrixGroup {
    std::vector<std::string> places;
    Outcome outcome = Outcome::pass;
    // The first difference from the first group; empty in that.
    std::string kind;   // "outcome", "result", "states", "segment"
    std::string first;  // what the first group has there; "nothing" when it has nothing
    std::string here;
};

struct MatrixRow {
    std::string id;    // of the plan, without its place
    std::string name;  // display name, without its place
    std::vector<MatrixGroup> groups;

    bool agree() const { return groups.size() == 1; }
};

class Matrix {
  public:
    void add(const Record& record);
    // Every place, in the order in which they first ended a case.
    const std::vector<std::string>& places() const { return places_; }
    // One for each case, in the order in which the cases first ended; none when there is only one place.
    std::vector<MatrixRow> rows() const;

  private:
    struct Run {
        std::string place;
        Outcome outcome = Outcome::pass;
        std::vector<RunAspect> aspects;
    };
    struct Case {
        std::string id;
        std::string name;
        std::vector<Run> runs;
    };
    static bool differ(const Run& first, const Run& other, MatrixGroup& group);

    std::vector<std::string> places_;
    std::vector<Case> cases_;
    std::map<std::string, size_t> index_;
};

// The table that ends a run on several kernels; empty when there was one only.
std::string matrix_text(const Matrix& matrix, const Style& style);

}  // namespace tcpwitness
