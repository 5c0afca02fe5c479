// StateTracer: BPF programs on raw tracepoints that see every change of every TCP socket of the watched namespaces, as
// it happens. Needs CAP_BPF and CAP_PERFMON in the first user namespace and a kernel with BTF (5.10 or newer).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "observers/trace_record.h"

namespace tcpwitness {

class StateTracer {
  public:
    // Loads and attaches; costs about 10 ms. Sees nothing until watch() is called. `ring_bytes`, a power of two of at
    // least a page, holds records until drain(): about 12000 in the default size.
    // Throws Unsupported, with the kernel's reason, where it may not or cannot.
    explicit StateTracer(uint32_t ring_bytes = 1U << 20);
    ~StateTracer();
    StateTracer(const StateTracer&) = delete;
    StateTracer& operator=(const StateTracer&) = delete;

    // From now on, sees the sockets of the network namespace with this inode (NetworkNamespace::inode()).
    // Throws SystemError when there are more than 64.
    void watch(uint64_t network_namespace_inode);

    // Readable when there are records.
    int descriptor() const;

    // Gives all records that are there, in the order in which they were written. Throws SystemError.
    void drain(const std::function<void(const trace_record&)>& take);

    // Records that found the ring full, since the last call.
    int64_t take_lost();

  private:
    class Programs;
    std::unique_ptr<Programs> programs_;
};

}  // namespace tcpwitness
