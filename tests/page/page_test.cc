#include "page/page.hh"

#include <gtest/gtest.h>
#include <zlib.h>

#include <nlohmann/json.hpp>

#include "base/json.hh"
#include "page/links.hh"
#include "sample_records.hh"

namespace tcpwitness {
namespace {

std::string unpacked(const std::string& text) {
    const std::string bytes = base64_decode(text);
    std::string result(1 << 20, '\0');
    uLongf size = result.size();
    EXPECT_EQ(uncompress(reinterpret_cast<Bytef*>(result.data()), &size, reinterpret_cast<const Bytef*>(bytes.data()),
                         bytes.size()),
              Z_OK);
    result.resize(size);
    return result;
}

std::string between(const std::string& text, const std::string& begin, const std::string& end) {
    const size_t at = text.find(begin);
    if (at == std::string::npos) return "(not there)";
    return text.substr(at + begin.size(), text.find(end, at + begin.size()) - at - begin.size());
}

std::string page_of(const std::vector<Record>& records) {
    return output_of<PageReport>(records);
}

TEST(Page, HoldsEveryRunsDataInAScriptOfItsOwn) {
    const std::string html = page_of(sample_records());
    const std::string data = unpacked(between(html, "id=\"case-1\">", "</script>"));
    EXPECT_EQ(nlohmann::json::parse(data)["seed"], 1);
    EXPECT_NE(html.find("id=\"case-4\""), std::string::npos);
    EXPECT_EQ(html.find("id=\"case-5\""), std::string::npos);
}

TEST(Page, AsksNothingOfTheNetwork) {
    const std::string html = page_of(sample_records());
    EXPECT_NE(html.find("default-src 'none'"), std::string::npos);
    for (const char* outside : {"src=\"", "@import", "url(", "<link"})
        EXPECT_EQ(html.find(outside), std::string::npos) << outside;
    for (const char* place : {"@STYLE@", "@SCRIPT@", "@OVERVIEW@", "@CASES@"})
        EXPECT_EQ(html.find(place), std::string::npos) << place;
}

TEST(Page, TextOfACaseCannotEndItsScript) {
    Record record = sample_records().front();
    record.plan.title = "</script><script>alert(1)</script>";
    const std::string html = page_of({record});
    EXPECT_EQ(html.find("alert(1)</script>"), std::string::npos);
    const auto overview = nlohmann::json::parse(between(html, "id=\"overview\">", "</script>"));
    EXPECT_EQ(overview["cases"][0]["title"], record.plan.title);
}

TEST(Page, OfFiveHundredRunsIsSmall) {
    Page page;
    const std::vector<Record> samples = sample_records();
    for (size_t i = 0; i < 500; ++i) page.add(samples[i % samples.size()]);
    EXPECT_LT(page.html("").size(), 5'000'000U);
}

TEST(Page, OfNothingIsAPage) {
    EXPECT_NE(page_of({}).find("\"cases\":[]"), std::string::npos);
}

TEST(Packed, IsUnpackedAgain) {
    const std::string text(100000, 'x');
    EXPECT_EQ(unpacked(packed(text)), text);
    EXPECT_EQ(unpacked(packed("")), "");
    EXPECT_LT(packed(text).size(), 1000U);
}

TEST(Links, NameTheFilesOfTheOutFolder) {
    const CaseLinks links = links_in_out_folder(sample_records().front());
    EXPECT_EQ(links.record, "records/teardown.four_way_close[ipv4]@6%252E1.json");
    EXPECT_EQ(links.capture, "") << "the made-up segments have no bytes";
    Record record = sample_records().front();
    record.plan.id = "a/b[loss=20%]";
    EXPECT_EQ(links_in_out_folder(record).record, "records/a.b[loss=20%2525].json");
}

TEST(Links, OfARecordElsewhereAreNone) {
    EXPECT_EQ(links_beside("/a/b/page.html", "/a/c/records/x.json").record, "");
    EXPECT_EQ(links_beside("/a/b/page.html", "/a/b/records/x.json").record, "records/x.json");
}

}  // namespace
}  // namespace tcpwitness
