#include "guest/snapshot.hh"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "base/error.hh"
#include "guest/digest.hh"
#include "guest/mapped_file.hh"

namespace tcpwitness::guest {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr size_t kPageBytes = 4096;

uint64_t size_of(int file, const std::string& name) {
    struct stat status {};
    check_system(fstat(file, &status), "fstat", name);
    return static_cast<uint64_t>(status.st_size);
}

// The digest of what a sparse file holds, its holes left out; equal content has equal digests when holes are where
// zero pages are.
std::string data_digest(int file, const std::string& name) {
    const uint64_t size = size_of(file, name);
    const Mapping content(file, size, PROT_READ, MAP_SHARED, 0, name);
    Digest digest;
    digest.add_number(size);
    for (off_t from = 0; from < static_cast<off_t>(size);) {
        const off_t data = lseek(file, from, SEEK_DATA);
        if (data < 0) break;  // ENXIO: nothing but a hole follows
        const off_t end = check_system(lseek(file, data, SEEK_HOLE), "lseek SEEK_HOLE", name);
        digest.add_number(static_cast<uint64_t>(data));
        digest.add({content.data() + data, static_cast<size_t>(end - data)});
        from = end;
    }
    return digest.hex();
}

FileDescriptor open_in(const fs::path& directory, const char* name) {
    return open_file((directory / name).string(), O_RDWR);
}

json describe(const fs::path& directory) {
    json files;
    for (const char* name : {kMemoryFile, kStateFile, kMachineFile}) {
        const FileDescriptor file = open_in(directory, name);
        files[name] = {{"bytes", size_of(file.get(), name)}, {"digest", data_digest(file.get(), name)}};
    }
    return files;
}

bool is_zero(const char* page) {
    return page[0] == 0 && std::memcmp(page, page + 1, kPageBytes - 1) == 0;
}

}  // namespace

std::optional<Snapshot> Snapshot::open(const fs::path& directory, std::string& why) {
    if (!fs::exists(directory / kManifestFile)) {
        why = "there is none yet";
        return std::nullopt;
    }
    try {
        const json written = json::parse(read_file((directory / kManifestFile).string()));
        if (written.at("files") != describe(directory)) {
            why = "its files are not those that were written: damaged or half-written";
            return std::nullopt;
        }
        Snapshot snapshot;
        snapshot.memory_ = open_in(directory, kMemoryFile);
        snapshot.state_ = open_in(directory, kStateFile);
        snapshot.machine_ = read_file((directory / kMachineFile).string());
        futimens(open_in(directory, kManifestFile).get(), nullptr);  // its last use, for pruning
        return snapshot;
    } catch (const std::exception& error) {
        why = error.what();
        return std::nullopt;
    }
}

FileDescriptor Snapshot::state() const { return open_file(fmt::format("/proc/self/fd/{}", state_.get()), O_RDONLY); }

uint64_t Snapshot::disk_bytes() const {
    struct stat status {};
    check_system(fstat(memory_.get(), &status), "fstat", kMemoryFile);
    return static_cast<uint64_t>(status.st_blocks) * 512 + size_of(state_.get(), kStateFile);
}

FileDescriptor create_memory_file(const fs::path& path, uint64_t bytes) {
    FileDescriptor file = open_file(path.string(), O_RDWR | O_CREAT | O_EXCL);
    const int failure = posix_fallocate(file.get(), 0, static_cast<off_t>(bytes));
    if (failure != 0) throw SystemError("fallocate", path.string(), failure);
    return file;
}

void release_zero_pages(const FileDescriptor& file, uint64_t bytes) {
    const Mapping content(file.get(), bytes, PROT_READ, MAP_SHARED, 0, kMemoryFile);
    for (uint64_t at = 0; at < bytes;) {
        uint64_t end = at;
        while (end < bytes && is_zero(content.data() + end)) end += kPageBytes;
        if (end > at)
            check_system(fallocate(file.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(at),
                                   static_cast<off_t>(end - at)),
                         "fallocate PUNCH_HOLE", kMemoryFile);
        at = end + kPageBytes;
    }
}

void write_manifest(const fs::path& directory) {
    const FileDescriptor file = open_file((directory / kManifestFile).string(), O_WRONLY | O_CREAT | O_TRUNC);
    write_all(file.get(), json{{"files", describe(directory)}}.dump(2) + "\n");
}

}  // namespace tcpwitness::guest
