// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
// A BPF iterator over the TCP sockets of one network namespace: the options that bind() looks at, of sockets that no
// process has any more too. Nothing but that tells SO_REUSEADDR of a mini-socket. Needs kernel BTF (CO-RE) and 5.9.
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "live/socket_options_record.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

// The parts of the kernel's types that are used, placed by the kernel's own BTF.
struct seq_file;

struct bpf_iter_meta {
    struct seq_file* seq;
} __attribute__((preserve_access_index));

typedef struct {
    __s64 counter;
} atomic64_t;

struct sock_common {
    unsigned short skc_num;
    unsigned char skc_reuse : 4;
    unsigned char skc_reuseport : 1;
    unsigned char skc_ipv6only : 1;
    atomic64_t skc_cookie;
} __attribute__((preserve_access_index));

struct bpf_iter__tcp {
    struct bpf_iter_meta* meta;
    struct sock_common* sk_common;
} __attribute__((preserve_access_index));

const volatile __u16 wanted_port = 0;

SEC("iter/tcp")
int list_options(struct bpf_iter__tcp* context) {
    struct sock_common* socket = context->sk_common;
    if (!socket || socket->skc_num != wanted_port) return 0;
    struct socket_options_record record = {
        .cookie = socket->skc_cookie.counter,
        .reuse_address = BPF_CORE_READ_BITFIELD(socket, skc_reuse) != 0,
        .reuse_port = BPF_CORE_READ_BITFIELD(socket, skc_reuseport),
        .v6_only = BPF_CORE_READ_BITFIELD(socket, skc_ipv6only),
    };
    bpf_seq_write(context->meta->seq, &record, sizeof record);
    return 0;
}
