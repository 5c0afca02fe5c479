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
const Names kSelectors{"nth",    "count", "len",   "seq",     "ack",     "port",
                       "family", "not",   "least", "sending", "payload", "name"};
// What a forged segment carries.
const Names kHeader{"seq",   "ack",  "len", "win",      "urg",     "mss",  "wscale", "ts",   "tsval",
                    "tsecr", "sack", "ttl", "checksum", "payload", "data", "about",  "from", "to"};

// netem's parameters as tc-netem(8) names them; a correlation follows its value: "loss=20% 25%".
const Names kNetem{"limit", "delay",   "jitter", "correlation", "distribution", "loss", "duplicate", "reorder",
                   "gap",   "corrupt", "rate",   "overhead",    "slot",         "seed", "ecn"};

const std::vector<PathFunction>& functions() {
    static const std::vector<PathFunction> kFunctions{
        {"netem", "netem(both, delay=100ms, loss=20%)", {A::direction, A::word}, 1, true, kNetem, {"ecn"}},
        {"tbf",
         "tbf(client > server, rate=1mbit, burst=10kb, latency=50ms)",
         {A::direction, A::word},
         1,
         true,
         {"rate", "burst", "latency", "limit", "peakrate", "mtu", "minburst"},
         {}},
        {"rate", "rate(both, 1mbit)", {A::direction, A::word}, 1, true, {"rate", "burst", "latency"}, {}},
        {"queue",
         "queue(client > server, fq_codel)",
         {A::direction, A::word},
         2,
         true,
         {"limit", "target", "interval", "quantum", "flow_limit", "maxrate", "flows"},
         {"ecn", "noecn"}},
        {"drop", "drop(client > server, FIN)", {A::direction, A::flags}, 2, false, kSelectors, {}},
        {"duplicate",
         "duplicate(client > server, FIN)",
         {A::direction, A::flags},
         2,
         false,
         joined(kSelectors, {"copies"}),
         {}},
        {"delay",
         "delay(client > server, FIN, by=200ms)",
         {A::direction, A::flags},
         2,
         false,
         joined(kSelectors, {"by"}),
         {}},
        {"reorder",
         "reorder(client > server, FIN)",
         {A::direction, A::flags},
         2,
         false,
         joined(kSelectors, {"after"}),
         {}},
        {"corrupt",
         "corrupt(client > server, FIN)",
         {A::direction, A::flags},
         2,
         false,
         joined(kSelectors, {"offset"}),
         {}},
        {"hold", "hold(client > server, FIN, name=h)", {A::direction, A::flags}, 2, false, kSelectors, {}},
        {"release", "release(h)", {A::word}, 0, false, {"name"}, {}},
        {"inject",
         "inject(server > client, RST, seq=c.rcv_nxt)",
         {A::direction, A::flags},
         2,
         false,
         kHeader,
         {"ts", "sack", "sackok", "bad_checksum"}},
        {"icmp",
         "icmp(server > client, port unreachable, about=c)",
         {A::direction, A::word},
         2,
         false,
         {"about", "mtu", "seq", "code", "type"},
         {}},
        {"replay",
         "replay(client > server, SYN, nth=1)",
         {A::direction, A::flags},
         1,
         false,
         joined(kSelectors, {"after"}),
         {}},
        {"blackhole", "blackhole(client > server)", {A::direction, A::word}, 1, true, {}, {}},
        {"link", "link(client, down)", {A::host, A::word}, 2, false, {}, {}},
        {"mtu", "mtu(client, 1280)", {A::host, A::word}, 2, false, {}, {}},
        {"move", "move(client, 10.0.1.77)", {A::host, A::word}, 1, false, {"to"}, {}},
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
