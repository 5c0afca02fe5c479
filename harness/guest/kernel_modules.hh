// The loadable modules of one kernel: where they lie, what each depends on, and in which order to load them.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tcpwitness::guest {

// A module's name as the kernel writes it: file name without .ko and compression, '-' as '_'.
std::string module_name(std::string_view path);

// What the module with this (uncompressed) content depends on: "depends=" of its .modinfo.
std::vector<std::string> module_dependencies(std::string_view content);

// The uncompressed content of a module file. Throws Error, SystemError.
std::string read_module(const std::string& path);

struct KernelModule {
    std::string path;                    // absolute
    std::vector<std::string> depends;    // names
};

class ModuleIndex {
  public:
    // Reads `directory`/modules.dep where depmod made one; else looks for *.ko below `directory` (an unpacked package, a
    // build tree), and reads the dependencies from the modules themselves when they are asked for.
    explicit ModuleIndex(const std::string& directory);

    // The modules for `wanted` with all they depend on, dependencies first. Names that this kernel has no module for are
    // appended to `absent`: they may be built in. Throws Error when a dependency is missing.
    std::vector<KernelModule> resolve(const std::vector<std::string>& wanted, std::vector<std::string>& absent);

    // All modules in modules.dep's format, paths relative to the directory. Reads every module.
    std::string dependency_file();

  private:
    KernelModule& complete(const std::string& name);
    void visit(const std::string& name, std::vector<std::string>& state, std::vector<KernelModule>& order);

    std::string directory_;
    std::map<std::string, KernelModule> modules_;
    std::map<std::string, bool> dependencies_known_;
};

}  // namespace tcpwitness::guest
