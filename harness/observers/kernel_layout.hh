// Where the running kernel keeps the fields that the state tracer reads: looked up in its BTF, in a few milliseconds.
// libbpf's CO-RE does the same lookup for the same answer, but takes 30 to 40 ms of it for each load (measured with
// libbpf 1.1.2 and the 5.5 MB BTF of 6.18), which is most of what a short case may cost.
#pragma once

#include <string>
#include <string_view>

#include "observers/trace_record.h"

namespace tcpwitness {

// Reads /sys/kernel/btf/vmlinux. Throws SystemError when there is none (CONFIG_DEBUG_INFO_BTF is off), Unsupported
// when a field that the tracer needs is not in it.
kernel_layout read_kernel_layout();

// The same from BTF that is in memory; exposed for tests.
kernel_layout kernel_layout_from_btf(std::string_view btf);

}  // namespace tcpwitness
