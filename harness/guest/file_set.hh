// The files that go into a guest: where each comes from and where it lies there. A program brings its interpreter and
// its shared libraries with it; symbolic links on the way to a file are kept as they are on this machine.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tcpwitness::guest {

struct GuestFile {
    std::string source;       // a file on this machine, or empty: `content` is the file
    std::string content;      // content of a made file; target of a link
    unsigned mode = 0;        // file type and permissions
    enum class Form { as_is, loadable_part, uncompressed } form = Form::as_is;  // how the source is packed
    unsigned device_major = 0, device_minor = 0;
};

class FileSet {
  public:
    // A file or directory (with all below it that is `wanted`, or everything) of this machine, under the same path.
    // Throws Error naming it.
    void add_path(const std::filesystem::path& path, const std::function<bool(const std::filesystem::path&)>& wanted = {});
    // A program: a path, or a name to look for in `search_path` (':'-separated). Brings its libraries, or for a script
    // its interpreter. Returns the path it has in the guest. Throws Error when the program or one of its libraries
    // cannot be found or packed.
    std::string add_program(const std::string& program, std::string_view search_path);
    // The program `source` under another name, with its libraries.
    void add_program_as(const std::string& source, const std::string& target, GuestFile::Form form = GuestFile::Form::as_is);
    void add_content(const std::string& path, unsigned mode, std::string content);
    void add_link(const std::string& path, const std::string& target);
    void add_device(const std::string& path, unsigned major, unsigned minor);  // a character device
    void add_module(const std::string& source, const std::string& target);     // uncompressed in the guest
    void add_directory(const std::string& path, unsigned mode = 0755);

    // By path in the guest, without the leading slash; a directory comes before what is in it.
    const std::map<std::string, GuestFile>& files() const { return files_; }

    // The whole as a newc cpio.
    std::string to_cpio() const;
    // A digest of paths, modes and contents.
    std::string digest() const;

  private:
    void add_file(const std::filesystem::path& path);
    void add_libraries(const std::string& object_path, std::string_view bytes);
    void add_script_interpreter(const std::string& script, std::string_view bytes);
    std::filesystem::path add_links(const std::filesystem::path& path);

    std::map<std::string, GuestFile> files_;
    std::set<std::string> resolved_;  // ELF files whose libraries are in
};

}  // namespace tcpwitness::guest
