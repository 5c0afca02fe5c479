#include <gtest/gtest.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include <cstring>

#include "base/error.hh"
#include "network/netem_options.hh"
#include "network/qdisc.hh"

namespace tcpwitness {
namespace {

using namespace std::chrono_literals;

constexpr uint32_t kWhole = 0xffffffff;

// A qdisc request taken apart again.
class Decoded {
  public:
    explicit Decoded(const QdiscSettings& settings) : message_(qdisc_message(7, "path1", settings)) {}

    const tcmsg& header() const { return *static_cast<const tcmsg*>(nlmsg_data(nlmsg_hdr(message_.get()))); }
    std::string kind() const { return nla_get_string(find(TCA_KIND)); }
    nlattr* options() const { return find(TCA_OPTIONS); }
    tc_netem_qopt netem() const {
        tc_netem_qopt fixed{};
        std::memcpy(&fixed, nla_data(options()), sizeof fixed);
        return fixed;
    }
    // An attribute behind netem's fixed part.
    nlattr* netem_attribute(int type) const {
        auto* first = reinterpret_cast<nlattr*>(static_cast<char*>(nla_data(options())) + sizeof(tc_netem_qopt));
        return nla_find(first, nla_len(options()) - static_cast<int>(sizeof(tc_netem_qopt)), type);
    }
    template <typename Structure>
    Structure netem_structure(int type) const {
        Structure structure{};
        const nlattr* attribute = netem_attribute(type);
        EXPECT_NE(attribute, nullptr) << type;
        if (attribute == nullptr) return structure;
        EXPECT_EQ(nla_len(attribute), static_cast<int>(sizeof structure)) << type;
        std::memcpy(&structure, nla_data(attribute), sizeof structure);
        return structure;
    }

  private:
    nlattr* find(int type) const { return nlmsg_find_attr(nlmsg_hdr(message_.get()), sizeof(tcmsg), type); }

