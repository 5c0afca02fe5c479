#include "observers/state_tracer.hh"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <string>

#include "base/error.hh"
#include "base/file_descriptor.hh"
#include "observers/kernel_layout.hh"
#include "state_tracer_bpf.skel.h"

namespace tcpwitness {
namespace {

// libbpf reports through one callback for the whole process; the first warning says what was refused.
thread_local std::string first_warning;

int keep_warning(libbpf_print_level level, const char* format, va_list arguments) {
    if (level != LIBBPF_WARN || !first_warning.empty()) return 0;
    char text[512];
    std::vsnprintf(text, sizeof text, format, arguments);
    first_warning = text;
    while (!first_warning.empty() && first_warning.back() == '\n') first_warning.pop_back();
    return 0;
}

[[noreturn]] void throw_refused(const std::string& what, int error_number) {
    std::string reason = what + ": " + std::strerror(error_number);
    if (!first_warning.empty()) reason += " (" + first_warning + ")";
    throw Unsupported(reason);
}

// Asks first for what costs least, so that a user without the right does not pay for reading the BTF.
void check_permission() {
    const FileDescriptor map(bpf_map_create(BPF_MAP_TYPE_RINGBUF, "tcpwitness", 0, 0, 4096, nullptr));
    if (!map) throw_refused("BPF", errno);
}

struct DestroySkeleton {
    void operator()(state_tracer_bpf* skeleton) const { state_tracer_bpf__destroy(skeleton); }
};
struct FreeRing {
    void operator()(ring_buffer* ring) const { ring_buffer__free(ring); }
};

}  // namespace

class StateTracer::Programs {
  public:
    explicit Programs(uint32_t ring_bytes) {
        libbpf_set_print(keep_warning);
        first_warning.clear();
        check_permission();
        skeleton_.reset(state_tracer_bpf__open());
        if (!skeleton_) throw_refused("BPF state tracer", errno);
        const kernel_layout layout = read_kernel_layout();
        std::memcpy(const_cast<kernel_layout*>(&skeleton_->rodata->layout), &layout, sizeof layout);
        bpf_map__set_max_entries(skeleton_->maps.records, ring_bytes);
        if (const int error = state_tracer_bpf__load(skeleton_.get())) throw_refused("BPF state tracer", -error);
        if (const int error = state_tracer_bpf__attach(skeleton_.get())) throw_refused("BPF state tracer", -error);
        ring_.reset(ring_buffer__new(bpf_map__fd(skeleton_->maps.records), take_record, this, nullptr));
        if (!ring_) throw_refused("BPF ring buffer", errno);
    }

    // The last program of a tracepoint first: when the first of two goes, the kernel waits for an RCU grace period, some
    // 15 ms for each tracepoint (kernel/tracepoint.c, tracepoint_remove_func).
    ~Programs() {
        const bpf_object_skeleton& programs = *skeleton_->skeleton;
        for (int i = programs.prog_cnt - 1; i >= 0; --i) {
            bpf_link** link = programs.progs[i].link;
            bpf_link__destroy(*link);
            *link = nullptr;
        }
    }

    void watch(uint64_t inode) {
        const auto key = static_cast<uint32_t>(inode);
        const uint8_t yes = 1;
        const int result = bpf_map_update_elem(bpf_map__fd(skeleton_->maps.watched), &key, &yes, BPF_ANY);
        check_system(result, "BPF_MAP_UPDATE_ELEM", "watched namespaces");
    }

    int descriptor() const { return ring_buffer__epoll_fd(ring_.get()); }

    void drain(const std::function<void(const trace_record&)>& take) {
        take_ = &take;
        const int result = ring_buffer__consume(ring_.get());
        take_ = nullptr;
        if (result < 0) throw SystemError("ring_buffer__consume", "state tracer", -result);
    }

    int64_t take_lost() {
        return static_cast<int64_t>(__atomic_exchange_n(&skeleton_->bss->lost, 0, __ATOMIC_RELAXED));
    }

  private:
    static int take_record(void* self, void* data, size_t size) {
        trace_record record{};
        if (size < sizeof record) return -EPROTO;
        std::memcpy(&record, data, sizeof record);
        (*static_cast<Programs*>(self)->take_)(record);
        return 0;
    }

    std::unique_ptr<state_tracer_bpf, DestroySkeleton> skeleton_;
    std::unique_ptr<ring_buffer, FreeRing> ring_;
    const std::function<void(const trace_record&)>* take_ = nullptr;
};

StateTracer::StateTracer(uint32_t ring_bytes) : programs_(std::make_unique<Programs>(ring_bytes)) {}
StateTracer::~StateTracer() = default;

void StateTracer::watch(uint64_t network_namespace_inode) {
    programs_->watch(network_namespace_inode);
}

int StateTracer::descriptor() const {
    return programs_->descriptor();
}

void StateTracer::drain(const std::function<void(const trace_record&)>& take) {
    programs_->drain(take);
}

int64_t StateTracer::take_lost() {
    return programs_->take_lost();
}

}  // namespace tcpwitness
