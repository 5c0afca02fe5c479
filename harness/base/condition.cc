#include "base/condition.hh"

#include <fmt/core.h>

#include "base/socket_names.hh"
#include "base/tcp_flags.hh"

namespace tcpwitness {
namespace {

// "= 2" where a Comparison alone would be "2".
std::string spell_relation(const Comparison& comparison) {
    return fmt::format("{} {}", to_string(comparison.relation), comparison.value);
}

std::string spell(const StateCondition& condition) {
    return fmt::format("{} {}", to_string(condition.socket), to_string(condition.state));
}

std::string spell(const TcpInfoCondition& condition) {
    return fmt::format("{} tcp_info.{} {}", to_string(condition.socket), condition.field,
                       spell_relation(condition.comparison));
}

std::string spell(const ExitCondition& condition) {
    if (condition.signal) return fmt::format("{} exit = {}", condition.program, signal_name(*condition.signal));
    if (condition.exit_status) return fmt::format("{} exit = {}", condition.program, *condition.exit_status);
    return condition.program + " exit";
}

std::string spell(const SegmentCondition& condition) {
    const std::string text = fmt::format("{} > {} {}", condition.from, condition.to, spell_tcp_flags(condition.flags));
    if (!condition.payload_length) return text;
    return fmt::format("{} len {}", text, spell_relation(*condition.payload_length));
}

std::string spell(const CounterCondition& condition) {
    return fmt::format("{} {} {}", condition.host, condition.counter, spell_relation(condition.comparison));
}

std::string spell(const FaultCondition& condition) {
    return "path " + condition.fault;
}

}  // namespace

std::string to_string(const SocketReference& reference) {
    if (!reference.name.empty()) return fmt::format("{} {}", reference.program, reference.name);
    if (reference.port == kAnyPort) return reference.host + " :*";
    if (reference.port) return fmt::format("{} :{}", reference.host, *reference.port);
    return reference.host;
}

std::string to_string(const Condition& condition) {
    return std::visit([](const auto& each) { return spell(each); }, condition);
}

}  // namespace tcpwitness
