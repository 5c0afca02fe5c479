// Targeted drops: nftables rules in a namespace (the path) that drop chosen TCP segments and count what they did.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/address.hh"
#include "network/namespace.hh"

struct nft_ctx;

namespace tcpwitness {

// Which segments. What is absent is not asked for.
struct SegmentMatch {
    Family family = Family::ipv4;
    std::optional<IpAddress> source;
    std::optional<IpAddress> destination;
    std::optional<uint16_t> source_port;
    std::optional<uint16_t> destination_port;
    std::string in_interface;   // empty: any
    std::string out_interface;  // empty: any
    // Of the flags in `flags_mask` (bits of the TCP header's flag byte: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE
    // 64, CWR 128), those in `flags_set` must be set and the others clear. A mask of 0 asks for nothing.
    uint8_t flags_mask = 0;
    uint8_t flags_set = 0;
    // Payload in bytes, both ends included. Packets with IP options or IPv6 extension headers then never match.
    std::optional<uint32_t> least_payload;
    std::optional<uint32_t> most_payload;
};

// Where the rule stands: forward for a router, input and output for a host's own segments.
enum class DropHook : uint8_t { forward, input, output };

struct NftDrop {
    SegmentMatch match;
    DropHook hook = DropHook::forward;
    uint32_t nth = 1;                   // the first matching segment that is dropped, counted from 1
    std::optional<uint32_t> count = 1;  // how many in a row from there on; absent: all
};

struct DropCounters {
    int64_t matched = 0;  // segments that the match saw, dropped ones included
    int64_t dropped = 0;
};

// A drop that is at work from its construction on. Like an address or a route, the rule belongs to the namespace: it
// goes with the namespace, or by remove(). Several rules in one namespace see a segment in the order of their making; a
// segment that one drops is not seen by the next.
class NftRule {
  public:
    // Throws Unsupported when this kernel or user has no nftables or lacks what the rule needs, Error with nft's words
    // and the rule otherwise.
    NftRule(const NetworkNamespace& network_namespace, const NftDrop& drop);
    ~NftRule();
    NftRule(NftRule&&) noexcept;
    NftRule& operator=(NftRule&&) noexcept;

    DropCounters counters();
    // Takes the rule away and returns what it had counted in the end. Takes about 15 ms: the kernel waits for RCU.
    DropCounters remove();

  private:
    std::string run(const std::string& command);

    struct Free {
        void operator()(nft_ctx* context) const;
    };
    const NetworkNamespace* namespace_;
    std::string table_;
    std::unique_ptr<nft_ctx, Free> context_;
};

// The commands that make a drop's table, for nft -f. Pure.
std::string nft_commands(const std::string& table, const NftDrop& drop, int priority);

// Throws Unsupported, with the kernel's words, when this kernel or user cannot have nftables in a namespace.
void require_nftables(const NetworkNamespace& network_namespace);

}  // namespace tcpwitness
