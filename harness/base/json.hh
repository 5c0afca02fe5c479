// What the JSON forms of Plan, Timeline and Verdict share: durations as nanoseconds, optional members, named enums,
// and a list of the members of a struct said once.
#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/error.hh"

namespace nlohmann {

// Durations are whole nanoseconds.
template <>
struct adl_serializer<std::chrono::nanoseconds> {
    static void to_json(json& value, const std::chrono::nanoseconds& duration) { value = duration.count(); }
    static void from_json(const json& value, std::chrono::nanoseconds& duration) {
        duration = std::chrono::nanoseconds(value.get<std::chrono::nanoseconds::rep>());
    }
};

// An absent value is null.
template <typename Value>
struct adl_serializer<std::optional<Value>> {
    static void to_json(json& value, const std::optional<Value>& optional) {
        value = optional ? json(*optional) : json(nullptr);
    }
    static void from_json(const json& value, std::optional<Value>& optional) {
        if (value.is_null()) {
            optional.reset();
        } else {
            optional = value.get<Value>();
        }
    }
};

// A variant is the JSON object of its alternative with a member "kind" that names it (Alternative::kKind).
template <typename... Alternatives>
struct adl_serializer<std::variant<Alternatives...>> {
    static void to_json(json& value, const std::variant<Alternatives...>& variant) {
        std::visit(
            [&value](const auto& alternative) {
                value = alternative;
                value["kind"] = std::string(std::decay_t<decltype(alternative)>::kKind);
            },
            variant);
    }
    static void from_json(const json& value, std::variant<Alternatives...>& variant) {
        const auto kind = value.at("kind").get<std::string>();
        const bool known = ((kind == Alternatives::kKind && (variant = value.get<Alternatives>(), true)) || ...);
        if (!known) throw tcpwitness::Error("unknown kind '" + kind + "' in JSON");
    }
};

}  // namespace nlohmann

namespace tcpwitness {

// Bytes as base64 (RFC 4648 section 4), for raw packets and file contents.
std::string base64_encode(std::string_view bytes);
// Throws Error when `text` is not base64.
std::string base64_decode(std::string_view text);

}  // namespace tcpwitness

// TCPWITNESS_JSON(Type, member...) in the .cc that declares to_json/from_json of Type in its header.
// Every member is written and every member is required when read.
#define TCPWITNESS_JSON(Type, ...)                                                                  \
    void to_json(nlohmann::json& nlohmann_json_j, const Type& nlohmann_json_t) {                    \
        NLOHMANN_JSON_EXPAND(NLOHMANN_JSON_PASTE(NLOHMANN_JSON_TO, __VA_ARGS__))                    \
    }                                                                                               \
    void from_json(const nlohmann::json& nlohmann_json_j, Type& nlohmann_json_t) {                  \
        NLOHMANN_JSON_EXPAND(NLOHMANN_JSON_PASTE(NLOHMANN_JSON_FROM, __VA_ARGS__))                  \
    }
