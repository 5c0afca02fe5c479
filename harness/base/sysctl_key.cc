#include "base/sysctl_key.hh"

namespace tcpwitness {

std::string swap_dots_and_slashes(std::string key) {
    for (char& letter : key) {
        if (letter == '.' || letter == '/') letter = letter == '.' ? '/' : '.';
    }
    return key;
}

}  // namespace tcpwitness
