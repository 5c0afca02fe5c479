// How programs and shared libraries are found on this machine: PATH, and the dynamic loader's rules.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tcpwitness::guest {

constexpr std::string_view kDefaultSearchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

// `program` itself when it has a slash and is executable, else the first executable of that name along `search_path`;
// empty when there is none.
std::string find_program(const std::string& program, std::string_view search_path);

// The path of a shared library that `object` needs: a name with a slash as it is, then `object_search_path` (its
// DT_RUNPATH; $ORIGIN is the folder of `object`), then loader_directories(). Empty when there is none.
std::string find_library(const std::string& name, const std::vector<std::string>& object_search_path,
                         const std::string& object);

// Where the dynamic loader looks without being told: the folders of /etc/ld.so.conf and the built-in ones.
const std::vector<std::string>& loader_directories();

// Whether the loader looks there even without its cache (/etc/ld.so.cache).
bool is_built_in_directory(std::string_view directory);

}  // namespace tcpwitness::guest
