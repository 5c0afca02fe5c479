// Counters: what nstat shows of one namespace, as changes since the start: "TcpExt.ListenDrops", "Tcp.ActiveOpens",
// "Ip6.InReceives". From /proc/net/snmp, /proc/net/netstat and /proc/net/snmp6.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_descriptor.hh"
#include "network/namespace.hh"

namespace tcpwitness {

class Counters {
  public:
    using Values = std::map<std::string, int64_t>;

    // Reads the values that changes are counted from. Throws SystemError.
    explicit Counters(const NetworkNamespace& network_namespace);

    // The change of every counter that this kernel has, now. Gauges (Tcp.CurrEstab) may have gone down. Throws SystemError.
    Values changes();

  private:
    Values read();

    std::vector<FileDescriptor> files_;  // opened inside the namespace, and of it wherever they are read
    Values start_;
};

// Adds the lines of /proc/net/snmp or netstat, pairs of names and numbers, or those of snmp6, one counter each.
void parse_counters(std::string_view text, Counters::Values& values);

}  // namespace tcpwitness
