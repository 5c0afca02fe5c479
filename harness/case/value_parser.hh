// The small things that steps and expectations are made of: durations, endpoints, flags, directions, keys.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "case/case.hh"
#include "case/case_text.hh"
#include "case/scope.hh"

namespace tcpwitness {

// "5s" or "2MSL": a length of time. Every mistake goes to `diagnostics`; so below too.
std::optional<CaseDuration> parse_length(const CaseText& text, Diagnostics& diagnostics);

// "150ms..2s", "2s..", "..2s", "2s +-10%", "2MSL": what a measured time may be.
std::optional<CaseDuration> parse_measure(const CaseText& text, Diagnostics& diagnostics);

// "10%", "+-10%": 0.1.
std::optional<double> parse_percent(std::string_view text);

// "server:7000"; `*` for the port only where `any_port`.
std::optional<Endpoint> parse_endpoint(const CaseText& text, bool any_port, Scope& scope);

// "SYN ACK"
std::optional<uint8_t> parse_flags(const CaseText& text, Diagnostics& diagnostics);

// "client > server" as sender and receiver.
std::optional<std::pair<std::string, std::string>> parse_direction(const CaseText& text, Diagnostics& diagnostics);

// "1", ">= 1" as a comparison.
std::optional<Comparison> parse_comparison(const CaseText& text, Diagnostics& diagnostics);

// "0" to "255" or "SIGINT": how a program ended.
std::optional<ExitOutcome> parse_exit_outcome(const CaseText& text, Diagnostics& diagnostics);

// "net.ipv4.tcp_rfc1337": only such keys belong to a network namespace.
bool is_sysctl_key(std::string_view text);

// The number of a signal's name.
std::optional<int> parse_signal(const CaseText& text, Diagnostics& diagnostics);

// "TcpExt.ListenDrops", as nstat names it with a dot between the two parts.
bool is_counter_name(std::string_view text);

}  // namespace tcpwitness
