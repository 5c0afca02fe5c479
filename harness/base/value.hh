// An argument of a system call, as the case spells it and the actor receives it.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/address.hh"
#include "base/time.hh"

namespace tcpwitness {

struct Value {
    enum class Kind : uint8_t {
        integer,   // 8
        symbol,    // SO_REUSEADDR, MSG_PEEK|MSG_DONTWAIT, all, on
        socket,    // l
        address,   // server:7000, resolved
        text,      // "cubic"
        duration,  // 2s
        list,      // {on, 2s}
        field,     // rnext=2, in a list
    };
    Kind kind = Kind::integer;
    int64_t integer = 0;
    std::string text;                      // of a symbol, socket or text; the name of a field
    std::optional<SocketAddress> address;  // of an address
    Duration duration{};                   // of a duration
    std::vector<Value> items;              // of a list; of a field its one value

    bool operator==(const Value&) const = default;
};

// In JSON only the member that the kind uses is written: {"integer": 8}, {"symbol": "SO_REUSEADDR"}, {"list": [...]},
// {"field": {"rnext": {"integer": 2}}}.
void to_json(nlohmann::json& json, const Value& value);
void from_json(const nlohmann::json& json, Value& value);

}  // namespace tcpwitness
