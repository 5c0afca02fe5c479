// The functions that steps of `path` may call, and the names of what they take.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tcpwitness {

enum class PathArgument : uint8_t {
    direction,     // client > server
    flags,         // FIN ACK, or any
    forged_flags,  // FIN ACK, or none
    host,          // client
    place,         // a direction or a host
    word,          // checked where it is read
};

struct PathFunction {
    std::string_view name;
    std::string_view form;  // how it is written, for hints
    std::vector<PathArgument> positional;
    size_t required = 0;                       // of the positional ones
    bool both = false;                         // "both" is a direction
    std::vector<std::string_view> parameters;  // written name=value
    std::vector<std::string_view> switches;    // written as a word
};

const PathFunction* path_function(std::string_view name);
std::vector<std::string> path_function_names();

}  // namespace tcpwitness
