// A host that seems to be elsewhere: what a NAT does that forgot its bindings and made new ones. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/path_trick.hh"
#include "timeline/tcp_segment.hh"

namespace tcpwitness {

class AddressMove {
  public:
    // `way`: of what the host sends. `address`, `port`: where it seems to be now; absent: unchanged. The first of its
    // ports that sends gets `port`, the next one port + 1, and so on.
    AddressMove(Way way, const IpAddress& host, std::optional<IpAddress> address, std::optional<uint16_t> port);

    // Rewrites the source of what the host sends. False: it is not the host's.
    bool leave(std::string& packet, Way way, const TcpSegment& segment);

    enum class Return {
        untouched,  // not for the host
        rewritten,
        dead,  // sent to where the host seemed to be before: there is nobody any more
    };
    // Rewrites the destination of what is sent to the host.
    Return come_back(std::string& packet, Way way, const TcpSegment& segment) const;

  private:
    uint16_t new_port(uint16_t port);

    Way way_;
    IpAddress host_;
    IpAddress address_;
    std::optional<uint16_t> port_;
    std::map<uint16_t, uint16_t> ports_;  // the host's own to those that are seen
};

}  // namespace tcpwitness
