#include "nftables.hh"

#include <fmt/core.h>
#include <nftables/libnftables.h>
#include <sys/socket.h>

#include <linux/netlink.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/error.hh"

namespace tcpwitness {
namespace {

constexpr uint32_t kNumgenModulus = std::numeric_limits<uint32_t>::max();
constexpr int kSmallestDataOffset = 5;
constexpr int kLargestDataOffset = 15;

std::string_view hook_name(DropHook hook) {
    return hook == DropHook::forward ? "forward" : hook == DropHook::input ? "input" : "output";
}

std::string match_text(const SegmentMatch& match) {
    const bool ipv6 = match.family == Family::ipv6;
    const std::string_view ip = ipv6 ? "ip6" : "ip";
    std::string text;
    if (!match.in_interface.empty()) text += fmt::format("iifname \"{}\" ", match.in_interface);
    if (!match.out_interface.empty()) text += fmt::format("oifname \"{}\" ", match.out_interface);
    text += fmt::format("meta nfproto {} meta l4proto tcp ", ipv6 ? "ipv6" : "ipv4");
    if (match.source) text += fmt::format("{} saddr {} ", ip, to_string(*match.source));
    if (match.destination) text += fmt::format("{} daddr {} ", ip, to_string(*match.destination));
    if (match.source_port) text += fmt::format("tcp sport {} ", *match.source_port);
    if (match.destination_port) text += fmt::format("tcp dport {} ", *match.destination_port);
    if (match.flags_mask != 0) {
        text += fmt::format("tcp flags & 0x{:02x} == 0x{:02x} ", match.flags_mask, match.flags_set & match.flags_mask);
    }
    return text;
}

// nftables cannot subtract one header field from another, so there is one rule for each length of the TCP header. It
// asks for the shortest IP header, because "the packet's length minus 40" is only then the length of TCP.
std::string payload_rules(const SegmentMatch& match) {
    const int ip_header = match.family == Family::ipv4 ? 20 : 40;
    const std::string_view plain = match.family == Family::ipv4 ? "ip hdrlength 5" : "ip6 nexthdr tcp";
    std::string rules;
    for (int offset = kSmallestDataOffset; offset <= kLargestDataOffset; ++offset) {
        const uint32_t headers = static_cast<uint32_t>(ip_header + 4 * offset);
        const uint32_t most = match.most_payload.value_or(65535 - headers);
        rules += fmt::format("  {} tcp doff {} meta length {}-{} goto count\n", plain, offset,
                             headers + match.least_payload.value_or(0), headers + most);
    }
    return rules;
}

// numgen counts only packets that come as far as this; its first number is 0.
std::string choice_text(const NftDrop& drop) {
    if (drop.nth <= 1 && !drop.count) return {};
    const uint32_t first = drop.nth - 1;
    const uint32_t last = drop.count ? first + *drop.count - 1 : kNumgenModulus - 1;
    const std::string range = first == last ? fmt::format("{}", first) : fmt::format("{}-{}", first, last);
    return fmt::format("numgen inc mod {} {} ", kNumgenModulus, range);
}

void check(const NftDrop& drop) {
    const SegmentMatch& match = drop.match;
    if (drop.nth == 0) throw Error("drop: segments are counted from 1, not from 0");
    if (drop.count && *drop.count == 0) throw Error("drop: a count of 0 drops nothing");
    if (drop.nth > kNumgenModulus / 2 || drop.count.value_or(0) > kNumgenModulus / 2)
        throw Error("drop: count too large");
    for (const auto& address : {match.source, match.destination}) {
        if (address && address->family != match.family)
            throw Error("drop: " + to_string(*address) + " is of the other family");
    }
    if (match.least_payload.value_or(0) > match.most_payload.value_or(65535))
        throw Error("drop: no payload length is possible");
    if (std::max(match.least_payload.value_or(0), match.most_payload.value_or(0)) > 65000)
        throw Error("drop: payload too long");
}

// libnftables ends the process when it has no netlink socket, so that is tried here first.
void require_netfilter_socket() {
    const FileDescriptor socket_(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER));
    if (!socket_) throw Unsupported(fmt::format("nftables: socket NETLINK_NETFILTER: {}", strerror(errno)));
}

nft_ctx* new_context() {
    require_netfilter_socket();
    nft_ctx* context = nft_ctx_new(NFT_CTX_DEFAULT);
    if (context == nullptr || nft_ctx_buffer_output(context) != 0 || nft_ctx_buffer_error(context) != 0) {
        throw Error("nftables: no memory for its context");
    }
    nft_ctx_output_set_flags(context, NFT_CTX_OUTPUT_JSON);
    return context;
}

// The first line of nft's answer; the others repeat the commands and point into them.
std::string first_line(const std::string& text) {
    return text.substr(0, text.find('\n'));
}

bool says_unsupported(const std::string& message) {
    for (const int number : {EOPNOTSUPP, EPROTONOSUPPORT, EAFNOSUPPORT, ENOENT, EPERM}) {
        if (message.find(strerror(number)) != std::string::npos) return true;
    }
    return false;
}

}  // namespace

