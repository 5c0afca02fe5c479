#include "guest/boot_image.hh"

#include <cstdint>
#include <cstring>

#include "base/error.hh"
#include "guest/archive.hh"
#include "guest/elf_image.hh"
#include "guest/mapped_file.hh"

namespace tcpwitness::guest {
namespace {

// Offsets in the setup header, Documentation/arch/x86/boot.rst.
constexpr size_t kSetupSectors = 0x1f1;
constexpr size_t kMagic = 0x202;  // "HdrS"
constexpr size_t kKernelVersion = 0x20e;
constexpr size_t kPayloadOffset = 0x248;
constexpr size_t kPayloadLength = 0x24c;
constexpr size_t kSectorBytes = 512;

template <typename Number>
Number number_at(std::string_view bytes, size_t offset) {
    Number number{};
    if (offset + sizeof number <= bytes.size()) std::memcpy(&number, bytes.data() + offset, sizeof number);
    return number;
}

bool is_bzimage(std::string_view bytes) { return bytes.size() > 0x260 && bytes.substr(kMagic, 4) == "HdrS"; }

std::string first_word(std::string_view text) { return std::string(text.substr(0, text.find_first_of(std::string_view(" \n\0", 3)))); }

}  // namespace

std::string kernel_release_of(const std::string& path) {
    const MappedFile file(path);
    const std::string_view bytes = file.bytes();
    if (is_bzimage(bytes)) {
        const size_t at = number_at<uint16_t>(bytes, kKernelVersion) + kSectorBytes;
        if (at > kSectorBytes && at < bytes.size()) return first_word(bytes.substr(at, 200));
    }
    constexpr std::string_view kBanner = "Linux version ";
    const size_t banner = is_elf(bytes) ? bytes.find(kBanner) : std::string_view::npos;
    if (banner != std::string_view::npos) return first_word(bytes.substr(banner + kBanner.size(), 200));
    throw Error(path + ": not a kernel image (neither a bzImage nor a vmlinux)");
}

std::string extract_vmlinux(std::string_view image, const std::string& object) {
    if (!is_bzimage(image)) throw Error(object + ": not a bzImage");
    const unsigned sectors = static_cast<unsigned char>(image[kSetupSectors]);
    const size_t setup_bytes = ((sectors == 0 ? 4 : sectors) + 1) * kSectorBytes;
    const size_t offset = setup_bytes + number_at<uint32_t>(image, kPayloadOffset);
    const size_t length = number_at<uint32_t>(image, kPayloadLength);
    if (offset >= image.size() || length < 8 || length > image.size() - offset)
        throw Error(object + ": damaged bzImage: its payload lies outside of the file");
    // The last four bytes are the unpacked size, written by the kernel's build.
    std::string vmlinux = decompress(image.substr(offset, length - 4), object);
    if (!is_elf(vmlinux)) throw Error(object + ": its payload is in no compression that can be unpacked here");
    return vmlinux;
}

bool has_pvh_entry(std::string_view vmlinux) {
    constexpr uint32_t kPhys32Entry = 18;  // XEN_ELFNOTE_PHYS32_ENTRY
    const auto notes = elf_section(vmlinux, ".notes");
    if (!notes) return false;
    const auto padded = [](uint32_t bytes) { return (size_t{bytes} + 3) & ~size_t{3}; };
    for (size_t at = 0; at + 12 <= notes->size();) {
        const auto name_bytes = number_at<uint32_t>(*notes, at);
        const auto value_bytes = number_at<uint32_t>(*notes, at + 4);
        if (number_at<uint32_t>(*notes, at + 8) == kPhys32Entry && notes->substr(at + 12, 3) == "Xen") return true;
        at += 12 + padded(name_bytes) + padded(value_bytes);
    }
    return false;
}

std::string bootable_kernel(const std::string& path) {
    const MappedFile file(path);
    if (!is_bzimage(file.bytes())) return std::string(file.bytes());
    try {
        std::string vmlinux = extract_vmlinux(file.bytes(), path);
        if (has_pvh_entry(vmlinux)) return vmlinux;
    } catch (const Error&) {
        // A kernel packed in a way that is unknown here starts as it is, only more slowly.
    }
    return std::string(file.bytes());
}

}  // namespace tcpwitness::guest
