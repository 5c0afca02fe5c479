#include "observers/counters.hh"

#include <gtest/gtest.h>

namespace tcpwitness {
namespace {

TEST(ParseCounters, JoinsNamesAndNumbers) {
    Counters::Values values;
    parse_counters("Tcp: RtoAlgorithm MaxConn ActiveOpens\nTcp: 1 -1 7\nTcpExt: ListenDrops\nTcpExt: 3\n", values);
    EXPECT_EQ(values, (Counters::Values{
                          {"Tcp.RtoAlgorithm", 1}, {"Tcp.MaxConn", -1}, {"Tcp.ActiveOpens", 7}, {"TcpExt.ListenDrops", 3}}));
}

TEST(ParseCounters, SplitsTheNamesOfSnmp6) {
    Counters::Values values;
    parse_counters("Ip6InReceives                   \t12\nIcmp6OutType135 \t1\nUdp6InDatagrams \t2\nUdpLite6InErrors\t0\n", values);
    EXPECT_EQ(values, (Counters::Values{
                          {"Ip6.InReceives", 12}, {"Icmp6.OutType135", 1}, {"Udp6.InDatagrams", 2}, {"UdpLite6.InErrors", 0}}));
}

TEST(ParseCounters, LeavesOutWhatIsNoCounter) {
    Counters::Values values;
    parse_counters("Tcp: A B\nUdp: 1 2\nnonsense\nTcp: A B\nTcp: 1 x\n\n", values);
    EXPECT_EQ(values, (Counters::Values{{"Tcp.A", 1}}));
}

}  // namespace
}  // namespace tcpwitness
