#include "case/path_tricks.hh"

#include <algorithm>

namespace tcpwitness {
namespace {

using A = PathArgument;
using Names = std::vector<std::string_view>;

Names joined(Names a, const Names& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

// Which segments a fault is for.
const Names kSelectors{"nth", "count", "len", "payload", "seq", "ack", "port", "family", "least", "not", "sending"};
// What a forged segment carries.
const Names kHeader{"seq",    "ack",   "len",   "data", "win", "urg",      "mss",   "wscale",
                    "tsval",  "tsecr", "sack",  "ttl",  "checksum", "about", "from",  "to"};

const Names kNetem{"limit", "delay",   "jitter", "correlation", "distribution", "loss", "duplicate", "reorder",
                   "gap",   "corrupt", "rate",   "overhead",    "slot",         "seed"};

const Names kTbf{"rate", "burst", "latency", "limit"};

PathFunction fault(std::string_view name, std::string_view form, const Names& own) {
    return {name, form, {A::direction, A::flags}, 2, false, joined(kSelectors, own), {}};
}

const std::vector<PathFunction>& functions() {
    static const std::vector<PathFunction> kFunctions{
        {"netem", "netem(both, delay=100ms, loss=20%)", {A::direction, A::word}, 1, true, kNetem, {"ecn"}},
        {"tbf", "tbf(client > server, rate=1mbit, burst=10kb, latency=50ms)", {A::place}, 1, true, kTbf, {}},
        {"rate", "rate(both, 1mbit)", {A::place, A::word}, 2, true, {"burst", "latency", "limit"}, {}},
        {"queue",
         "queue(client > server, fq_codel)",
         {A::place, A::word},
         2,
         true,
         {"rate", "burst", "latency", "limit", "flow_limit", "pacing", "target", "interval", "ecn"},
         {}},
        fault("drop", "drop(client > server, FIN)", {}),
        fault("delay", "delay(client > server, FIN, by=200ms)", {"by"}),
        fault("duplicate", "duplicate(client > server, FIN)", {"copies", "by"}),
        fault("reorder", "reorder(client > server, FIN)", {"behind"}),
        fault("corrupt", "corrupt(client > server, FIN)", {"bit"}),
        fault("hold", "hold(client > server, FIN, name=h)", {"name"}),
        {"release", "release(h)", {A::word}, 0, false, {"order"}, {}},
        {"inject",
         "inject(server > client, RST, seq=c.rcv_nxt)",
         {A::direction, A::forged_flags},
         2,
         false,
         kHeader,
         {"ts", "sackok"}},
        {"icmp",
         "icmp(server > client, port unreachable, about=c)",
         {A::direction, A::word},
         2,
         false,
         {"about", "mtu", "seq"},
         {}},
        {"replay", "replay(client > server, SYN, nth=1)", {A::direction, A::flags}, 1, false, kSelectors, {}},
        {"blackhole", "blackhole(client > server)", {A::direction, A::word}, 1, true, {}, {}},
        {"link", "link(client, down)", {A::host, A::word}, 2, false, {}, {}},
        {"mtu", "mtu(client, 1280)", {A::host, A::word}, 2, false, {"end"}, {}},
        {"move", "move(client, port=5555)", {A::host}, 1, false, {"address", "port"}, {}},
    };
    return kFunctions;
}

}  // namespace

const PathFunction* path_function(std::string_view name) {
    const std::vector<PathFunction>& all = functions();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const PathFunction& each) { return each.name == name; });
    return found == all.end() ? nullptr : &*found;
}

std::vector<std::string> path_function_names() {
    std::vector<std::string> names;
    for (const PathFunction& each : functions()) names.emplace_back(each.name);
    return names;
}

}  // namespace tcpwitness
