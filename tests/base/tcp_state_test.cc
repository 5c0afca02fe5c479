#include "base/tcp_state.hh"

#include <gtest/gtest.h>

namespace tcpwitness {
namespace {

TEST(TcpState, ReadsEverySpelling) {
    EXPECT_EQ(parse_tcp_state("FIN-WAIT-1"), TcpState::fin_wait_1);
    EXPECT_EQ(parse_tcp_state("FIN_WAIT2"), TcpState::fin_wait_2);
    EXPECT_EQ(parse_tcp_state("SYN_RECV"), TcpState::syn_rcvd);
    EXPECT_EQ(parse_tcp_state("SYN-RECEIVED"), TcpState::syn_rcvd);
    EXPECT_EQ(parse_tcp_state("CLOSE"), TcpState::closed);
    EXPECT_FALSE(parse_tcp_state("close"));
    for (const std::string& name : tcp_state_names()) EXPECT_EQ(to_string(*parse_tcp_state(name)), name);
}

TEST(TcpState, KnowsTheKernelsNumbers) {
    EXPECT_EQ(tcp_state_from_kernel(1), TcpState::established);
    EXPECT_EQ(tcp_state_from_kernel(7), TcpState::closed);
    EXPECT_EQ(tcp_state_from_kernel(12), TcpState::syn_rcvd);
    EXPECT_FALSE(tcp_state_from_kernel(0));
    EXPECT_FALSE(tcp_state_from_kernel(13));
}

}  // namespace
}  // namespace tcpwitness
