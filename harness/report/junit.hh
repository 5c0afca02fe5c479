// JUnit XML, as Jenkins, GitLab, GitHub actions and the like read it: one suite for each folder of cases.
#pragma once

#include <map>
#include <string>

#include "report/reporter.hh"

namespace tcpwitness {

// Text for an XML element or attribute: the five characters escaped; what XML 1.0 forbids made visible ("\x1b").
std::string xml_text(std::string_view text);

// Writes the whole document when the run ends.
class JunitReport : public Reporter {
  public:
    explicit JunitReport(Sink sink);
    void case_ended(const Record& record) override;
    void run_ended(const Summary& summary) override;

  private:
    struct Suite {
        std::string test_cases;
        Summary summary;
    };
    Sink sink_;
    std::map<std::string, Suite> suites_;  // by folder
};

}  // namespace tcpwitness
