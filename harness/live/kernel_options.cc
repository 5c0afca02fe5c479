#include "live/kernel_options.hh"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "base/error.hh"
#include "base/file_descriptor.hh"
#include "live/socket_options_record.h"
#include "socket_options_bpf.skel.h"

namespace tcpwitness {
namespace {

struct Destroy {
    void operator()(socket_options_bpf* skeleton) const { socket_options_bpf__destroy(skeleton); }
    void operator()(bpf_link* link) const { bpf_link__destroy(link); }
};

int print_nothing(libbpf_print_level /*level*/, const char* /*format*/, va_list /*arguments*/) {
    return 0;
}

// libbpf prints its complaints; what failed is said by `refused`.
class Silence {
  public:
    Silence() : before_(libbpf_set_print(print_nothing)) {}
    ~Silence() { libbpf_set_print(before_); }
    Silence(const Silence&) = delete;
    Silence& operator=(const Silence&) = delete;

  private:
    libbpf_print_fn_t before_;
};

std::map<uint64_t, BindOptions> read_records(int link) {
    const FileDescriptor iterator(check_system(bpf_iter_create(link), "bpf BPF_ITER_CREATE", "iter/tcp"));
    const std::string bytes = read_all(iterator.get());
    std::map<uint64_t, BindOptions> options;
    socket_options_record record{};
    for (size_t at = 0; at + sizeof record <= bytes.size(); at += sizeof record) {
        std::memcpy(&record, bytes.data() + at, sizeof record);
        if (record.cookie == 0) continue;  // younger than the dump
        options[record.cookie] = {record.reuse_address != 0, record.reuse_port != 0, record.v6_only != 0};
    }
    return options;
}

}  // namespace

KernelOptions read_kernel_options(uint16_t port) {
    const Silence silence;
    KernelOptions read;
    const std::unique_ptr<socket_options_bpf, Destroy> skeleton(socket_options_bpf__open());
    if (!skeleton) return {.refused = "BPF iterator: " + errno_name(errno)};
    skeleton->rodata->wanted_port = port;
    if (const int error = socket_options_bpf__load(skeleton.get()))
        return {.refused = "BPF iterator: " + errno_name(-error)};
    const std::unique_ptr<bpf_link, Destroy> link(bpf_program__attach_iter(skeleton->progs.list_options, nullptr));
    if (!link) return {.refused = "BPF iterator: " + errno_name(errno)};
    try {
        read.by_cookie = read_records(bpf_link__fd(link.get()));
    } catch (const SystemError& error) {
        read.refused = error.what();
    }
    return read;
}

}  // namespace tcpwitness
