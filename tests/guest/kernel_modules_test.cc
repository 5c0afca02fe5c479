#include "guest/kernel_modules.hh"

#include <elf.h>
#include <gtest/gtest.h>

#include <cstring>

#include "base/error.hh"
#include "../temporary_folder.hh"

namespace tcpwitness::guest {
namespace {

// An ELF file with nothing but a .modinfo section.
std::string module_with(std::string info) {
    const std::string names = std::string("\0.modinfo\0.shstrtab\0", 20);
    Elf64_Ehdr header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_shoff = sizeof header;
    header.e_shentsize = sizeof(Elf64_Shdr);
    header.e_shnum = 3;
    header.e_shstrndx = 2;
    Elf64_Shdr sections[3] = {};
    sections[1].sh_name = 1;
    sections[1].sh_offset = sizeof header + sizeof sections;
    sections[1].sh_size = info.size();
    sections[2].sh_name = 10;
    sections[2].sh_offset = sections[1].sh_offset + info.size();
    sections[2].sh_size = names.size();
    std::string bytes(reinterpret_cast<const char*>(&header), sizeof header);
    bytes.append(reinterpret_cast<const char*>(sections), sizeof sections);
    return bytes + info + names;
}

std::string depends_on(const std::string& names) {
    return module_with(std::string("license=GPL") + '\0' + "depends=" + names + '\0' + "name=x" + '\0');
}

std::vector<std::string> names_of(const std::vector<KernelModule>& modules) {
    std::vector<std::string> names;
    for (const KernelModule& module : modules) names.push_back(module_name(module.path));
    return names;
}

using Names = std::vector<std::string>;

TEST(KernelModules, NamesAreAsTheKernelWritesThem) {
    EXPECT_EQ(module_name("kernel/drivers/net/veth.ko.xz"), "veth");
    EXPECT_EQ(module_name("nf-defrag-ipv4.ko"), "nf_defrag_ipv4");
}

TEST(KernelModules, DependenciesComeFromModinfo) {
    EXPECT_EQ(module_dependencies(depends_on("nfnetlink,libcrc32c")), (Names{"nfnetlink", "libcrc32c"}));
    EXPECT_EQ(module_dependencies(depends_on("")), Names{});
    EXPECT_EQ(module_dependencies("no ELF"), Names{});
}

TEST(KernelModules, ModulesDepGivesTheOrder) {
    const TemporaryFolder folder;
    folder.file("modules.dep",
                "kernel/a/top.ko.xz: kernel/a/middle.ko.xz kernel/a/low.ko.xz\n"
                "kernel/a/middle.ko.xz: kernel/a/low.ko.xz\nkernel/a/low.ko.xz:\n");
    ModuleIndex index(folder.path().string());
    Names absent;
    EXPECT_EQ(names_of(index.resolve({"top", "built_in", "low"}, absent)), (Names{"low", "middle", "top"}));
    EXPECT_EQ(absent, Names{"built_in"});
}

TEST(KernelModules, WithoutModulesDepTheModulesAreRead) {
    const TemporaryFolder folder;
    folder.file("kernel/net/top.ko", depends_on("low-part"));
    folder.file("kernel/lib/low-part.ko", depends_on(""));
    ModuleIndex index(folder.path().string());
    Names absent;
    EXPECT_EQ(names_of(index.resolve({"top"}, absent)), (Names{"low_part", "top"}));
    EXPECT_EQ(index.dependency_file(), "kernel/lib/low-part.ko:\nkernel/net/top.ko: kernel/lib/low-part.ko\n");
}

TEST(KernelModules, AMissingDependencyIsNamed) {
    const TemporaryFolder folder;
    folder.file("top.ko", depends_on("gone"));
    ModuleIndex index(folder.path().string());
    Names absent;
    try {
        index.resolve({"top"}, absent);
        FAIL();
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("module top needs gone"), std::string::npos) << error.what();
    }
}

}  // namespace
}  // namespace tcpwitness::guest
