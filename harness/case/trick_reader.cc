#include "case/trick_reader.hh"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/error.hh"
#include "base/icmp_error.hh"
#include "base/netem.hh"
#include "base/queue_parameters.hh"
#include "case/forged_reader.hh"
#include "case/selector_reader.hh"
#include "case/trick_values.hh"

namespace tcpwitness {
namespace {

constexpr int64_t kMost = 1'000'000;
constexpr int64_t kMostMtu = 65535;

Way way_of(const TrickValues& values) {
    return parse_way(values.text().positional.at(0).text()).value_or(Way::to_server);
}

// The second word, if it stands there: "on" or "off", "up" or "down".
bool is_second(TrickValues& values, const std::string& no, const std::string& yes, bool otherwise) {
    if (values.text().positional.size() < 2) return otherwise;
    const CaseText& word = values.text().positional[1];
    if (word.text() == yes || word.text() == no) return word.text() == yes;
    values.refuse(word, fmt::format("'{}' is neither '{}' nor '{}'", word.text(), yes, no));
    return otherwise;
}

PathTrick read_fault(TrickValues& values) {
    static const std::map<std::string_view, FaultKind> kKinds{
        {"drop", FaultKind::drop},       {"delay", FaultKind::delay},     {"duplicate", FaultKind::duplicate},
        {"reorder", FaultKind::reorder}, {"corrupt", FaultKind::corrupt}, {"hold", FaultKind::hold}};
    FaultTrick trick{.fault = kKinds.at(values.text().function->name), .selector = read_selector(values)};
    if (const auto by = values.duration("by")) trick.by = *by;
    if (const auto copies = values.number("copies", 1, 1000)) trick.copies = static_cast<int>(*copies);
    if (const auto behind = values.number("behind", 1, 1000)) trick.behind = static_cast<int>(*behind);
    if (const auto bit = values.number("bit", 0, kMost)) trick.bit = static_cast<int>(*bit);
    if (const CaseText* name = values.find("name")) trick.name = name->text();
    if (trick.fault == FaultKind::delay && values.find("by") == nullptr)
        values.refuse(values.text().name, "delay needs 'by'", "write delay(client > server, FIN, by=200ms)");
    return trick;
}

PathTrick read_release(TrickValues& values) {
    ReleaseTrick trick;
    if (!values.text().positional.empty()) trick.name = values.text().positional[0].text();
    trick.reversed = values.word("order", {"first", "last"}) == "last";
    return trick;
}

PathTrick read_replay(TrickValues& values) {
    ReplayTrick trick{.selector = read_selector(values), .latest = values.find("nth") == nullptr};
    if (trick.latest) trick.selector.count.reset();
    return trick;
}

PathTrick read_icmp(TrickValues& values) {
    IcmpTrick trick{.way = way_of(values), .error = values.text().positional.at(1).text()};
    const CaseText& name = values.text().positional[1];
    const std::optional<IcmpError> error = find_icmp_error(trick.error, Family::ipv4);
    if (!error) {
        values.refuse_unknown(name, "ICMP error", icmp_error_names());
        return trick;
    }
    trick.about = values.socket("about");
    if (const auto mtu = values.number("mtu", 0, kMostMtu)) trick.mtu = static_cast<int>(*mtu);
    if (error->has_mtu != trick.mtu.has_value())
        values.refuse(name, fmt::format("'{}' {} an 'mtu'", trick.error, error->has_mtu ? "needs" : "has not"));
    trick.sequence = values.numbers("seq");
    return trick;
}

PathTrick read_mtu(TrickValues& values) {
    constexpr int64_t kLeastIpv4 = 68;
    MtuTrick trick{.host = values.text().positional.at(0).text()};
    if (const auto mtu = values.number_of(values.text().positional.at(1), kLeastIpv4, kMostMtu))
        trick.mtu = static_cast<int>(*mtu);
    trick.path_only = values.word("end", {"both", "path"}) == "path";
    return trick;
}

PathTrick read_move(TrickValues& values) {
    MoveTrick trick{.host = values.text().positional.at(0).text()};
    if (const CaseText* address = values.find("address")) {
        trick.address = IpAddress::parse(address->text());
        if (!trick.address) values.refuse(*address, fmt::format("'{}' is not an IP address", address->text()));
    }
    if (const auto port = values.number("port", 1, kHighestPort)) trick.port = static_cast<uint16_t>(*port);
    if (values.find("address") == nullptr && values.find("port") == nullptr)
        values.refuse(values.text().name, "move needs 'address', 'port' or both", "write move(client, port=5555)");
    return trick;
}

// Values as tc spells them; netem's own reader says what is wrong with one.
PathTrick read_netem(TrickValues& values) {
    NetemTrick trick{.way = way_of(values), .on = is_second(values, "off", "on", true)};
    for (const TrickText::Parameter& each : values.text().parameters) {
        trick.parameters[each.name.text()] = each.value.text();
        try {
            NetemSettings alone;
            read_netem_parameter(each.name.text(), each.value.text(), alone);
        } catch (const Error& error) {
            values.refuse(each.value, error.what());
        }
    }
    if (values.has_switch("ecn")) trick.parameters["ecn"] = "";
    if (trick.on == trick.parameters.empty())
        values.refuse(values.text().name,
                      trick.on ? "netem needs something to do" : "netem that is taken off has no parameters",
                      "write netem(both, delay=100ms, loss=20%) or netem(both, off)");
    if (!values.good()) return trick;
    try {
        parse_netem({trick.parameters.begin(), trick.parameters.end()});
    } catch (const Error& error) {
        values.refuse(values.text().name, error.what());
    }
    return trick;
}

PathTrick read_queue(TrickValues& values) {
    const std::string function(values.text().function->name);
    QueueTrick trick{.place = values.text().positional.at(0).text(), .discipline = function};
    const bool named = values.text().positional.size() > 1;
    if (function == "queue") {
        trick.discipline = values.text().positional.at(1).text();
        static const std::vector<std::string> kKnown{"fq", "fq_codel", "pfifo", "tbf", "off"};
        if (std::find(kKnown.begin(), kKnown.end(), trick.discipline) == kKnown.end())
            values.refuse_unknown(values.text().positional[1], "queue", kKnown);
    } else if (function == "rate") {
        trick.discipline = "tbf";
        if (named) trick.parameters["rate"] = values.text().positional[1].text();
    }
    for (const TrickText::Parameter& each : values.text().parameters)
        trick.parameters[each.name.text()] = each.value.text();
    if (!values.good() || (trick.discipline == "off" && trick.parameters.empty())) return trick;
    try {
        parse_queue(trick.discipline, trick.parameters);
    } catch (const Error& error) {
        values.refuse(values.text().name, error.what());
    }
    return trick;
}

using Reader = PathTrick (*)(TrickValues&);

Reader reader_of(std::string_view function) {
    static const std::map<std::string_view, Reader> kReaders{
        {"release", read_release}, {"replay", read_replay}, {"icmp", read_icmp},     {"mtu", read_mtu},
        {"move", read_move},       {"netem", read_netem},   {"inject", read_inject}, {"queue", read_queue},
        {"tbf", read_queue},       {"rate", read_queue}};
    const auto found = kReaders.find(function);
    return found == kReaders.end() ? read_fault : found->second;
}

}  // namespace

std::optional<PathTrick> read_trick(const TrickText& text, Scope& scope) {
    TrickValues values(text, scope);
    PathTrick trick;
    if (text.function->name == "blackhole") {
        trick = BlackholeTrick{.way = way_of(values), .on = is_second(values, "off", "on", true)};
    } else if (text.function->name == "link") {
        trick = LinkTrick{.host = text.positional.at(0).text(), .up = is_second(values, "down", "up", false)};
    } else {
        trick = reader_of(text.function->name)(values);
    }
    return values.good() ? std::optional(std::move(trick)) : std::nullopt;
}

}  // namespace tcpwitness
