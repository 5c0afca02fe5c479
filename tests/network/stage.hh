// What the kernel tests of network/ share: a check that nothing is left, a small stage, and TCP sockets in its hosts.
#pragma once

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "base/address.hh"
#include "base/file_descriptor.hh"
#include "network/namespace.hh"
#include "network/wiring.hh"

namespace tcpwitness {

// Compares what there was before a test with what there is after it: descriptors, and with them namespaces, of this
// process; the namespace its thread is in; the links of that namespace; child processes.
class KernelTest : public ::testing::Test {
  protected:
    void SetUp() override;
    void TearDown() override;

  private:
    std::multiset<std::string> descriptors_;
    std::set<std::string> links_;
    uint64_t namespace_ = 0;
};

// client - path - server, as the harness builds it.
struct TestStage {
    NetworkNamespace client{"client"};
    NetworkNamespace path{"path"};
    NetworkNamespace server{"server"};

    TestStage();
    static IpAddress client_address(Family family);
    static IpAddress server_address(Family family);
    Wiring wiring() const;
};

FileDescriptor listening_socket(const NetworkNamespace& host, const IpAddress& address, uint16_t port);
// Blocking; throws SystemError.
FileDescriptor connected_socket(const NetworkNamespace& host, const IpAddress& address, uint16_t port);
// Non-blocking: the connection is under way.
FileDescriptor connecting_socket(const NetworkNamespace& host, const IpAddress& address, uint16_t port);
FileDescriptor accepted_socket(const FileDescriptor& listener);

// A counter of /proc/net/snmp6 in a namespace ("Icmp6OutMsgs").
int64_t snmp6_counter(const NetworkNamespace& host, const std::string& name);
int retransmissions(const FileDescriptor& socket);  // tcp_info.tcpi_total_retrans, SYN included

}  // namespace tcpwitness
