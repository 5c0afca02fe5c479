// Archives by libarchive: decompressing one stream (.ko.xz, the payload of a bzImage), unpacking a .deb, and packing
// the newc cpio that a kernel takes as its initramfs.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace tcpwitness::guest {

// The content of one compressed stream (gzip, xz, zstd, lz4, bzip2, lzma); bytes that are in no known compression come
// back as they are. `object` names them in errors. Throws Error.
std::string decompress(std::string_view bytes, const std::string& object);

// Unpacks a Debian package's files. `place` is asked for each regular file ("usr/lib/modules/…") and answers where it
// goes, or an empty path to leave it out. Throws Error, naming the package.
void unpack_deb(const std::filesystem::path& package,
                const std::function<std::filesystem::path(const std::string&)>& place);

// One entry of an initramfs.
struct PackedEntry {
    std::string path;      // without a leading slash
    unsigned mode = 0;     // file type and permissions
    std::string content;   // of a file; the target of a symbolic link
    unsigned device_major = 0, device_minor = 0;
};

// Collects entries into a newc cpio. All times, owners and inode numbers are fixed, so equal entries give equal bytes.
class CpioWriter {
  public:
    CpioWriter();
    ~CpioWriter();
    CpioWriter(const CpioWriter&) = delete;
    CpioWriter& operator=(const CpioWriter&) = delete;

    void add(const PackedEntry& entry);  // throws Error
    std::string finish();                // the archive; nothing may be added after

  private:
    struct State;
    std::unique_ptr<State> state_;
};

// Unpacks a newc cpio below `root`, replacing what is there. Throws Error.
void unpack_cpio(std::string_view archive, const std::filesystem::path& root);

}  // namespace tcpwitness::guest
