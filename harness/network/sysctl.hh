// Settings under /proc/sys, per network namespace where the kernel has them so.
#pragma once

#include <string>
#include <vector>

#include "network/namespace.hh"

namespace tcpwitness {

// Keys are written with dots: "net.ipv4.tcp_rfc1337". Both throw SystemError naming the key and the value;
// Unsupported when this kernel has no such key in a network namespace.
void set_sysctl(const NetworkNamespace& network_namespace, const std::string& key, const std::string& value);
std::string get_sysctl(const NetworkNamespace& network_namespace, const std::string& key);

// All net.* keys of a namespace, sorted.
std::vector<std::string> sysctl_keys(const NetworkNamespace& network_namespace);

}  // namespace tcpwitness
