#include "guest/qemu_turns_image.hh"

// The bytes of the library, as they were built.
asm(R"(
    .section .rodata
    .balign 16
    .global tcpwitness_qemu_turns_begin, tcpwitness_qemu_turns_end
tcpwitness_qemu_turns_begin:
    .incbin ")" QEMU_TURNS_LIBRARY R"("
tcpwitness_qemu_turns_end:
    .byte 0
    .previous
)");

extern "C" const char tcpwitness_qemu_turns_begin[];
extern "C" const char tcpwitness_qemu_turns_end[];

namespace tcpwitness::guest {

std::string_view qemu_turns_image() {
    return {tcpwitness_qemu_turns_begin, static_cast<size_t>(tcpwitness_qemu_turns_end - tcpwitness_qemu_turns_begin)};
}

}  // namespace tcpwitness::guest
