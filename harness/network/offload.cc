#include <fmt/core.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <linux/if.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <vector>

#include "base/error.hh"
#include "network/link.hh"
#include "network/netlink.hh"

namespace tcpwitness {
namespace {

void ethtool(int socket, const std::string& interface, void* request, std::string_view command) {
    ifreq call{};
    if (interface.size() >= sizeof call.ifr_name) throw Error("interface name too long: " + interface);
    std::memcpy(call.ifr_name, interface.c_str(), interface.size());
    call.ifr_data = static_cast<char*>(request);
    check_system(ioctl(socket, SIOCETHTOOL, &call), fmt::format("ioctl {}", command), interface);
}

// An ethtool request whose struct ends in an array: `header` is its first fields, `tail` the array's bytes.
template <typename Header>
std::vector<char> request_with_tail(const Header& header, size_t tail) {
    std::vector<char> buffer(sizeof header + tail);
    std::memcpy(buffer.data(), &header, sizeof header);
    return buffer;
}

// The kernel's names of its features; a feature's bit is its place in the list. It differs between kernels.
std::vector<std::string> feature_names(int socket, const std::string& interface) {
    ethtool_sset_info count{};
    count.cmd = ETHTOOL_GSSET_INFO;
    count.sset_mask = uint64_t{1} << ETH_SS_FEATURES;
    std::vector<char> info = request_with_tail(count, sizeof(uint32_t));
    ethtool(socket, interface, info.data(), "ETHTOOL_GSSET_INFO");

    ethtool_gstrings header{};
    header.cmd = ETHTOOL_GSTRINGS;
    header.string_set = ETH_SS_FEATURES;
    std::memcpy(&header.len, info.data() + sizeof count, sizeof header.len);
    std::vector<char> strings = request_with_tail(header, size_t{header.len} * ETH_GSTRING_LEN);
    ethtool(socket, interface, strings.data(), "ETHTOOL_GSTRINGS");
    std::vector<std::string> names;
    for (uint32_t i = 0; i < header.len; ++i) {
        const char* name = strings.data() + sizeof header + size_t{i} * ETH_GSTRING_LEN;
        names.emplace_back(name, strnlen(name, ETH_GSTRING_LEN));
    }
    return names;
}

// What would make one packet of several segments, or leave a checksum to a device that veth does not have. The
// receiver's part matters too: with rx-checksum on, veth vouches for checksums that nobody checked.
bool is_unwanted(std::string_view name) {
    return name.starts_with("tx-checksum") || name == "rx-checksum" || name.ends_with("segmentation") ||
           name.starts_with("rx-gro") || name == "rx-lro";
}

}  // namespace

// One ETHTOOL_SFEATURES instead of one request per offload: each has the kernel compute and announce the features anew.
void turn_offloads_off(const NetworkNamespace& network_namespace, const std::string& interface) {
    const int socket = network_namespace.route_socket().descriptor();
    static const std::vector<std::string> names = feature_names(socket, interface);

    const auto blocks = static_cast<uint32_t>((names.size() + 31) / 32);
    std::vector<char> get =
        request_with_tail(ethtool_gfeatures{ETHTOOL_GFEATURES, blocks}, blocks * sizeof(ethtool_get_features_block));
    std::vector<char> set =
        request_with_tail(ethtool_sfeatures{ETHTOOL_SFEATURES, blocks}, blocks * sizeof(ethtool_set_features_block));
    auto* now = reinterpret_cast<ethtool_gfeatures*>(get.data());
    auto* wanted = reinterpret_cast<ethtool_sfeatures*>(set.data());
    ethtool(socket, interface, now, "ETHTOOL_GFEATURES");
    for (size_t i = 0; i < names.size(); ++i) {
        const uint32_t bit = 1U << (i % 32);
        if (is_unwanted(names[i]) && (now->features[i / 32].available & bit) != 0)
            wanted->features[i / 32].valid |= bit;
    }
    ethtool(socket, interface, wanted, "ETHTOOL_SFEATURES");
    ethtool(socket, interface, now, "ETHTOOL_GFEATURES");
    for (size_t i = 0; i < names.size(); ++i) {
        if (is_unwanted(names[i]) && (now->features[i / 32].active & 1U << (i % 32)) != 0) {
            throw Unsupported(fmt::format("this kernel does not turn {} off on {}", names[i], interface));
        }
    }
}

}  // namespace tcpwitness
