// The shared library of qemu_turns.cc and qemu_revert.cc, which this program carries in itself.
#pragma once

#include <string_view>

namespace tcpwitness::guest {

std::string_view qemu_preload_image();

}  // namespace tcpwitness::guest
