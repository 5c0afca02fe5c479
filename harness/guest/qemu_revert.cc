// Loaded into QEMU (LD_PRELOAD): takes the guest's RAM back to what it was in the snapshot, and lets QEMU keep the code
// that it has translated.
//
// Nearly all of a run's time is translation. QEMU forgets all of it when it loads the state of a machine, because RAM may
// hold other code then (QEMU 7.2: cpu_common_post_load() calls tb_flush()). Here it is known which pages differ: those that
// the machine wrote to since the snapshot, which the kernel has copied for it because they are mapped privately. Only what
// was translated from such a page is dropped, and tb_flush() does nothing until the state is loaded.
#include "guest/qemu_revert.hh"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace tcpwitness::guest {
namespace {

constexpr size_t kPageBytes = 4096;
constexpr unsigned char kReturn = 0xc3;  // the instruction

struct Descriptors {
    int socket = -1;
    int memory = -1;
};

const Descriptors& descriptors() {
    static const Descriptors found = [] {
        Descriptors each;
        const char* text = getenv(kRevertVariable);
        if (text == nullptr || sscanf(text, "%d %d", &each.socket, &each.memory) != 2) each = {};
        return each;
    }();
    return found;
}

// The guest's RAM: as the machine has it, and as it is in the file.
struct Memory {
    char* mapped = nullptr;
    const char* original = nullptr;
    size_t bytes = 0;
};

// Finds where QEMU has mapped the file of `descriptor` privately, as a whole.
bool find_mapping(int descriptor, Memory& memory) {
    struct stat file {};
    FILE* maps = fopen("/proc/self/maps", "re");
    if (maps == nullptr || fstat(descriptor, &file) != 0) return false;
    unsigned long from = 0;
    unsigned long to = 0;
    unsigned long inode = 0;
    char access[8] = "";
    char line[4096];
    while (memory.mapped == nullptr && fgets(line, sizeof line, maps) != nullptr) {
        if (sscanf(line, "%lx-%lx %7s %*x %*x:%*x %lu", &from, &to, access, &inode) != 4) continue;
        if (inode != file.st_ino || access[3] != 'p') continue;
        memory.mapped = reinterpret_cast<char*>(from);
        memory.bytes = to - from;
    }
    fclose(maps);
    return memory.mapped != nullptr && memory.bytes == static_cast<size_t>(file.st_size);
}

// Calls `take(first, end)` for every row of pages that the machine has written to: they are private, no pages of the file
// any more (Documentation/admin-guide/mm/pagemap.rst).
template <typename Take>
bool each_written(const Memory& memory, Take take) {
    constexpr uint64_t kThere = 3ull << 62;  // in memory, or swapped out
    constexpr uint64_t kOfFile = 1ull << 61;
    const int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    uint64_t pages[512];
    char* row = nullptr;
    for (size_t at = 0; at < memory.bytes; at += sizeof pages / 8 * kPageBytes) {
        const auto offset = static_cast<off_t>((reinterpret_cast<uintptr_t>(memory.mapped) + at) / kPageBytes * 8);
        if (pread(pagemap, pages, sizeof pages, offset) != sizeof pages) return close(pagemap), false;
        for (size_t i = 0; i < sizeof pages / 8; ++i) {
            char* const page = memory.mapped + at + i * kPageBytes;
            const bool written = (pages[i] & kThere) != 0 && (pages[i] & kOfFile) == 0;
            if (written && row == nullptr) row = page;
            if (!written && row != nullptr) take(row, page), row = nullptr;
        }
    }
    if (row != nullptr) take(row, memory.mapped + memory.bytes);
    close(pagemap);
    return true;
}

// QEMU's own functions, which it exports for its modules.
struct Qemu {
    uint64_t (*ram_address)(void* host) = nullptr;      // qemu_ram_addr_from_host
    void (*drop_page)(uint64_t ram_address) = nullptr;  // tb_invalidate_phys_page
    unsigned char* flush = nullptr;                     // tb_flush
    bool (*register_instance)(const void* instance, void** error) = nullptr;  // yank_register_instance
};

// What may be broken off by QMP's "yank". xen-load-devices-state takes its own off the list but does not put it there
// first, as every other command does that loads a state (7.2: an assertion fails).
constexpr struct {
    int type = 2;  // YANK_INSTANCE_TYPE_MIGRATION
    const void* more[2] = {};
} kMigration;

template <typename Function>
bool find(const char* name, Function*& function) {
    function = reinterpret_cast<Function*>(dlsym(RTLD_DEFAULT, name));
    return function != nullptr;
}

void write_code(unsigned char* at, unsigned char byte) {
    void* const page = reinterpret_cast<void*>(reinterpret_cast<uintptr_t>(at) / kPageBytes * kPageBytes);
    mprotect(page, kPageBytes, PROT_READ | PROT_WRITE | PROT_EXEC);
    *at = byte;
    mprotect(page, kPageBytes, PROT_READ | PROT_EXEC);
}

class Revert {
  public:
    const char* answer(char request) {
        if (problem_ != nullptr) return problem_;
        if (request == kReverted) write_code(qemu_.flush, first_of_flush_);
        if (request != kRevertMemory) return kRevertDone;
        write_code(qemu_.flush, kReturn);
        qemu_.register_instance(&kMigration, nullptr);
        return take_memory_back() ? kRevertDone : "the pages that the machine has written to cannot be found";
    }

  private:
    static const char* prepare(Memory& memory, Qemu& qemu) {
        if (!find("qemu_ram_addr_from_host", qemu.ram_address)) return "QEMU has no qemu_ram_addr_from_host()";
        if (!find("tb_invalidate_phys_page", qemu.drop_page)) return "QEMU has no tb_invalidate_phys_page()";
        if (!find("tb_flush", qemu.flush)) return "QEMU has no tb_flush()";
        if (!find("yank_register_instance", qemu.register_instance)) return "QEMU has no yank_register_instance()";
        if (!find_mapping(descriptors().memory, memory)) return "the guest's RAM is not mapped privately";
        void* const original = mmap(nullptr, memory.bytes, PROT_READ, MAP_SHARED, descriptors().memory, 0);
        if (original == MAP_FAILED) return "the file of the guest's RAM cannot be mapped";
        memory.original = static_cast<const char*>(original);
        return nullptr;
    }

    bool take_memory_back() {
        const uint64_t first = qemu_.ram_address(memory_.mapped);
        return each_written(memory_, [&](char* from, char* to) {
            for (char* page = from; page < to; page += kPageBytes) {
                const size_t offset = static_cast<size_t>(page - memory_.mapped);
                if (memcmp(page, memory_.original + offset, kPageBytes) != 0) qemu_.drop_page(first + offset);
            }
            madvise(from, static_cast<size_t>(to - from), MADV_DONTNEED);  // reads the file again
        });
    }

    Memory memory_;
    Qemu qemu_;
    const char* problem_ = prepare(memory_, qemu_);
    unsigned char first_of_flush_ = problem_ == nullptr ? *qemu_.flush : 0;
};

}  // namespace

int revert_socket() { return descriptors().socket; }

void answer_revert_request() {
    static Revert revert;
    char request = 0;
    if (recv(revert_socket(), &request, 1, MSG_DONTWAIT) != 1) return;
    const char* const answer = revert.answer(request);
    send(revert_socket(), answer, strlen(answer), MSG_NOSIGNAL);
}

}  // namespace tcpwitness::guest
