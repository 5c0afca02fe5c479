// A booted guest on disk, from which every run starts: the RAM as a sparse file that runs map privately, the state of
// the machine's devices, and a manifest with checksums that is written last.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/file_descriptor.hh"

namespace tcpwitness::guest {

class Snapshot {
  public:
    // Opens the snapshot in `directory`. Nothing when there is none, or when it is half-written or damaged: `why` says.
    static std::optional<Snapshot> open(const std::filesystem::path& directory, std::string& why);

    int memory() const { return memory_.get(); }
    // The device state, opened anew: reading it moves the position. Throws SystemError.
    FileDescriptor state() const;
    // What the guest answered when it was asked about its machine, just after the boot; may be empty.
    const std::string& machine() const { return machine_; }
    // Bytes that it takes on disk.
    uint64_t disk_bytes() const;

  private:
    FileDescriptor memory_;
    FileDescriptor state_;
    std::string machine_;
};

// The files in a snapshot's directory.
constexpr const char* kMemoryFile = "memory";
constexpr const char* kStateFile = "state";
constexpr const char* kMachineFile = "machine";
constexpr const char* kManifestFile = "manifest.json";

// Makes the RAM file of a guest that is to be saved, with its space reserved, so that a full disk is told here and not
// by a signal in QEMU. Throws SystemError("fallocate").
FileDescriptor create_memory_file(const std::filesystem::path& path, uint64_t bytes);

// Gives the disk space of all-zero pages back. Throws SystemError.
void release_zero_pages(const FileDescriptor& file, uint64_t bytes);

// Writes the manifest over the files in `directory`: sizes and digests. They are checked whenever it is opened, so
// nothing needs to be forced to disk here.
void write_manifest(const std::filesystem::path& directory);

}  // namespace tcpwitness::guest
