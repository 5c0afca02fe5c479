#include "guest/file_set.hh"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/file_descriptor.hh"
#include "guest/archive.hh"
#include "guest/digest.hh"
#include "guest/elf_image.hh"
#include "guest/library_search.hh"
#include "guest/mapped_file.hh"

namespace tcpwitness::guest {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLoaderCache = "/etc/ld.so.cache";

std::string inside(const fs::path& path) { return path.lexically_normal().relative_path().string(); }

struct stat status_of(const fs::path& path) {
    struct stat status {};
    check_system(lstat(path.c_str(), &status), "lstat", path.string());
    return status;
}

// "PROG: " in front of what went wrong with one of its files.
[[noreturn]] void cannot_pack(const std::string& program, const std::string& why) {
    throw Error(fmt::format("cannot pack {} for the guest: {}", program, why));
}

std::string content_of(const GuestFile& file) {
    if (file.source.empty()) return file.content;
    std::string bytes = read_file(file.source);
    if (file.form == GuestFile::Form::loadable_part) return without_sections(std::move(bytes));
    return file.form == GuestFile::Form::uncompressed ? decompress(bytes, file.source) : bytes;
}

}  // namespace

void FileSet::add_directory(const std::string& path, unsigned mode) {
    const std::string name = inside(fs::path("/") / path);
    if (name.empty() || name == ".") return;
    add_directory(fs::path(name).parent_path().string());
    files_.try_emplace(name, GuestFile{.mode = S_IFDIR | mode});
}

void FileSet::add_content(const std::string& path, unsigned mode, std::string content) {
    const std::string name = inside(fs::path("/") / path);
    add_directory(fs::path(name).parent_path().string());
    files_[name] = GuestFile{.content = std::move(content), .mode = S_IFREG | mode};
}

void FileSet::add_link(const std::string& path, const std::string& target) {
    add_directory(fs::path(path).parent_path().string());
    files_[inside(fs::path("/") / path)] = GuestFile{.content = target, .mode = S_IFLNK | 0777};
}

void FileSet::add_device(const std::string& path, unsigned major, unsigned minor) {
    add_directory(fs::path(path).parent_path().string());
    files_[inside(fs::path("/") / path)] = GuestFile{.mode = S_IFCHR | 0600, .device_major = major, .device_minor = minor};
}

void FileSet::add_module(const std::string& source, const std::string& target) {
    add_directory(fs::path(target).parent_path().string());
    const auto form = source.ends_with(".ko") ? GuestFile::Form::as_is : GuestFile::Form::uncompressed;
    files_[inside(target)] = GuestFile{.source = source, .mode = S_IFREG | 0644, .form = form};
}

// Adds the symbolic links met on the way along `path`, and returns the path without them.
fs::path FileSet::add_links(const fs::path& path) {
    fs::path real = "/";
    int links = 0;
    std::vector<fs::path> rest;
    for (const fs::path& part : fs::absolute(path).lexically_normal().relative_path()) rest.push_back(part);
    while (!rest.empty()) {
        const fs::path part = rest.front();
        rest.erase(rest.begin());
        if (part == "." || part.empty()) continue;
        const fs::path next = part == ".." ? real.parent_path() : real / part;
        if (!S_ISLNK(status_of(next).st_mode)) {
            real = next;
            continue;
        }
        if (++links > 40) throw SystemError("readlink", path.string(), ELOOP);
        const fs::path target = fs::read_symlink(next);
        add_directory(inside(real));
        files_[inside(next)] = GuestFile{.content = target.string(), .mode = S_IFLNK | 0777};
        if (target.is_absolute()) real = "/";
        const fs::path relative = target.relative_path();
        rest.insert(rest.begin(), relative.begin(), relative.end());
    }
    return real;
}

void FileSet::add_file(const fs::path& path) {
    const fs::path real = add_links(path);
    const struct stat status = status_of(real);
    if (S_ISDIR(status.st_mode)) return add_directory(inside(real), status.st_mode & 07777);
    if (!S_ISREG(status.st_mode)) throw Error(path.string() + ": neither a file nor a directory");
    if (access(real.c_str(), R_OK) != 0) throw_system_error("open", real.string());
    add_directory(inside(real.parent_path()));
    files_[inside(real)] = GuestFile{.source = real.string(), .mode = S_IFREG | (status.st_mode & 07777)};
}

