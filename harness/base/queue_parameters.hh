// The parameters of a queue other than netem as plain values, and the reading of tc's spellings.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hh"

namespace tcpwitness {

// What was not said is absent.
struct QueueParameters {
    std::optional<uint64_t> rate_bits_per_second;
    std::optional<uint32_t> burst_bytes;
    std::optional<Duration> latency;     // tbf: the longest that a packet may wait
    std::optional<uint32_t> limit;       // packets; bytes of tbf
    std::optional<uint32_t> flow_limit;  // packets
    std::optional<bool> pacing;
    std::optional<Duration> target;
    std::optional<Duration> interval;
    std::optional<bool> ecn;
};

// `discipline` is tbf, fq, fq_codel or pfifo. Throws Error naming the parameter, its value and what would be right.
QueueParameters parse_queue(std::string_view discipline, const std::map<std::string, std::string>& parameters);

// tc's sizes: "10kb", "1600b", "1mb", a bare number is bytes, "10k" and "10kb" are 10240 bytes.
std::optional<uint32_t> parse_size(std::string_view text);

}  // namespace tcpwitness
