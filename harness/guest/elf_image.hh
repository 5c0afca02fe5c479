// What an ELF file says about itself: its interpreter, the libraries it needs, where it looks for them, its sections.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tcpwitness::guest {

struct ElfImage {
    std::string interpreter;               // PT_INTERP; empty for libraries and static programs
    std::vector<std::string> needed;       // DT_NEEDED, in order
    std::vector<std::string> search_path;  // DT_RUNPATH, else DT_RPATH, split at ':'; $ORIGIN not yet replaced
};

bool is_elf(std::string_view bytes);

// Reads a 64-bit little-endian ELF file. Throws Error naming `object` when it is none, or damaged.
ElfImage read_elf(std::string_view bytes, const std::string& object);

// The content of a section (".modinfo"), or nothing when there is no such section.
std::optional<std::string_view> elf_section(std::string_view bytes, std::string_view name);

// The file cut after its last loadable segment, without section headers: all that execve and the dynamic loader use.
// Leaves out symbols and debugging information. Bytes that are no ELF file are returned unchanged.
std::string without_sections(std::string bytes);

}  // namespace tcpwitness::guest
