#include "guest/archive.hh"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <vector>

#include "base/error.hh"
#include "base/file_descriptor.hh"

namespace tcpwitness::guest {
namespace {

struct ReaderDeleter {
    void operator()(archive* handle) const { archive_read_free(handle); }
};
struct WriterDeleter {
    void operator()(archive* handle) const { archive_write_free(handle); }
};
struct EntryDeleter {
    void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};
using Reader = std::unique_ptr<archive, ReaderDeleter>;

[[noreturn]] void fail(archive* handle, const std::string& doing) {
    const char* text = archive_error_string(handle);
    throw Error(fmt::format("{}: {}", doing, text != nullptr ? text : "libarchive gave no reason"));
}

std::string read_entry(archive* handle, const std::string& object, bool tolerate_tail = false) {
    std::string content;
    std::vector<char> chunk(1 << 18);
    for (;;) {
        const la_ssize_t got = archive_read_data(handle, chunk.data(), chunk.size());
        if (got == 0) return content;
        // A bzImage's payload may be followed by its size or by padding, which is no further stream.
        if (got < 0 && tolerate_tail && !content.empty()) return content;
        if (got < 0) fail(handle, "reading " + object);
        content.append(chunk.data(), static_cast<size_t>(got));
    }
}

Reader open_bytes(std::string_view bytes, const std::string& object, int (*format)(archive*)) {
    Reader reader(archive_read_new());
    archive_read_support_filter_all(reader.get());
    format(reader.get());
    if (archive_read_open_memory(reader.get(), bytes.data(), bytes.size()) != ARCHIVE_OK)
        fail(reader.get(), "opening " + object);
    return reader;
}

bool next_entry(archive* handle, archive_entry** entry, const std::string& object) {
    const int result = archive_read_next_header(handle, entry);
    if (result == ARCHIVE_EOF) return false;
    if (result < ARCHIVE_WARN) fail(handle, "reading " + object);
    return true;
}

void write_entry(archive* handle, const std::filesystem::path& target, unsigned mode, const std::string& object) {
    std::filesystem::create_directories(target.parent_path());
    const FileDescriptor file = open_file(target.string(), O_WRONLY | O_CREAT | O_TRUNC, mode & 0777);
    write_all(file.get(), read_entry(handle, object));
}

}  // namespace

std::string decompress(std::string_view bytes, const std::string& object) {
    const Reader reader = open_bytes(bytes, object, archive_read_support_format_raw);
    archive_entry* entry = nullptr;
    if (!next_entry(reader.get(), &entry, object)) return {};
    return read_entry(reader.get(), object, true);
}

void unpack_deb(const std::filesystem::path& package,
                const std::function<std::filesystem::path(const std::string&)>& place) {
    const std::string name = package.filename().string();
    Reader outer(archive_read_new());
    archive_read_support_format_ar(outer.get());
    if (archive_read_open_filename(outer.get(), package.c_str(), 1 << 18) != ARCHIVE_OK)
        fail(outer.get(), "opening " + name);
    archive_entry* member = nullptr;
    while (next_entry(outer.get(), &member, name)) {
        if (!std::string_view(archive_entry_pathname(member)).starts_with("data.tar")) continue;
        const std::string tar = read_entry(outer.get(), name);
        const Reader inner = open_bytes(tar, name, archive_read_support_format_tar);
        archive_entry* entry = nullptr;
        while (next_entry(inner.get(), &entry, name)) {
            if (archive_entry_filetype(entry) != AE_IFREG) continue;
            std::string path = archive_entry_pathname(entry);
            if (path.starts_with("./")) path.erase(0, 2);
            const std::filesystem::path target = place(path);
            if (!target.empty()) write_entry(inner.get(), target, archive_entry_perm(entry), name);
        }
        return;
    }
    throw Error(name + ": not a Debian package: it has no data.tar");
}

struct CpioWriter::State {
    std::unique_ptr<archive, WriterDeleter> handle;
    std::string bytes;
    int64_t next_inode = 1;

    static la_ssize_t append(archive*, void* self, const void* data, size_t size) {
        static_cast<State*>(self)->bytes.append(static_cast<const char*>(data), size);
        return static_cast<la_ssize_t>(size);
    }
};

CpioWriter::CpioWriter() : state_(std::make_unique<State>()) {
    state_->handle.reset(archive_write_new());
    archive* handle = state_->handle.get();
    archive_write_set_format_cpio_newc(handle);
    archive_write_set_bytes_per_block(handle, 0);
    if (archive_write_open(handle, state_.get(), nullptr, State::append, nullptr) != ARCHIVE_OK)
        fail(handle, "packing the initramfs");
}

CpioWriter::~CpioWriter() = default;

void CpioWriter::add(const PackedEntry& packed) {
    const std::unique_ptr<archive_entry, EntryDeleter> entry(archive_entry_new());
    const bool link = S_ISLNK(packed.mode);
    archive_entry_set_pathname(entry.get(), packed.path.c_str());
    archive_entry_set_mode(entry.get(), packed.mode);
    archive_entry_set_ino64(entry.get(), state_->next_inode++);
    archive_entry_set_mtime(entry.get(), 0, 0);
    archive_entry_set_nlink(entry.get(), 1);
    if (link) archive_entry_set_symlink(entry.get(), packed.content.c_str());
    if (S_ISCHR(packed.mode)) {
        archive_entry_set_rdevmajor(entry.get(), packed.device_major);
        archive_entry_set_rdevminor(entry.get(), packed.device_minor);
    }
    archive_entry_set_size(entry.get(), S_ISREG(packed.mode) ? static_cast<int64_t>(packed.content.size()) : 0);
    archive* handle = state_->handle.get();
    if (archive_write_header(handle, entry.get()) != ARCHIVE_OK) fail(handle, "packing " + packed.path);
    if (!S_ISREG(packed.mode) || packed.content.empty()) return;
    if (archive_write_data(handle, packed.content.data(), packed.content.size()) < 0)
        fail(handle, "packing " + packed.path);
}

std::string CpioWriter::finish() {
    if (archive_write_close(state_->handle.get()) != ARCHIVE_OK) fail(state_->handle.get(), "packing the initramfs");
    return std::move(state_->bytes);
}

void unpack_cpio(std::string_view bytes, const std::filesystem::path& root) {
    const Reader reader = open_bytes(bytes, "the files of the request", archive_read_support_format_cpio);
    archive_entry* entry = nullptr;
    while (next_entry(reader.get(), &entry, "the files of the request")) {
        const std::filesystem::path target = root / archive_entry_pathname(entry);
        std::filesystem::create_directories(target.parent_path());
        if (archive_entry_filetype(entry) == AE_IFDIR) {
            std::filesystem::create_directories(target);
            continue;
        }
        std::filesystem::remove(target);
        if (archive_entry_filetype(entry) == AE_IFLNK)
            std::filesystem::create_symlink(archive_entry_symlink(entry), target);
        else
            write_entry(reader.get(), target, archive_entry_perm(entry), target.string());
    }
}

}  // namespace tcpwitness::guest
