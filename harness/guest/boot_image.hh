// Kernel images as files: what version one is, and the uncompressed vmlinux inside a bzImage. QEMU starts an
// uncompressed kernel through its PVH entry, which saves the decompression by the guest's own slow processor.
#pragma once

#include <string>
#include <string_view>

namespace tcpwitness::guest {

// The release in a bzImage's header ("6.12.107+deb13-cloud-amd64"), or in a vmlinux's "Linux version …" banner.
// Throws Error when the file is neither.
std::string kernel_release_of(const std::string& path);

// What to hand to QEMU's -kernel: the vmlinux in the bzImage at `path` when it can be unpacked and has a PVH entry,
// else the file's own bytes. Throws Error or SystemError when it cannot be read.
std::string bootable_kernel(const std::string& path);

// The ELF file in a bzImage (Documentation/arch/x86/boot.rst: payload_offset, payload_length). Throws Error.
std::string extract_vmlinux(std::string_view image, const std::string& object);

// Whether an ELF kernel has the note XEN_ELFNOTE_PHYS32_ENTRY, its PVH entry point.
bool has_pvh_entry(std::string_view vmlinux);

}  // namespace tcpwitness::guest
