// The shared library of qemu_turns.cc, which this program carries in itself.
#pragma once

#include <string_view>

namespace tcpwitness::guest {

std::string_view qemu_turns_image();

}  // namespace tcpwitness::guest