void FileSet::add_path(const fs::path& path, const std::function<bool(const fs::path&)>& wanted) {
    const fs::path whole = fs::absolute(path).lexically_normal();
    add_file(whole);
    if (!fs::is_directory(whole)) return;
    for (auto at = fs::recursive_directory_iterator(whole); at != fs::recursive_directory_iterator(); ++at) {
        const fs::directory_entry& entry = *at;
        if (wanted && !wanted(entry.path())) {
            at.disable_recursion_pending();
            continue;
        }
        if (entry.is_symlink() && !fs::exists(entry.path())) continue;  // a dangling link helps no one
        if (entry.is_regular_file() || entry.is_directory()) add_file(entry.path());
    }
}

std::string FileSet::add_program(const std::string& program, std::string_view search_path) {
    const std::string path = find_program(program, search_path);
    if (path.empty()) cannot_pack(program, "there is no such program");
    try {
        const fs::path absolute = fs::absolute(path).lexically_normal();
        add_file(absolute);
        const std::string real = fs::canonical(absolute).string();
        const MappedFile file(real);
        if (file.bytes().starts_with("#!"))
            add_script_interpreter(absolute.string(), file.bytes());
        else
            add_libraries(real, file.bytes());
        return absolute.string();
    } catch (const Error& error) {
        cannot_pack(program, error.what());
    }
}

void FileSet::add_program_as(const std::string& source, const std::string& target, GuestFile::Form form) {
    try {
        const std::string real = fs::canonical(source).string();
        add_libraries(real, MappedFile(real).bytes());
        add_directory(fs::path(target).parent_path().string());
        files_[inside(target)] = GuestFile{.source = real, .mode = S_IFREG | 0755, .form = form};
    } catch (const Error& error) {
        cannot_pack(source, error.what());
    }
}

void FileSet::add_script_interpreter(const std::string& script, std::string_view bytes) {
    std::string line(bytes.substr(2, bytes.find('\n') - 2));
    std::vector<std::string> words;
    for (size_t at = line.find_first_not_of(" \t"); at != std::string::npos;) {
        const size_t end = std::min(line.find_first_of(" \t", at), line.size());
        words.push_back(line.substr(at, end - at));
        at = line.find_first_not_of(" \t", end);
    }
    if (words.empty()) throw Error(script + ": its first line names no interpreter");
    add_program(words[0], "");
    // "#!/usr/bin/env python3" needs what env will look for as well.
    const bool env = fs::path(words[0]).filename() == "env";
    for (size_t i = 1; env && i < words.size(); ++i)
        if (!words[i].starts_with('-')) return void(add_program(words[i], kDefaultSearchPath));
}

void FileSet::add_libraries(const std::string& object_path, std::string_view bytes) {
    if (!resolved_.insert(object_path).second) return;
    const ElfImage image = read_elf(bytes, object_path);
    if (!image.interpreter.empty()) add_file(image.interpreter);
    for (const std::string& name : image.needed) {
        const std::string library = find_library(name, image.search_path, object_path);
        if (library.empty()) throw Error(fmt::format("{} needs {}, which is not on this machine", object_path, name));
        add_file(library);
        // Without its cache the loader looks in its built-in folders only.
        if (!is_built_in_directory(fs::path(library).parent_path().string()) && fs::exists(kLoaderCache))
            add_file(kLoaderCache);
        const std::string real = fs::canonical(library).string();
        add_libraries(real, MappedFile(real).bytes());
    }
}

std::string FileSet::to_cpio() const {
    CpioWriter writer;
    for (const auto& [path, file] : files_) {
        writer.add({path, file.mode, content_of(file), file.device_major, file.device_minor});
    }
    return writer.finish();
}

std::string FileSet::digest() const {
    Digest digest;
    for (const auto& [path, file] : files_) {
        digest.add(path);
        digest.add_number(file.mode * 4 + static_cast<unsigned>(file.form));
        if (file.source.empty())
            digest.add(file.content);
        else
            digest.add_file(file.source);
    }
    return digest.hex();
}

}  // namespace tcpwitness::guest
