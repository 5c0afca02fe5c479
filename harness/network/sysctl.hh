// Settings under /proc/sys, per network namespace where the kernel has them so.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "network/namespace.hh"

namespace tcpwitness {

// Keys are written with dots: "net.ipv4.tcp_rfc1337"; a dot inside a name is written as a slash, as sysctl(8) does
// ("net.ipv4.conf.eth0/100.forwarding"). All throw SystemError naming the key and the value; Unsupported when this
// kernel has no such key in a network namespace, or does not let this user write it there.
void set_sysctl(const NetworkNamespace& network_namespace, const std::string& key, const std::string& value);
// Several, in order, with one change of namespace.
void set_sysctls(const NetworkNamespace& network_namespace,
                 const std::vector<std::pair<std::string, std::string>>& settings);
// The value as the kernel prints it, tabs between numbers included, without the newline at its end.
std::string get_sysctl(const NetworkNamespace& network_namespace, const std::string& key);

// All net.* keys of a namespace, sorted.
std::vector<std::string> sysctl_keys(const NetworkNamespace& network_namespace);

}  // namespace tcpwitness
