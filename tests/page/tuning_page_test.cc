#include "page/tuning_page.hh"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tcpwitness {
namespace {

using testing::HasSubstr;
using testing::Not;

Tuning tuned() {
    Tuning tuning{.profile = "a.conf", .where = "kernel 6.12", .compared = 3};
    tuning.lines = {"# for <busy> servers", "net.ipv4.tcp_fin_timeout = 15", "net.ipv4.tcp_sack = 0", "net.ipv4.tcp_sack = 1",
                    "net.ipv4.tcp_tw_recycle = 1", "net.ipv4.conf.*.rp_filter = 0"};
    tuning.settings.applied = {{"net.ipv4.tcp_fin_timeout", "15", 2}, {"net.ipv4.tcp_sack", "1", 4},
                               {"net.ipv4.conf.all.rp_filter", "0", 6}, {"net.ipv4.conf.lo.rp_filter", "0", 6}};
    tuning.settings.refused = {{{"net.ipv4.tcp_tw_recycle", "1", 5}, "this kernel has no such key"}};
    tuning.kept = {{"net.ipv4.tcp_sack", 1}};
    tuning.changed = {{"teardown/orphan", {{"duration", "client c FIN_WAIT_2 60s", "15s"}}, {"net.ipv4.tcp_fin_timeout"}},
                      {"bind/both", {{"result", "bind() = 0", "EADDRINUSE"}}, {}}};
    return tuning;
}

TEST(TuningPage, SaysOfEachLineWhatItChanged) {
    const std::string page = tuning_page(tuned());
    EXPECT_THAT(page, HasSubstr("<h1>a.conf</h1>"));
    EXPECT_THAT(page, HasSubstr("5 settings: 1 change something for a program, 3 change nothing here, 1 not applied"));
    EXPECT_THAT(page, HasSubstr("3 runs compared, 2 changed"));
    EXPECT_THAT(page, HasSubstr("<div class=\"words\"># for &lt;busy&gt; servers</div>"));
    EXPECT_THAT(page, HasSubstr("<summary><code>net.ipv4.tcp_fin_timeout = 15</code><span>changes 1 run</span></summary>\n<ul>\n"
                                "<li>teardown/orphan<dl><dt>duration</dt><dd><code>client c FIN_WAIT_2 60s</code> → "
                                "<code>15s</code></dd></dl></li>"));
    EXPECT_THAT(page, HasSubstr("<code>net.ipv4.tcp_sack = 0</code><span>set again below</span>"));
    EXPECT_THAT(page, HasSubstr("<code>net.ipv4.tcp_sack = 1</code><span>changes nothing here; 1 run sets it itself</span>"));
    EXPECT_THAT(page, HasSubstr("<code>net.ipv4.tcp_tw_recycle = 1</code><span>this kernel has no such key</span>"));
    EXPECT_THAT(page, HasSubstr("<code>net.ipv4.conf.lo.rp_filter = 0</code><span>changes nothing here</span>"));
}

TEST(TuningPage, NamesWhatOnlySeveralSettingsTogetherChange) {
    Tuning tuning = tuned();
    const std::string title = "Changed by several settings together, by none alone";
    EXPECT_THAT(tuning_page(tuning), HasSubstr(title + "</h2>\n<ul>\n<li>bind/both"));
    tuning.changed.pop_back();
    EXPECT_THAT(tuning_page(tuning), Not(HasSubstr(title)));
}

TEST(TuningPage, TakesNoWordOfAProfileForItsOwn) {
    Tuning tuning = tuned();
    tuning.profile = "@LINES@.conf";
    tuning.lines.push_back("# @PROFILE@ @TOGETHER@");
    const std::string page = tuning_page(tuning);
    EXPECT_THAT(page, HasSubstr("<h1>@LINES@.conf</h1>"));
    EXPECT_THAT(page, HasSubstr("# @PROFILE@ @TOGETHER@</div>"));
}

}  // namespace
}  // namespace tcpwitness