std::string nft_commands(const std::string& table, const NftDrop& drop, int priority) {
    check(drop);
    const bool payload = drop.match.least_payload || drop.match.most_payload;
    std::string text = fmt::format("add table inet {0} {{\n counter matched {{ }}\n counter dropped {{ }}\n", table);
    text +=
        fmt::format(" chain count {{\n  counter name matched {}counter name dropped drop\n }}\n", choice_text(drop));
    if (payload) text += fmt::format(" chain payload {{\n{} }}\n", payload_rules(drop.match));
    text += fmt::format(" chain entry {{\n  type filter hook {} priority {};\n  {}jump {}\n }}\n}}\n",
                        hook_name(drop.hook), priority, match_text(drop.match), payload ? "payload" : "count");
    return text;
}

void NftRule::Free::operator()(nft_ctx* context) const {
    nft_ctx_free(context);
}

std::string NftRule::run(const std::string& command) {
    const NamespaceGuard guard(*namespace_);
    if (nft_run_cmd_from_buffer(context_.get(), command.c_str()) == 0) return nft_ctx_get_output_buffer(context_.get());
    throw Error(fmt::format("nft in {}: {}", namespace_->name(), first_line(nft_ctx_get_error_buffer(context_.get()))));
}

NftRule::NftRule(const NetworkNamespace& network_namespace, const NftDrop& drop) : namespace_(&network_namespace) {
    static std::atomic<int> made{0};
    const int number = ++made;
    table_ = fmt::format("tcpwitness_drop_{}", number);
    const std::string commands = nft_commands(table_, drop, number);
    const NamespaceGuard guard(network_namespace);
    context_.reset(new_context());
    try {
        run(commands);
    } catch (const Error& error) {
        require_nftables(network_namespace);
        if (says_unsupported(error.what())) throw Unsupported(fmt::format("{}, for\n{}", error.what(), commands));
        throw Error(fmt::format("{}, for\n{}", error.what(), commands));
    }
}

NftRule::~NftRule() = default;
NftRule::NftRule(NftRule&&) noexcept = default;
NftRule& NftRule::operator=(NftRule&&) noexcept = default;

DropCounters NftRule::counters() {
    const nlohmann::json answer = nlohmann::json::parse(run("list counters table inet " + table_));
    DropCounters counters;
    int found = 0;
    for (const nlohmann::json& object : answer.at("nftables")) {
        if (!object.contains("counter") || object["counter"]["table"] != table_) continue;
        int64_t& counter = object["counter"]["name"] == "dropped" ? counters.dropped : counters.matched;
        counter = object["counter"]["packets"].get<int64_t>();
        ++found;
    }
    if (found != 2) throw Error(fmt::format("nft in {}: no counters in table {}", namespace_->name(), table_));
    return counters;
}

DropCounters NftRule::remove() {
    // First the rules, so that nothing is counted between the last look and the end.
    run(fmt::format("flush chain inet {} entry", table_));
    const DropCounters last = counters();
    run("delete table inet " + table_);
    return last;
}

void require_nftables(const NetworkNamespace& network_namespace) {
    const NamespaceGuard guard(network_namespace);
    const std::unique_ptr<nft_ctx, decltype(&nft_ctx_free)> context(new_context(), &nft_ctx_free);
    constexpr const char* kAddAndRemove = "add table inet tcpwitness_probe; delete table inet tcpwitness_probe";
    if (nft_run_cmd_from_buffer(context.get(), kAddAndRemove) != 0) {
        throw Unsupported(fmt::format("nftables: {}", first_line(nft_ctx_get_error_buffer(context.get()))));
    }
}

}  // namespace tcpwitness