    NetlinkMessage message_;
};

TEST(QdiscMessage, GoesToTheRootOfTheInterface) {
    const Decoded decoded{NetemSettings{}};
    EXPECT_EQ(decoded.header().tcm_ifindex, 7);
    EXPECT_EQ(decoded.header().tcm_parent, TC_H_ROOT);
    EXPECT_EQ(decoded.kind(), "netem");
    EXPECT_EQ(decoded.netem().limit, 1000U);
}

TEST(QdiscMessage, TellsDelayAndJitterInNanoseconds) {
    NetemSettings settings;
    settings.delay = 1234567ns;
    settings.jitter = 1ms;
    settings.delay_correlation_percent = 50;
    const Decoded decoded{settings};
    EXPECT_EQ(decoded.netem_structure<int64_t>(TCA_NETEM_LATENCY64), 1234567);
    EXPECT_EQ(decoded.netem_structure<int64_t>(TCA_NETEM_JITTER64), 1000000);
    EXPECT_NE(decoded.netem().latency, 0U);
    EXPECT_EQ(decoded.netem_structure<tc_netem_corr>(TCA_NETEM_CORR).delay_corr, netem_probability(50));
}

TEST(QdiscMessage, TellsProbabilities) {
    NetemSettings settings;
    settings.delay = 10ms;
    settings.loss = RandomLoss{100, 25};
    settings.duplicate_percent = 50;
    settings.duplicate_correlation_percent = 10;
    settings.reorder_percent = 10;
    settings.reorder_correlation_percent = 20;
    settings.corrupt_percent = 1;
    settings.corrupt_correlation_percent = 2;
    const Decoded decoded{settings};
    EXPECT_EQ(decoded.netem().loss, kWhole);
    EXPECT_EQ(decoded.netem().duplicate, netem_probability(50));
    EXPECT_EQ(decoded.netem().gap, 1U);
    const auto correlations = decoded.netem_structure<tc_netem_corr>(TCA_NETEM_CORR);
    EXPECT_EQ(correlations.loss_corr, netem_probability(25));
    EXPECT_EQ(correlations.dup_corr, netem_probability(10));
    const auto reorder = decoded.netem_structure<tc_netem_reorder>(TCA_NETEM_REORDER);
    EXPECT_EQ(reorder.probability, netem_probability(10));
    EXPECT_EQ(reorder.correlation, netem_probability(20));
    const auto corrupt = decoded.netem_structure<tc_netem_corrupt>(TCA_NETEM_CORRUPT);
    EXPECT_EQ(corrupt.probability, netem_probability(1));
    EXPECT_EQ(corrupt.correlation, netem_probability(2));
    EXPECT_EQ(netem_probability(0), 0U);
    EXPECT_EQ(netem_probability(50), 0x80000000U);
    EXPECT_EQ(netem_probability(100), kWhole);
}

TEST(QdiscMessage, TellsLossModels) {
    NetemSettings settings;
    settings.loss = GilbertElliottLoss{1, 10, 70, 0.1};
    nlattr* loss = Decoded{settings}.netem_attribute(TCA_NETEM_LOSS);
    ASSERT_NE(loss, nullptr);
    const Decoded gilbert{settings};
    loss = gilbert.netem_attribute(TCA_NETEM_LOSS);
    const nlattr* inner = nla_find(static_cast<nlattr*>(nla_data(loss)), nla_len(loss), NETEM_LOSS_GE);
    ASSERT_NE(inner, nullptr);
    tc_netem_gemodel model{};
    std::memcpy(&model, nla_data(inner), sizeof model);
    EXPECT_EQ(model.p, netem_probability(1));
    EXPECT_EQ(model.r, netem_probability(10));
    EXPECT_EQ(model.h, netem_probability(30));
    EXPECT_EQ(model.k1, netem_probability(0.1));

    settings.loss = StateLoss{5, 90, 1, 80, 2};
    const Decoded states{settings};
    loss = states.netem_attribute(TCA_NETEM_LOSS);
    inner = nla_find(static_cast<nlattr*>(nla_data(loss)), nla_len(loss), NETEM_LOSS_GI);
    ASSERT_NE(inner, nullptr);
    tc_netem_gimodel state{};
    std::memcpy(&state, nla_data(inner), sizeof state);
    EXPECT_EQ(state.p13, netem_probability(5));
    EXPECT_EQ(state.p31, netem_probability(90));
    EXPECT_EQ(state.p32, netem_probability(1));
    EXPECT_EQ(state.p23, netem_probability(80));
    EXPECT_EQ(state.p14, netem_probability(2));
}

TEST(QdiscMessage, TellsRateSlotEcnAndSeed) {
    NetemSettings settings;
    settings.rate = NetemRate{8'000'000, -4, 53, 5};
    settings.slot = NetemSlot{20ms, 40ms, "", 0ns, 0ns, 3, 4000};
    settings.ecn = true;
    settings.seed = 0x0123456789abcdef;
    const Decoded decoded{settings};
    const auto rate = decoded.netem_structure<tc_netem_rate>(TCA_NETEM_RATE);
    EXPECT_EQ(rate.rate, 1'000'000U);
    EXPECT_EQ(rate.packet_overhead, -4);
    EXPECT_EQ(rate.cell_size, 53U);
    EXPECT_EQ(rate.cell_overhead, 5);
    const auto slot = decoded.netem_structure<tc_netem_slot>(TCA_NETEM_SLOT);
    EXPECT_EQ(slot.min_delay, 20'000'000);
    EXPECT_EQ(slot.max_delay, 40'000'000);
    EXPECT_EQ(slot.max_packets, 3);
    EXPECT_EQ(slot.max_bytes, 4000);
    EXPECT_EQ(decoded.netem_structure<uint32_t>(TCA_NETEM_ECN), 1U);
    EXPECT_EQ(decoded.netem_structure<uint64_t>(kNetemSeedAttribute), 0x0123456789abcdefU);
}

TEST(QdiscMessage, TellsAFastRateIn64Bits) {
    NetemSettings settings;
    settings.rate = NetemRate{80'000'000'000, 0, 0, 0};
    const Decoded decoded{settings};
    EXPECT_EQ(decoded.netem_structure<uint64_t>(TCA_NETEM_RATE64), 10'000'000'000U);
    EXPECT_EQ(decoded.netem_structure<tc_netem_rate>(TCA_NETEM_RATE).rate, kWhole);
}

// A change of a netem that is there keeps what it is not told, so zeros are told.
TEST(QdiscMessage, ForgetsWhatAnEarlierNetemHad) {
    const Decoded decoded{NetemSettings{}};
    EXPECT_EQ(decoded.netem_structure<tc_netem_corrupt>(TCA_NETEM_CORRUPT).probability, 0U);
    EXPECT_EQ(decoded.netem_structure<tc_netem_rate>(TCA_NETEM_RATE).rate, 0U);
    EXPECT_EQ(decoded.netem_structure<tc_netem_slot>(TCA_NETEM_SLOT).max_delay, 0);
    EXPECT_EQ(decoded.netem_structure<uint32_t>(TCA_NETEM_ECN), 0U);
    EXPECT_EQ(decoded.netem_structure<int64_t>(TCA_NETEM_LATENCY64), 0);
    EXPECT_EQ(decoded.netem_attribute(kNetemSeedAttribute), nullptr);
    EXPECT_EQ(decoded.netem_attribute(TCA_NETEM_LOSS), nullptr);
}

TEST(QdiscMessage, CarriesTwoDistributions) {
    NetemSettings settings;
    settings.delay = 10ms;
    settings.jitter = 1ms;
    settings.distribution = "normal";
    settings.slot = NetemSlot{0ns, 0ns, "pareto", 5ms, 1ms, 0, 0};
    const Decoded decoded{settings};
    ASSERT_NE(decoded.netem_attribute(TCA_NETEM_DELAY_DIST), nullptr);
    EXPECT_EQ(nla_len(decoded.netem_attribute(TCA_NETEM_DELAY_DIST)), 8192);
    ASSERT_NE(decoded.netem_attribute(TCA_NETEM_SLOT_DIST), nullptr);
    EXPECT_EQ(nla_len(decoded.netem_attribute(TCA_NETEM_SLOT_DIST)), 8192);
    EXPECT_EQ(decoded.netem_structure<tc_netem_slot>(TCA_NETEM_SLOT).dist_delay, 5'000'000);
}

// Numbers from iproute2's normal.dist, pareto.dist and paretonormal.dist, whose steps are placed a little differently.
TEST(QdiscMessage, DistributionsAreThoseOfIproute2) {
    const std::vector<int16_t> normal = distribution_table("normal");
    ASSERT_EQ(normal.size(), 4096U);
    EXPECT_NEAR(normal[2048], 0, 6);
    EXPECT_NEAR(normal[8], -23600, 250);
    EXPECT_NEAR(normal[4092], 25450, 700);
    const std::vector<int16_t> pareto = distribution_table("pareto");
    EXPECT_NEAR(pareto[0], -5461, 2);
    EXPECT_NEAR(pareto[2047], -2625, 4);
    EXPECT_EQ(pareto[4095], 32767);
    EXPECT_NEAR(distribution_table("paretonormal")[2047], -1970, 6);
    const std::vector<int16_t> uniform = distribution_table("uniform");
    EXPECT_NEAR(uniform.front(), -8192, 4);
    EXPECT_NEAR(uniform.back(), 8192, 4);
    EXPECT_THROW(distribution_table("cauchy"), Error);
}

TEST(QdiscMessage, TellsTheOtherKinds) {
    EXPECT_EQ(Decoded{PfifoSettings{5}}.kind(), "pfifo");
    EXPECT_EQ(Decoded{(TbfSettings{1'000'000, 10'000, 3000})}.kind(), "tbf");
    EXPECT_EQ(Decoded{FqCodelSettings{}}.kind(), "fq_codel");
    const Decoded fq{FqSettings{10, std::nullopt, false}};
    EXPECT_EQ(fq.kind(), "fq");
    nlattr* options = fq.options();
    ASSERT_NE(options, nullptr);
    EXPECT_EQ(nla_get_u32(nla_find(static_cast<nlattr*>(nla_data(options)), nla_len(options), TCA_FQ_PLIMIT)), 10U);
    EXPECT_EQ(nla_get_u32(nla_find(static_cast<nlattr*>(nla_data(options)), nla_len(options), TCA_FQ_RATE_ENABLE)), 0U);
    EXPECT_THROW(Decoded{TbfSettings{}}, Error);
}

}  // namespace
}  // namespace tcpwitness
