#include "page/page.hh"

#include <fmt/core.h>
#include <zlib.h>

#include "base/error.hh"
#include "base/json.hh"
#include "page/links.hh"
#include "page/page_sources.hh"
#include "page/template.hh"

namespace tcpwitness {
namespace {

// JSON inside a <script>: no "<" that could end it.
std::string script_text(std::string json) {
    for (size_t at = json.find('<'); at != std::string::npos; at = json.find('<', at)) json.replace(at, 1, "\\u003c");
    return json;
}

}  // namespace

std::string packed(std::string_view bytes) {
    uLongf size = compressBound(bytes.size());
    std::string result(size, '\0');
    const int status = compress2(reinterpret_cast<Bytef*>(result.data()), &size,
                                 reinterpret_cast<const Bytef*>(bytes.data()), bytes.size(), Z_BEST_COMPRESSION);
    if (status != Z_OK) throw Error(fmt::format("compress2 of {} bytes: {}", bytes.size(), zError(status)));
    result.resize(size);
    return base64_encode(result);
}

void Page::add(const Record& record, const CaseLinks& links) {
    overview_.add(record);
    cases_.push_back(packed(case_data(record, links)));
}

std::string Page::html(const std::string& machine) const {
    std::string cases;
    for (size_t i = 0; i < cases_.size(); ++i)
        cases += fmt::format("<script type=\"application/octet-stream\" id=\"case-{}\">{}</script>\n", i, cases_[i]);
    std::string text(kPageHtml);
    fill_in(text, "@STYLE@", std::string(kPageStyle));
    fill_in(text, "@SCRIPT@", std::string(kPageScript));
    fill_in(text, "@OVERVIEW@", script_text(overview_.json(machine)));
    fill_in(text, "@CASES@", cases);
    return text;
}

PageReport::PageReport(Sink sink) : sink_(std::move(sink)) {}

void PageReport::run_began(const RunBegan& began) {
    machine_ = began.machine;
}

void PageReport::case_ended(const Record& record) {
    page_.add(record, links_in_out_folder(record));
}

void PageReport::run_ended(const Summary&) {
    sink_(page_.html(machine_));
}

}  // namespace tcpwitness
