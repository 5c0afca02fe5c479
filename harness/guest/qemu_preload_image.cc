#include "guest/qemu_preload_image.hh"

// The bytes of the library, as they were built.
asm(R"(
    .section .rodata
    .balign 16
    .global tcpwitness_qemu_preload_begin, tcpwitness_qemu_preload_end
tcpwitness_qemu_preload_begin:
    .incbin ")" QEMU_PRELOAD_LIBRARY R"("
tcpwitness_qemu_preload_end:
    .byte 0
    .previous
)");

extern "C" const char tcpwitness_qemu_preload_begin[];
extern "C" const char tcpwitness_qemu_preload_end[];

namespace tcpwitness::guest {

std::string_view qemu_preload_image() {
    return {tcpwitness_qemu_preload_begin, static_cast<size_t>(tcpwitness_qemu_preload_end - tcpwitness_qemu_preload_begin)};
}

}  // namespace tcpwitness::guest
