// Tricks of `path` as typed values, and the diagnostics of what they do not take.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "case/path_parser.hh"

namespace tcpwitness {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

class PathTrickTest : public ::testing::Test {
  protected:
    PathTrickTest() {
        programs_.push_back({.name = "client", .host = "client"});
        programs_.push_back({.name = "server", .host = "server"});
        scope_.make_socket("client", "c");
        scope_.make_socket("server", "s");
    }

    std::optional<CasePathTrick> parse(const std::string& text) {
        return parse_path_trick(CaseText(text, {"case.yaml", 7, 11}, true), scope_);
    }

    template <typename Trick>
    Trick read(const std::string& text) {
        const std::optional<CasePathTrick> trick = parse(text);
        EXPECT_EQ(diagnostics_.to_text(), "") << text;
        return trick ? std::get<Trick>(trick->trick) : Trick{};
    }

    // What is said of a mistake, with its place.
    std::string mistake(const std::string& text) {
        Diagnostics fresh;
        Scope scope(programs_, false, fresh);
        scope.make_socket("client", "c");
        EXPECT_FALSE(parse_path_trick(CaseText(text, {"case.yaml", 7, 1}, true), scope)) << text;
        return fresh.to_text();
    }

    std::vector<CaseProgram> programs_;
    Diagnostics diagnostics_;
    Scope scope_{programs_, false, diagnostics_};
};

constexpr uint8_t kFin = 1;
constexpr uint8_t kSyn = 2;
constexpr uint8_t kRst = 4;
constexpr uint8_t kPsh = 8;
constexpr uint8_t kAck = 16;
constexpr uint8_t kUrg = 32;

TEST_F(PathTrickTest, FlagsOfASelector) {
    const SegmentSelector fin = read<FaultTrick>("drop(client > server, FIN)").selector;
    EXPECT_EQ(fin.way, Way::to_server);
    EXPECT_EQ(fin.flags_set, kFin);
    EXPECT_EQ(fin.flags_clear, kSyn | kRst | kUrg);
    EXPECT_EQ(fin.flags_text, "FIN");
    EXPECT_EQ(fin.nth, 1);
    EXPECT_EQ(fin.count, 1);
    EXPECT_EQ(read<FaultTrick>("drop(client > server, SYN)").selector.flags_clear, kFin | kRst | kUrg | kAck);
    EXPECT_EQ(read<FaultTrick>("drop(client > server, SYN ACK)").selector.flags_clear, kFin | kRst | kUrg);
    const SegmentSelector any = read<FaultTrick>("drop(server > client, any, least=PSH, not=FIN URG)").selector;
    EXPECT_EQ(any.way, Way::to_client);
    EXPECT_EQ(any.flags_set, kPsh);
    EXPECT_EQ(any.flags_clear, kFin | kUrg);
    EXPECT_EQ(any.flags_text, "any with PSH without FIN URG");
}

TEST_F(PathTrickTest, EverythingElseOfASelector) {
    const SegmentSelector selector =
        read<FaultTrick>("drop(client > server, ACK, nth=2, count=all, len >= 10, seq=1, ack >= s.snd_nxt+1, port=7000, "
                         "family=ipv6, sending=again)")
            .selector;
    EXPECT_EQ(selector.nth, 2);
    EXPECT_FALSE(selector.count);
    EXPECT_EQ(selector.payload_length, (Comparison{Relation::at_least, 10}));
    EXPECT_EQ(to_string(selector.sequence.value()), "=1");
    EXPECT_EQ(to_string(selector.acknowledgment.value()), ">=s.snd_nxt+1");
    EXPECT_EQ(selector.port, 7000);
    EXPECT_EQ(selector.family, Family::ipv6);
    EXPECT_EQ(selector.sending, SegmentSelector::Sending::again);
    EXPECT_EQ(read<FaultTrick>("drop(client > server, ACK, payload=none)").selector.payload_length,
              (Comparison{Relation::equal, 0}));
}

TEST_F(PathTrickTest, Faults) {
    EXPECT_EQ(read<FaultTrick>("delay(client > server, FIN, by=200ms)").by, 200ms);
    EXPECT_EQ(read<FaultTrick>("duplicate(client > server, FIN, copies=3)").copies, 3);
    EXPECT_EQ(read<FaultTrick>("reorder(client > server, FIN, behind=2)").behind, 2);
    EXPECT_EQ(read<FaultTrick>("corrupt(client > server, FIN, bit=0)").bit, 0);
    EXPECT_EQ(read<FaultTrick>("hold(client > server, FIN, name=h)").name, "h");
    EXPECT_EQ(read<ReleaseTrick>("release(h, order=last)").name, "h");
    EXPECT_TRUE(read<ReleaseTrick>("release(order=last)").reversed);
    EXPECT_FALSE(read<BlackholeTrick>("blackhole(both, off)").on);
    EXPECT_TRUE(read<ReplayTrick>("replay(client > server, SYN)").latest);
    EXPECT_FALSE(read<ReplayTrick>("replay(client > server, SYN, nth=1)").latest);
}

TEST_F(PathTrickTest, ForgedSegments) {
    const auto trick = read<InjectTrick>(
        "inject(server > client, FIN ACK, seq=client.c.rcv_nxt-1, ack=c@1.snd_nxt, win=0, data=\"hi\", ts, mss=536, "
        "sack=c.rcv_nxt+10:c.rcv_nxt+20 5:6, checksum=bad, ttl=9, about=c)");
    EXPECT_EQ(trick.way, Way::to_client);
    EXPECT_EQ(trick.flags, kFin | kAck);
    EXPECT_EQ(to_string(trick.sequence.value()), "client.c.rcv_nxt-1");
    EXPECT_EQ(to_string(trick.acknowledgment.value()), "c@1.snd_nxt");
    EXPECT_EQ(trick.window, 0);
    EXPECT_EQ(trick.payload, "hi");
    EXPECT_TRUE(trick.options.timestamps);
    EXPECT_EQ(trick.options.mss, 536);
    ASSERT_EQ(trick.options.sack.size(), 2U);
    EXPECT_EQ(to_string(trick.options.sack[0].second), "c.rcv_nxt+20");
    EXPECT_TRUE(trick.bad_checksum);
    EXPECT_EQ(trick.about, "c");
    EXPECT_EQ(read<InjectTrick>("inject(server > client, none)").flags, 0);
    const auto icmp = read<IcmpTrick>("icmp(server > client, fragmentation needed, mtu=1280, seq=c.snd_una)");
    EXPECT_EQ(icmp.error, "fragmentation needed");
    EXPECT_EQ(icmp.mtu, 1280);
}

TEST_F(PathTrickTest, TheLine) {
    EXPECT_FALSE(read<LinkTrick>("link(client, down)").up);
    EXPECT_EQ(read<MtuTrick>("mtu(server, 1280, end=path)").mtu, 1280);
    EXPECT_EQ(read<MoveTrick>("move(client, port=5555)").port, 5555);
    EXPECT_EQ(to_string(read<MoveTrick>("move(client, address=10.0.1.77)").address.value()), "10.0.1.77");
    EXPECT_EQ(read<NetemTrick>("netem(both, delay=10ms, reorder=10%, ecn, loss=1%)").parameters.at("reorder"), "10%");
    EXPECT_FALSE(read<NetemTrick>("netem(both, off)").on);
    EXPECT_EQ(read<QueueTrick>("rate(both, 1mbit)").discipline, "tbf");
    EXPECT_EQ(read<QueueTrick>("queue(server, fq_codel, target=5ms)").place, "server");
    EXPECT_EQ(read<QueueTrick>("tbf(client > server, rate=1mbit)").parameters.at("rate"), "1mbit");
}

TEST_F(PathTrickTest, OnlySomeTricksNeedTheForwarder) {
    EXPECT_TRUE(needs_forwarder(parse("drop(client > server, FIN)")->trick));
    EXPECT_TRUE(needs_forwarder(parse("move(client, port=5)")->trick));
    EXPECT_FALSE(needs_forwarder(parse("netem(both, delay=1ms)")->trick));
    EXPECT_FALSE(needs_forwarder(parse("inject(server > client, RST)")->trick));
}

TEST_F(PathTrickTest, MistakesHaveTheirPlaceAndAHint) {
    EXPECT_EQ(mistake("inject(server > client, RST, seq=c.rcv_nx)"),
              "case.yaml:7:34: error: unknown number of a connection 'c.rcv_nx'\n"
              "    known: isn, iss, irs, snd_una, snd_nxt, rcv_nxt, snd_wnd, rcv_wnd, ts_val and ts_recent\n");
    EXPECT_THAT(mistake("inject(server > client, RST, seq=d.rcv_nxt)"), HasSubstr("7:34: error: no step before this one"));
    EXPECT_THAT(mistake("inject(server > client, RST, seq=c.rcv_nxt c)"), HasSubstr("not a sum"));
    EXPECT_THAT(mistake("inject(server > client, RST, mss=70000)"), HasSubstr("7:34: error: '70000' is not a number from 0 to 65535"));
    EXPECT_THAT(mistake("inject(server > client, RST, mss > 5)"), HasSubstr("'mss' takes only '='"));
    EXPECT_THAT(mistake("drop(client > server, FIN, sending=twice)"), HasSubstr("unknown sending 'twice'"));
    EXPECT_THAT(mistake("drop(client > server, FIN, not=FIN)"), HasSubstr("no segment can match"));
    EXPECT_THAT(mistake("drop(client > server, FIN, nth=0)"), HasSubstr("'0' is not a number"));
    EXPECT_THAT(mistake("drop(client > server, FIN, len=5, payload=none)"), HasSubstr("say the same"));
    EXPECT_THAT(mistake("delay(client > server, FIN)"), HasSubstr("delay needs 'by'"));
    EXPECT_THAT(mistake("delay(client > server, FIN, by=200)"), HasSubstr("'200' is not a duration"));
    EXPECT_THAT(mistake("icmp(server > client, port unreachabel)"), HasSubstr("did you mean 'port unreachable'?"));
    EXPECT_THAT(mistake("icmp(server > client, fragmentation needed)"), HasSubstr("needs an 'mtu'"));
    EXPECT_THAT(mistake("icmp(server > client, port unreachable, mtu=5)"), HasSubstr("has not an 'mtu'"));
    EXPECT_THAT(mistake("link(client, sideways)"), HasSubstr("neither 'up' nor 'down'"));
    EXPECT_THAT(mistake("link(path, down)"), HasSubstr("unknown host 'path'"));
    EXPECT_THAT(mistake("mtu(client, big)"), HasSubstr("'big' is not a number"));
    EXPECT_THAT(mistake("move(client)"), HasSubstr("move needs"));
    EXPECT_THAT(mistake("move(client, address=ten)"), HasSubstr("not an IP address"));
    EXPECT_THAT(mistake("netem(both)"), HasSubstr("something to do"));
    EXPECT_THAT(mistake("netem(both, off, loss=1%)"), HasSubstr("has no parameters"));
    EXPECT_THAT(mistake("netem(both, loss=20)"), HasSubstr("7:18: error: netem: loss=20"));
    EXPECT_THAT(mistake("netem(both, reorder=10%)"), HasSubstr("needs a delay"));
    EXPECT_THAT(mistake("queue(both, fqq)"), HasSubstr("did you mean 'fq'?"));
    EXPECT_THAT(mistake("queue(both, fq, target=5ms)"), HasSubstr("fq has no parameter 'target'"));
    EXPECT_THAT(mistake("tbf(both, burst=10kb)"), HasSubstr("tbf needs a rate"));
    EXPECT_THAT(mistake("rate(both, fast)"), HasSubstr("write rate=1mbit"));
    EXPECT_THAT(mistake("blackhole(both, maybe)"), HasSubstr("neither 'on' nor 'off'"));
}

}  // namespace
}  // namespace tcpwitness
