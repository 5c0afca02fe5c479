#include "base/netem.hh"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hh"

namespace tcpwitness {
namespace {

using namespace std::chrono_literals;
using Parameters = std::vector<std::pair<std::string, std::string>>;

std::string mistake_in(const Parameters& parameters) {
    try {
        parse_netem(parameters);
    } catch (const Error& error) {
        return error.what();
    }
    return "no mistake";
}

TEST(Netem, ReadsTheExampleOfTheCaseLanguage) {
    const NetemSettings settings =
        parse_netem({{"loss", "20%"}, {"delay", "10ms"}, {"jitter", "5ms"}, {"duplicate", "5%"}, {"reorder", "10%"}});
    EXPECT_EQ(std::get<RandomLoss>(settings.loss).percent, 20);
    EXPECT_EQ(settings.delay, 10ms);
    EXPECT_EQ(settings.jitter, 5ms);
    EXPECT_EQ(settings.duplicate_percent, 5);
    EXPECT_EQ(settings.reorder_percent, 10);
    EXPECT_EQ(settings.limit_packets, 1000U);
    EXPECT_FALSE(settings.seed);
}

TEST(Netem, ReadsDelayAsTcDoes) {
    const NetemSettings settings = parse_netem({{"delay", "100ms 10ms 25%"}, {"distribution", "normal"}});
    EXPECT_EQ(settings.delay, 100ms);
    EXPECT_EQ(settings.jitter, 10ms);
    EXPECT_EQ(settings.delay_correlation_percent, 25);
    EXPECT_EQ(settings.distribution, "normal");
    EXPECT_EQ(parse_netem({{"delay", "1500us"}}).delay, 1500us);
}

TEST(Netem, ReadsLossModels) {
    const auto gilbert = std::get<GilbertElliottLoss>(parse_netem({{"loss", "gemodel 1% 10% 70% 0.1%"}}).loss);
    EXPECT_EQ(gilbert.p_percent, 1);
    EXPECT_EQ(gilbert.r_percent, 10);
    EXPECT_EQ(gilbert.bad_loss_percent, 70);
    EXPECT_EQ(gilbert.good_loss_percent, 0.1);
    const auto simple = std::get<GilbertElliottLoss>(parse_netem({{"loss", "gemodel 1%"}}).loss);
    EXPECT_EQ(simple.r_percent, 99);
    EXPECT_EQ(simple.bad_loss_percent, 100);
    const auto state = std::get<StateLoss>(parse_netem({{"loss", "state 5% 90% 1% 80% 2%"}}).loss);
    EXPECT_EQ(state.p13_percent, 5);
    EXPECT_EQ(state.p31_percent, 90);
    EXPECT_EQ(state.p32_percent, 1);
    EXPECT_EQ(state.p23_percent, 80);
    EXPECT_EQ(state.p14_percent, 2);
    EXPECT_EQ(std::get<StateLoss>(parse_netem({{"loss", "state 5%"}}).loss).p31_percent, 95);
    EXPECT_EQ(std::get<RandomLoss>(parse_netem({{"loss", "random 1% 50%"}}).loss).correlation_percent, 50);
}

TEST(Netem, ReadsRateSlotAndTheRest) {
    const NetemSettings settings = parse_netem({{"rate", "1mbit 20 53 5"},
                                                {"slot", "20ms 40ms packets 3 bytes 4000"},
                                                {"limit", "50"},
                                                {"corrupt", "0.1%"},
                                                {"loss", "1%"},
                                                {"ecn", "yes"},
                                                {"seed", "18446744073709551615"}});
    EXPECT_EQ(settings.rate->rate_bits_per_second, 1'000'000U);
    EXPECT_EQ(settings.rate->packet_overhead_bytes, 20);
    EXPECT_EQ(settings.rate->cell_size_bytes, 53U);
    EXPECT_EQ(settings.rate->cell_overhead_bytes, 5);
    EXPECT_EQ(settings.slot->least, 20ms);
    EXPECT_EQ(settings.slot->most, 40ms);
    EXPECT_EQ(settings.slot->packets, 3);
    EXPECT_EQ(settings.slot->bytes, 4000);
    EXPECT_EQ(settings.limit_packets, 50U);
    EXPECT_TRUE(settings.ecn);
    EXPECT_EQ(settings.seed, UINT64_MAX);
    EXPECT_EQ(parse_netem({{"slot", "distribution pareto 5ms 1ms"}}).slot->distribution, "pareto");
}

TEST(Netem, SaysWhatIsWrong) {
    EXPECT_EQ(mistake_in({{"los", "20%"}}), "netem: unknown key 'los', did you mean 'loss'?");
    EXPECT_EQ(mistake_in({{"loss", "20"}}), "netem: loss=20: '20' is not a percentage such as 20% (the probability)");
    EXPECT_EQ(mistake_in({{"loss", "101%"}}),
              "netem: loss=101%: '101%' is not a percentage such as 20% (the probability)");
    EXPECT_EQ(mistake_in({{"loss", ""}}), "netem: loss=: lacks the probability");
    EXPECT_EQ(mistake_in({{"loss", "1% 2% 3%"}}), "netem: loss=1% 2% 3%: '3%' is too much");
    EXPECT_EQ(mistake_in({{"delay", "10"}}), "netem: delay=10: '10' is not a duration such as 10ms (the delay)");
    EXPECT_EQ(mistake_in({{"delay", "-5ms"}}), "netem: delay=-5ms: '-5ms' is not a duration such as 10ms (the delay)");
    EXPECT_EQ(mistake_in({{"rate", "fast"}}), "netem: rate=fast: 'fast' is not a rate such as 1mbit (the rate)");
    EXPECT_EQ(mistake_in({{"limit", "-1"}}),
              "netem: limit=-1: '-1' is not a whole number that fits (the limit in packets)");
    EXPECT_EQ(mistake_in({{"loss", "1%"}, {"loss", "2%"}}), "netem: loss is given twice");
    EXPECT_EQ(mistake_in({{"delay", "1ms 1ms"}, {"jitter", "2ms"}}), "netem: jitter=2ms: there is a jitter already");
    EXPECT_EQ(mistake_in({{"slot", "5ms 1ms"}}), "netem: slot=5ms 1ms: the longest gap is shorter than the shortest");
}

TEST(Netem, RefusesWhatNetemWouldQuietlyLeaveOut) {
    EXPECT_THAT(mistake_in({{"reorder", "10%"}}), ::testing::HasSubstr("it needs a delay"));
    EXPECT_THAT(mistake_in({{"delay", "1ms"}, {"gap", "3"}}), ::testing::HasSubstr("it needs reorder"));
    EXPECT_THAT(mistake_in({{"delay", "1ms"}, {"distribution", "normal"}}), ::testing::HasSubstr("no jitter"));
    EXPECT_THAT(mistake_in({{"delay", "1ms"}, {"correlation", "5%"}}), ::testing::HasSubstr("no jitter"));
    EXPECT_THAT(mistake_in({{"ecn", ""}}), ::testing::HasSubstr("it needs loss"));
    EXPECT_THAT(mistake_in({{"limit", "0"}}), ::testing::HasSubstr("no packet would pass"));
    EXPECT_THAT(mistake_in({{"delay", "1ms 1ms"}, {"distribution", "cauchy"}}),
                ::testing::HasSubstr("one of uniform, normal"));
}

TEST(Netem, ReadsRatesInBitsAndBytes) {
    EXPECT_EQ(parse_rate("1mbit"), 1'000'000U);
    EXPECT_EQ(parse_rate("1.5Mbit"), 1'500'000U);
    EXPECT_EQ(parse_rate("64kbit"), 64'000U);
    EXPECT_EQ(parse_rate("1kibit"), 1024U);
    EXPECT_EQ(parse_rate("100bit"), 100U);
    EXPECT_EQ(parse_rate("100"), 100U);
    EXPECT_EQ(parse_rate("10gbit"), 10'000'000'000U);
    EXPECT_EQ(parse_rate("125kbps"), 1'000'000U);
    EXPECT_EQ(parse_rate("1mibps"), 8U * 1024 * 1024);
    for (const char* text : {"", "mbit", "1m", "1xbit", "-1mbit", "1kkbit", "1 mbit", "nan", "1e99"}) {
        EXPECT_FALSE(parse_rate(text)) << text;
    }
}

TEST(Netem, ReadsPercentages) {
    EXPECT_EQ(parse_netem_percent("0%"), 0);
    EXPECT_EQ(parse_netem_percent("0.1%"), 0.1);
    EXPECT_EQ(parse_netem_percent("100%"), 100);
    for (const char* text : {"", "%", "5", "100.1%", "-1%", "nan%", "1%%"}) EXPECT_FALSE(parse_netem_percent(text)) << text;
}

}  // namespace
}  // namespace tcpwitness
