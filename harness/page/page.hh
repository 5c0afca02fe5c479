// Page: a run of many cases as one HTML file that needs nothing but a browser: overview, ladders, state diagram.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "page/page_data.hh"
#include "report/reporter.hh"

namespace tcpwitness {

class Page {
  public:
    void add(const Record& record, const CaseLinks& links = {});
    size_t size() const { return overview_.size(); }
    // The whole file. `machine`: what ran the cases, for people; may be empty.
    std::string html(const std::string& machine) const;

  private:
    OverviewData overview_;
    std::vector<std::string> cases_;  // the data of each, packed: a Record would be many times as large
};

// Past this many bytes a browser takes seconds to load the page, and a person should be warned.
constexpr size_t kLargePage = 40'000'000;

// Writes the page when the run ends. The links name the files that `run --out` leaves beside it.
class PageReport : public Reporter {
  public:
    explicit PageReport(Sink sink);
    void run_began(const RunBegan& began) override;
    void case_ended(const Record& record) override;
    void run_ended(const Summary& summary) override;

  private:
    Sink sink_;
    std::string machine_;
    Page page_;
};

// Bytes as zlib packs them (RFC 1950), in base64: what DecompressionStream("deflate") of a browser takes.
std::string packed(std::string_view bytes);

}  // namespace tcpwitness
