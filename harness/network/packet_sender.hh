// Sends forged packets out of an interface of a namespace (the path) to the host behind it.
#pragma once

#include <string>
#include <string_view>

#include "base/file_descriptor.hh"
#include "network/namespace.hh"

namespace tcpwitness {

class PacketSender {
  public:
    // `destination_mac` is the Ethernet address of the host at the other end. Throws SystemError.
    PacketSender(const NetworkNamespace& network_namespace, std::string interface, const std::string& destination_mac);

    // Puts one packet, from its IP header on, on the link at once: past the namespace's own IP stack, its nftables
    // rules and the interface's qdisc, so neither a drop nor netem touches it. The host sees it arrive; nobody saw it
    // sent. Throws SystemError.
    void send(std::string_view packet);

  private:
    std::string interface_;
    std::string destination_mac_;  // six bytes
    int index_ = 0;
    FileDescriptor socket_;
};

}  // namespace tcpwitness
