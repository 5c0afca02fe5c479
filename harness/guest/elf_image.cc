#include "guest/elf_image.hh"

#include <elf.h>

#include <algorithm>
#include <cstring>

#include "base/error.hh"

namespace tcpwitness::guest {
namespace {

// Reads a structure or a string at an offset, and throws when it lies outside the file.
class Cursor {
  public:
    Cursor(std::string_view bytes, const std::string& object) : bytes_(bytes), object_(object) {}

    template <typename Structure>
    Structure at(uint64_t offset) const {
        if (offset > bytes_.size() || bytes_.size() - offset < sizeof(Structure)) damaged();
        Structure structure;
        std::memcpy(&structure, bytes_.data() + offset, sizeof structure);
        return structure;
    }
    std::string text(uint64_t offset) const {
        if (offset >= bytes_.size()) damaged();
        const size_t end = bytes_.find('\0', offset);
        if (end == std::string_view::npos) damaged();
        return std::string(bytes_.substr(offset, end - offset));
    }

  private:
    [[noreturn]] void damaged() const { throw Error(object_ + ": damaged ELF file: an offset lies outside of it"); }

    std::string_view bytes_;
    const std::string& object_;
};

std::vector<Elf64_Phdr> segments_of(const Cursor& file, const Elf64_Ehdr& header) {
    std::vector<Elf64_Phdr> segments;
    for (unsigned i = 0; i < header.e_phnum; ++i)
        segments.push_back(file.at<Elf64_Phdr>(header.e_phoff + uint64_t{i} * header.e_phentsize));
    return segments;
}

uint64_t file_offset(const std::vector<Elf64_Phdr>& segments, uint64_t address, const std::string& object) {
    for (const Elf64_Phdr& segment : segments) {
        if (segment.p_type == PT_LOAD && address >= segment.p_vaddr && address < segment.p_vaddr + segment.p_filesz)
            return address - segment.p_vaddr + segment.p_offset;
    }
    throw Error(object + ": damaged ELF file: an address lies in no segment");
}

std::vector<std::string> split_path(const std::string& text) {
    std::vector<std::string> parts;
    for (size_t from = 0; from <= text.size();) {
        const size_t end = std::min(text.find(':', from), text.size());
        if (end > from) parts.push_back(text.substr(from, end - from));
        from = end + 1;
    }
    return parts;
}

std::vector<Elf64_Dyn> dynamic_entries(const Cursor& file, const Elf64_Phdr& segment) {
    std::vector<Elf64_Dyn> entries;
    for (uint64_t at = 0; at + sizeof(Elf64_Dyn) <= segment.p_filesz; at += sizeof(Elf64_Dyn)) {
        const auto entry = file.at<Elf64_Dyn>(segment.p_offset + at);
        if (entry.d_tag == DT_NULL) break;
        entries.push_back(entry);
    }
    return entries;
}

void read_dynamic(const Cursor& file, const std::vector<Elf64_Phdr>& segments, const Elf64_Phdr& dynamic,
                  const std::string& object, ElfImage& image) {
    const std::vector<Elf64_Dyn> entries = dynamic_entries(file, dynamic);
    const auto table =
        std::find_if(entries.begin(), entries.end(), [](const Elf64_Dyn& entry) { return entry.d_tag == DT_STRTAB; });
    if (table == entries.end()) return;
    const uint64_t strings = file_offset(segments, table->d_un.d_ptr, object);
    for (const Elf64_Dyn& entry : entries) {
        if (entry.d_tag == DT_NEEDED) image.needed.push_back(file.text(strings + entry.d_un.d_val));
        const bool runpath = entry.d_tag == DT_RUNPATH;
        if (runpath || (entry.d_tag == DT_RPATH && image.search_path.empty()))
            image.search_path = split_path(file.text(strings + entry.d_un.d_val));
    }
}

}  // namespace

bool is_elf(std::string_view bytes) { return bytes.size() >= sizeof(Elf64_Ehdr) && bytes.starts_with(ELFMAG); }

ElfImage read_elf(std::string_view bytes, const std::string& object) {
    if (!is_elf(bytes)) throw Error(object + ": not an ELF file");
    if (bytes[EI_CLASS] != ELFCLASS64 || bytes[EI_DATA] != ELFDATA2LSB)
        throw Error(object + ": not a 64-bit little-endian ELF file, which is what guests run");
    const Cursor file(bytes, object);
    const std::vector<Elf64_Phdr> segments = segments_of(file, file.at<Elf64_Ehdr>(0));
    ElfImage image;
    for (const Elf64_Phdr& segment : segments) {
        if (segment.p_type == PT_INTERP) image.interpreter = file.text(segment.p_offset);
        if (segment.p_type == PT_DYNAMIC) read_dynamic(file, segments, segment, object, image);
    }
    return image;
}

std::optional<std::string_view> elf_section(std::string_view bytes, std::string_view name) {
    if (!is_elf(bytes)) return std::nullopt;
    const std::string object(name);
    const Cursor file(bytes, object);
    const auto header = file.at<Elf64_Ehdr>(0);
    if (header.e_shnum == 0) return std::nullopt;
    const auto section = [&](unsigned index) {
        return file.at<Elf64_Shdr>(header.e_shoff + uint64_t{index} * header.e_shentsize);
    };
    const Elf64_Shdr names = section(header.e_shstrndx);
    for (unsigned i = 0; i < header.e_shnum; ++i) {
        const Elf64_Shdr candidate = section(i);
        if (file.text(names.sh_offset + candidate.sh_name) != name || candidate.sh_offset > bytes.size()) continue;
        return bytes.substr(candidate.sh_offset, candidate.sh_size);
    }
    return std::nullopt;
}

std::string without_sections(std::string bytes) {
    if (!is_elf(bytes)) return bytes;
    const std::string object = "program";
    const Cursor file(bytes, object);
    auto header = file.at<Elf64_Ehdr>(0);
    uint64_t end = header.e_phoff + uint64_t{header.e_phnum} * header.e_phentsize;
    for (const Elf64_Phdr& segment : segments_of(file, header)) end = std::max(end, segment.p_offset + segment.p_filesz);
    header.e_shoff = 0;
    header.e_shnum = 0;
    header.e_shstrndx = SHN_UNDEF;
    std::memcpy(bytes.data(), &header, sizeof header);
    bytes.resize(std::min<uint64_t>(end, bytes.size()));
    return bytes;
}

}  // namespace tcpwitness::guest
