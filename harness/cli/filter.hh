// Filter: the expression of -k, which picks runs by words of their names, tags and claims.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "plan/plan.hh"

namespace tcpwitness {

// Words joined by "and", "or" and "not", and parentheses: "teardown and not 2msl". A word matches a run when it is a
// part of its id or title in any case, or is one of its tags or claims. Quotes make one word of many.
class Filter {
  public:
    // Throws Error that says what is wrong with the expression. An empty one matches every run.
    explicit Filter(std::string_view expression);
    ~Filter();
    Filter(Filter&&) noexcept;
    Filter& operator=(Filter&&) noexcept;

    bool matches(const Plan& plan) const;

    struct Node;

  private:
    std::unique_ptr<Node> root_;
};

}  // namespace tcpwitness
