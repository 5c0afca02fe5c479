#include "plan/plan_call.hh"

#include <fmt/core.h>

#include <algorithm>

#include "plan/addressing.hh"

namespace tcpwitness {
namespace {

std::string first_socket(const CaseCall& call) {
    const bool named = !call.arguments.empty() && call.arguments[0].value.kind == Value::Kind::socket;
    return named ? call.arguments[0].value.text : "";
}

bool makes_socket(const CaseCall& call) {
    return call.function == "socket" || call.function == "accept";
}

bool is_ipv6_word(const std::string& word) {
    return word == "ipv6" || word == "AF_INET6" || word == "PF_INET6";
}

bool is_ipv4_word(const std::string& word) {
    return word == "ipv4" || word == "AF_INET" || word == "PF_INET";
}

CallMode mode_of(CaseCallMode mode) {
    switch (mode) {
        case CaseCallMode::begin:
            return CallMode::begin;
        case CaseCallMode::finish:
            return CallMode::finish;
        case CaseCallMode::complete:
            break;
    }
    return CallMode::complete;
}

ExpectedResult::Kind kind_of(CaseResult::Kind kind) {
    switch (kind) {
        case CaseResult::Kind::number:
            return ExpectedResult::Kind::number;
        case CaseResult::Kind::error:
            return ExpectedResult::Kind::error;
        case CaseResult::Kind::output:
            return ExpectedResult::Kind::output;
        case CaseResult::Kind::value:
            return ExpectedResult::Kind::value;
        case CaseResult::Kind::any:
            break;
    }
    return ExpectedResult::Kind::any;
}

}  // namespace

void CallPlanner::learn_names() {
    std::vector<const CaseCall*> begun;
    for (const CaseStep& step : story_.steps) {
        const auto* call = std::get_if<CaseCall>(&step.action);
        if (call == nullptr || !settings_.holds(step.when)) continue;
        if (call->mode == CaseCallMode::begin) begun.push_back(call);
        if (call->mode != CaseCallMode::finish) continue;
        const auto match = std::find_if(begun.begin(), begun.end(), [&](const CaseCall* each) {
            return each->program == call->program && each->function == call->function &&
                   first_socket(*each) == first_socket(*call);
        });
        if (match == begun.end()) continue;
        if (!call->makes.empty()) later_names_[*match] = call->makes;
        begun.erase(match);
    }
}

std::string CallPlanner::host_of(const std::string& program) const {
    for (const CaseProgram& each : story_.programs) {
        if (each.name == program) return each.host;
    }
    return program;
}

// A socket that the case gives no name has one all the same: the actor must be able to close it.
std::string CallPlanner::name_made_by(const CaseCall& call, size_t step) const {
    if (!makes_socket(call) || call.mode == CaseCallMode::finish) return {};
    const auto later = later_names_.find(&call);
    if (later != later_names_.end()) return later->second;
    return call.makes.empty() ? fmt::format("unnamed{}", step + 1) : call.makes;
}

// The family of the socket that the call makes or is made on.
Family CallPlanner::family_of(const CaseCall& call) const {
    if (call.function != "socket") {
        const auto found = families_.find({call.program, first_socket(call)});
        return found == families_.end() ? settings_.family() : found->second;
    }
    for (const CaseArgument& argument : call.arguments) {
        if (is_ipv6_word(argument.value.text)) return Family::ipv6;
        if (is_ipv4_word(argument.value.text)) return Family::ipv4;
    }
    return settings_.family();
}

// Family, type and protocol, all three and in this order.
std::vector<Value> CallPlanner::socket_arguments(const CaseCall& call) {
    std::string type = "SOCK_STREAM";
    Value protocol{.kind = Value::Kind::symbol, .text = "IPPROTO_TCP"};
    for (const CaseArgument& argument : call.arguments) {
        const std::string& word = argument.value.text;
        if (argument.value.kind == Value::Kind::integer || word.starts_with("IPPROTO_")) protocol = argument.value;
        if (!word.starts_with("SOCK_")) continue;
        const bool has_type = word.find("SOCK_STREAM") != std::string::npos;
        type = has_type ? word : "SOCK_STREAM|" + word;
    }
    const char* family = family_of(call) == Family::ipv6 ? "AF_INET6" : "AF_INET";
    return {{.kind = Value::Kind::symbol, .text = family}, {.kind = Value::Kind::symbol, .text = type}, protocol};
}

IpAddress CallPlanner::address_of(const Endpoint& endpoint, Family family, const std::string& host) {
    const IpAddress ip = endpoint_address(endpoint, family, story_.direct, host);
    uses_ipv6_ = uses_ipv6_ || ip.family == Family::ipv6;
    return ip;
}

Value CallPlanner::value_of(const CaseArgument& argument, Family family, const std::string& host) {
    Value value = argument.value;
    if (argument.endpoint) {
        value.address =
            SocketAddress{address_of(*argument.endpoint, family, host), argument.endpoint->port.value_or(0)};
    }
    for (const CaseArgument& item : argument.items) value.items.push_back(value_of(item, family, host));
    return value;
}

std::string CallPlanner::output_of(const CaseResult& result, Family family, const std::string& host) {
    if (!result.endpoint) return result.output;
    const SocketAddress address{address_of(*result.endpoint, family, host), result.endpoint->port.value_or(0)};
    const std::string text = to_string(address);
    if (result.endpoint->port) return text;
    return text.substr(0, text.rfind(':') + 1) + "*";
}

// No result written: success. None of those written is for this kernel: the case does not say.
ExpectedResult CallPlanner::expected_of(const CaseCall& call, Family family, const std::string& host) {
    if (call.results.empty()) return {};
    const CaseResult* result = settings_.pick(call.results);
    if (result == nullptr) return {.kind = ExpectedResult::Kind::any};
    return {.kind = kind_of(result->kind),
            .number = result->number,
            .error_number = result->error_number,
            .output = output_of(*result, family, host)};
}

CallStep CallPlanner::plan(const CaseCall& call, size_t step) {
    const Family family = family_of(call);
    const std::string host = host_of(call.program);
    CallStep planned{.program = call.program,
                     .function = call.function,
                     .makes = name_made_by(call, step),
                     .mode = mode_of(call.mode),
                     .text = call.text};
    if (call.function == "socket") {
        planned.arguments = socket_arguments(call);
        uses_ipv6_ = uses_ipv6_ || family == Family::ipv6;
    } else {
        for (const CaseArgument& argument : call.arguments)
            planned.arguments.push_back(value_of(argument, family, host));
    }
    planned.expected = expected_of(call, family, host);
    if (!planned.makes.empty()) families_[{call.program, planned.makes}] = family;
    return planned;
}

}  // namespace tcpwitness
