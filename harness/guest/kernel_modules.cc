#include "guest/kernel_modules.hh"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/error.hh"
#include "base/file_descriptor.hh"
#include "guest/archive.hh"
#include "guest/elf_image.hh"

namespace tcpwitness::guest {
namespace {

namespace fs = std::filesystem;

bool is_module_file(const fs::path& path) {
    const std::string name = path.filename().string();
    return name.ends_with(".ko") || name.ends_with(".ko.xz") || name.ends_with(".ko.zst") || name.ends_with(".ko.gz");
}

std::vector<std::string> split_words(std::string text, char separator) {
    std::vector<std::string> words;
    std::istringstream stream(std::move(text));
    for (std::string word; std::getline(stream, word, separator);)
        if (!word.empty()) words.push_back(word);
    return words;
}

}  // namespace

std::string module_name(std::string_view path) {
    path.remove_prefix(path.rfind('/') + 1);  // npos + 1 is 0
    std::string name(path.substr(0, path.find(".ko")));
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

std::vector<std::string> module_dependencies(std::string_view content) {
    constexpr std::string_view kKey = "depends=";
    std::string_view info = elf_section(content, ".modinfo").value_or("");
    while (!info.empty()) {
        const std::string_view field = info.substr(0, info.find('\0'));
        if (field.starts_with(kKey)) {
            std::vector<std::string> names = split_words(std::string(field.substr(kKey.size())), ',');
            for (std::string& name : names) name = module_name(name);
            return names;
        }
        info.remove_prefix(std::min(field.size() + 1, info.size()));
    }
    return {};
}

std::string read_module(const std::string& path) {
    std::string content = read_file(path);
    return path.ends_with(".ko") ? content : decompress(content, path);
}

ModuleIndex::ModuleIndex(const std::string& directory) : directory_(directory) {
    std::ifstream list(directory + "/modules.dep");
    for (std::string line; std::getline(list, line);) {
        const size_t colon = line.find(':');
        if (colon == std::string::npos) continue;
        const fs::path path = fs::path(directory) / line.substr(0, colon);
        KernelModule& module = modules_[module_name(path.string())];
        module.path = path.string();
        for (const std::string& dependency : split_words(line.substr(colon + 1), ' '))
            module.depends.push_back(module_name(dependency));
        dependencies_known_[module_name(path.string())] = true;
    }
    if (!modules_.empty()) return;
    std::error_code failure;
    const auto options = fs::directory_options::skip_permission_denied;
    for (fs::recursive_directory_iterator at(directory, options, failure), end; at != end; at.increment(failure)) {
        if (failure) throw Error(fmt::format("reading the modules in {}: {}", directory, failure.message()));
        if (is_module_file(at->path())) modules_[module_name(at->path().string())].path = at->path().string();
    }
    if (failure) throw Error(fmt::format("reading the modules in {}: {}", directory, failure.message()));
}

KernelModule& ModuleIndex::complete(const std::string& name) {
    KernelModule& module = modules_.at(name);
    if (!std::exchange(dependencies_known_[name], true)) module.depends = module_dependencies(read_module(module.path));
    return module;
}

void ModuleIndex::visit(const std::string& name, std::vector<std::string>& seen, std::vector<KernelModule>& order) {
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) return;
    seen.push_back(name);
    const KernelModule module = complete(name);
    for (const std::string& dependency : module.depends) {
        if (!modules_.contains(dependency))
            throw Error(fmt::format("module {} needs {}, which is not below {}", name, dependency, directory_));
        visit(dependency, seen, order);
    }
    order.push_back(module);
}

std::vector<KernelModule> ModuleIndex::resolve(const std::vector<std::string>& wanted,
                                               std::vector<std::string>& absent) {
    std::vector<std::string> seen;
    std::vector<KernelModule> order;
    for (const std::string& name : wanted) {
        if (modules_.contains(name))
            visit(name, seen, order);
        else
            absent.push_back(name);
    }
    return order;
}

std::string ModuleIndex::dependency_file() {
    std::string text;
    const auto relative = [&](const std::string& name) {
        return fs::path(modules_.at(name).path).lexically_relative(directory_).string();
    };
    for (auto& [name, module] : modules_) {
        std::vector<std::string> seen;
        std::vector<KernelModule> order;
        visit(name, seen, order);
        text += relative(name) + ":";
        for (size_t i = order.size() - 1; i-- > 0;) text += " " + relative(module_name(order[i].path));
        text += "\n";
    }
    return text;
}

}  // namespace tcpwitness::guest
