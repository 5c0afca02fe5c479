// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
// The state tracer's programs: they run in the kernel and write a trace_record for every change of a TCP socket of the
// watched namespaces. Raw tracepoints only, first arguments only (the later ones differ between 5.10 and 7.2), so that
// one binary loads on every kernel, also where lockdown refuses kprobes and fentry.
//
// The timer tracepoints pass every timer of the machine. Which of them belong to request sockets and mini-sockets is
// told by the sock_common in front of the timer: its protocol is that of a TCP socket seen before in a watched
// namespace, its namespace is a watched one, and its state says NEW_SYN_RECV or TIME_WAIT.
#include <linux/bpf.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "observers/trace_record.h"

#define AF_INET 2
#define AF_INET6 10
#define IPPROTO_TCP 6
#define TCP_SYN_RECV 3
#define TCP_TIME_WAIT 6
#define TCP_LISTEN 10
#define TCP_NEW_SYN_RECV 12

char LICENSE[] SEC("license") = "Dual BSD/GPL";

// Filled in before the programs load, so the verifier sees constants.
const volatile struct kernel_layout layout = {};

// Records that found the ring full, mini-sockets that found the table full, and changes of mini-sockets that showed only
// when their timer fired.
__u64 lost = 0;

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 1 << 20);  // bytes; set by the loader
} records SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 64);
    __type(key, __u32);  // inode of a network namespace
    __type(value, __u8);
} watched SEC(".maps");

// The struct proto of TCP over IPv4 and IPv6, learned from the full sockets.
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 16);
    __type(key, __u64);
    __type(value, __u8);
} protocols SEC(".maps");

struct connection {
    __u32 network_namespace;
    __u16 local_port;
    __u16 remote_port;
    __u8 local_address[16];
    __u8 remote_address[16];
};

struct mini_socket {
    __u64 object;
    __u64 expires;
    __u32 substate;
    __u32 cancelled;
};

// Mini-sockets, found by the segments that meet them.
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 4096);
    __type(key, struct connection);
    __type(value, struct mini_socket);
} mini_sockets SEC(".maps");

// What happens within one call of the kernel, on one CPU.
struct here {
    __u64 child;     // full socket last made from a listener
    __u64 expiring;  // timer of a request socket whose handler is running
    struct trace_record request;
};

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct here);
} this_cpu SEC(".maps");

// Zero where nothing can be read.
#define DEFINE_READ(type)                                                              \
    static __always_inline type read_##type(__u64 object, __u32 offset) {              \
        type value = 0;                                                                \
        bpf_probe_read_kernel(&value, sizeof value, (const void *)(object + offset));  \
        return value;                                                                  \
    }
DEFINE_READ(__u8)
DEFINE_READ(__u16)
DEFINE_READ(__u32)
DEFINE_READ(__u64)

// From 6.1 on the kernel leaves a program out where an interrupt comes while the same program runs on that CPU
// (struct bpf_prog::active). A segment or a timer that is handled in such an interrupt would change a state unseen. So
// every tracepoint has two programs: an interrupt finds at most one of them running. Most records come twice by that;
// who reads them takes the second for what it is, because nothing changes by it.
#define TRACE(handle, tracepoint)                                                                          \
    SEC("raw_tp/" #tracepoint)                                                                             \
    int handle##_first(struct bpf_raw_tracepoint_args *context) { return handle(context); }               \
    SEC("raw_tp/" #tracepoint)                                                                             \
    int handle##_again(struct bpf_raw_tracepoint_args *context) { return handle(context); }

static __always_inline struct here *get_here(void) {
    __u32 zero = 0;
    return bpf_map_lookup_elem(&this_cpu, &zero);
}

static __always_inline __u32 namespace_of(__u64 common) {
    return read___u32(read___u64(common, layout.skc_net), layout.net_inode);
}

static __always_inline int is_watched(__u32 network_namespace) {
    return bpf_map_lookup_elem(&watched, &network_namespace) != 0;
}

// An IPv6 socket that talks IPv4 has both forms of its addresses; the segments have the IPv4 one.
static __always_inline int is_mapped(__u64 common) {
    __u32 words[3] = {};
    bpf_probe_read_kernel(words, sizeof words, (const void *)(common + layout.skc_v6_daddr));
    return words[0] == 0 && words[1] == 0 && words[2] == bpf_htonl(0xffff);
}

static __always_inline void read_addresses(struct trace_record *record, __u64 common) {
    record->family = read___u16(common, layout.skc_family);
    if (record->family == AF_INET6 && is_mapped(common)) record->family = AF_INET;
    if (record->family == AF_INET6) {
        bpf_probe_read_kernel(record->local_address, 16, (const void *)(common + layout.skc_v6_rcv_saddr));
        bpf_probe_read_kernel(record->remote_address, 16, (const void *)(common + layout.skc_v6_daddr));
    } else {
        bpf_probe_read_kernel(record->local_address, 4, (const void *)(common + layout.skc_rcv_saddr));
        bpf_probe_read_kernel(record->remote_address, 4, (const void *)(common + layout.skc_daddr));
    }
}

static __always_inline void describe(struct trace_record *record, __u64 common, __u8 kind) {
    __builtin_memset(record, 0, sizeof *record);
    record->at = bpf_ktime_get_ns();
    record->object = common;
    record->kind = kind;
    record->network_namespace = namespace_of(common);
    record->cookie = read___u64(common, layout.skc_cookie);
    record->local_port = read___u16(common, layout.skc_num);
    record->remote_port = bpf_ntohs(read___u16(common, layout.skc_dport));
    read_addresses(record, common);
}

static __always_inline void emit(struct trace_record *record) {
    if (bpf_ringbuf_output(&records, record, sizeof *record, 0) != 0) __sync_fetch_and_add(&lost, 1);
}

static __always_inline int on_state(struct bpf_raw_tracepoint_args *context) {
    const __u64 common = context->args[0];
    if (read___u16(common, layout.sk_protocol) != IPPROTO_TCP || !is_watched(namespace_of(common))) return 0;
    __u64 protocol = read___u64(common, layout.skc_prot);
    __u8 yes = 1;
    if (!bpf_map_lookup_elem(&protocols, &protocol)) bpf_map_update_elem(&protocols, &protocol, &yes, BPF_ANY);
    struct trace_record record;
    describe(&record, common, TRACE_STATE);
    record.old_state = context->args[1];
    record.new_state = context->args[2];
    // __inet_hash() sets SOCK_RCU_FREE when a listener becomes reachable; a listen() that fails never gets there.
    record.was_hashed = (read___u64(common, layout.skc_flags) >> layout.rcu_free_bit) & 1;
    struct here *here = get_here();
    if (here && record.old_state == TCP_LISTEN && record.new_state == TCP_SYN_RECV) {
        here->child = common;
    } else if (here && here->child == common) {
        here->child = 0;
    }
    emit(&record);
    return 0;
}
TRACE(on_state, inet_sock_set_state)

static __always_inline int on_destroy(struct bpf_raw_tracepoint_args *context) {
    const __u64 common = context->args[0];
    if (!is_watched(namespace_of(common))) return 0;
    struct trace_record record;
    describe(&record, common, TRACE_SOCKET_GONE);
    emit(&record);
    return 0;
}
TRACE(on_destroy, tcp_destroy_sock)

// The sock_common `offset` bytes in front of a timer, if there is one of a watched TCP socket in `state`; else 0.
static __always_inline __u64 owner(__u64 timer, __u32 offset, __u8 state) {
    const __u64 common = timer - offset;
    __u64 protocol = read___u64(common, layout.skc_prot);
    if (!bpf_map_lookup_elem(&protocols, &protocol)) return 0;
    if (read___u8(common, layout.skc_state) != state || !is_watched(namespace_of(common))) return 0;
    const __u16 family = read___u16(common, layout.skc_family);
    return family == AF_INET || family == AF_INET6 ? common : 0;
}

static __always_inline __u64 mini_socket_of(__u64 timer) {
    return owner(timer, layout.tw_timer, TCP_TIME_WAIT);
}

static __always_inline __u64 request_of(__u64 timer) {
    return owner(timer, layout.rsk_timer, TCP_NEW_SYN_RECV);
}

static __always_inline void identify(struct connection *connection, const struct trace_record *record) {
    connection->network_namespace = record->network_namespace;
    connection->local_port = record->local_port;
    connection->remote_port = record->remote_port;
    __builtin_memcpy(connection->local_address, record->local_address, 16);
    __builtin_memcpy(connection->remote_address, record->remote_address, 16);
}

// Tells how a known mini-socket differs from what was last seen of it, if it does.
static __always_inline void compare_mini_socket(struct mini_socket *known) {
    const __u64 expires = read___u64(known->object, layout.tw_timer + layout.timer_expires);
    const __u8 substate = read___u8(known->object, layout.tw_substate);
    if (expires == known->expires && substate == known->substate) return;
    struct trace_record record;
    describe(&record, known->object, TRACE_MINI_CHANGED);
    record.old_state = known->substate;
    record.new_state = substate;
    record.timer_set = expires != known->expires;
    known->expires = expires;
    known->substate = substate;
    emit(&record);
}

static __always_inline void mini_socket_timer_set(__u64 common) {
    struct trace_record record;
    describe(&record, common, TRACE_MINI_BEGUN);
    struct connection connection;
    identify(&connection, &record);
    struct mini_socket *known = bpf_map_lookup_elem(&mini_sockets, &connection);
    if (known && known->object == common) {
        known->cancelled = 0;
        compare_mini_socket(known);
        return;
    }
    struct mini_socket begun = {
        .object = common,
        .expires = read___u64(common, layout.tw_timer + layout.timer_expires),
        .substate = read___u8(common, layout.tw_substate),
    };
    if (bpf_map_update_elem(&mini_sockets, &connection, &begun, BPF_ANY) != 0) __sync_fetch_and_add(&lost, 1);
    record.new_state = begun.substate;
    emit(&record);
}

static __always_inline void mini_socket_timer_gone(__u64 common, __u8 kind) {
    struct trace_record record;
    describe(&record, common, kind);
    struct connection connection;
    identify(&connection, &record);
    record.old_state = read___u8(common, layout.tw_substate);
    record.new_state = record.old_state;
    struct mini_socket *known = bpf_map_lookup_elem(&mini_sockets, &connection);
    if (known && kind == TRACE_MINI_CANCELLED) known->cancelled = 1;
    if (known && kind == TRACE_MINI_EXPIRED) {
        const __u64 expires = read___u64(common, layout.tw_timer + layout.timer_expires);
        if (known->object == common && known->expires != expires) __sync_fetch_and_add(&lost, 1);
        bpf_map_delete_elem(&mini_sockets, &connection);
    }
    emit(&record);
}

static __always_inline int on_timer_start(struct bpf_raw_tracepoint_args *context) {
    const __u64 timer = context->args[0];
    const __u64 mini = mini_socket_of(timer);
    if (mini) {
        mini_socket_timer_set(mini);
        return 0;
    }
    const __u64 request = request_of(timer);
    if (!request) return 0;
    struct here *here = get_here();
    struct trace_record record;
    describe(&record, request, TRACE_REQUEST_BEGUN);
    if (here && here->expiring == timer) {
        here->expiring = 0;
    } else if (here && here->expiring != 0) {
        record.child = here->request.object;
    }
    emit(&record);
    return 0;
}
TRACE(on_timer_start, timer_start)

static __always_inline int on_timer_cancel(struct bpf_raw_tracepoint_args *context) {
    const __u64 timer = context->args[0];
    const __u64 mini = mini_socket_of(timer);
    if (mini) {
        mini_socket_timer_gone(mini, TRACE_MINI_CANCELLED);
        return 0;
    }
    const __u64 request = request_of(timer);
    if (!request) return 0;
    struct trace_record record;
    describe(&record, request, TRACE_REQUEST_UNLINKED);
    struct here *here = get_here();
    // Without a child this may also be a timer that fires in a moment: it is taken off the wheel with this tracepoint,
    // too (kernel/time/timer.c, expire_timers).
    if (here && here->child) {
        const __u64 child = here->child;
        if (read___u16(child, layout.skc_dport) == read___u16(request, layout.skc_dport) &&
            read___u16(child, layout.skc_num) == read___u16(request, layout.skc_num)) {
            record.child = child;
        }
        here->child = 0;
    }
    emit(&record);
    return 0;
}
TRACE(on_timer_cancel, timer_cancel)

static __always_inline int on_timer_expire_entry(struct bpf_raw_tracepoint_args *context) {
    const __u64 timer = context->args[0];
    const __u64 mini = mini_socket_of(timer);
    if (mini) {
        mini_socket_timer_gone(mini, TRACE_MINI_EXPIRED);
        return 0;
    }
    const __u64 request = request_of(timer);
    struct here *here = get_here();
    if (!request || !here) return 0;
    here->expiring = timer;
    describe(&here->request, request, TRACE_REQUEST_EXPIRED);
    return 0;
}
TRACE(on_timer_expire_entry, timer_expire_entry)

// The handler of a request socket's timer sets it again, or drops the request.
static __always_inline int on_timer_expire_exit(struct bpf_raw_tracepoint_args *context) {
    struct here *here = get_here();
    if (!here || here->expiring == 0 || here->expiring != context->args[0]) return 0;
    here->expiring = 0;
    emit(&here->request);
    return 0;
}
TRACE(on_timer_expire_exit, timer_expire_exit)

// The segment that met a mini-socket is freed with kfree_skb() as the last act, on every kernel: what it did to the
// mini-socket is done by now. This shows what the timer tracepoints hide: a timer set anew within one bucket of the
// timer wheel, and FIN_WAIT_2 becoming TIME_WAIT along with it.
static __always_inline int on_kfree_skb(struct bpf_raw_tracepoint_args *context) {
    const __u64 skb = context->args[0];
    struct connection connection = {};
    const __u64 device = read___u64(skb, layout.skb_dev);
    connection.network_namespace = read___u32(read___u64(device, layout.dev_net), layout.net_inode);
    if (!is_watched(connection.network_namespace)) return 0;
    const __u64 head = read___u64(skb, layout.skb_head);
    const __u64 ip = head + read___u16(skb, layout.skb_network_header);
    const __u64 tcp = head + read___u16(skb, layout.skb_transport_header);
    connection.remote_port = bpf_ntohs(read___u16(tcp, 0));
    connection.local_port = bpf_ntohs(read___u16(tcp, 2));
    if (read___u8(ip, 0) >> 4 == 4) {
        bpf_probe_read_kernel(connection.remote_address, 4, (const void *)(ip + 12));
        bpf_probe_read_kernel(connection.local_address, 4, (const void *)(ip + 16));
    } else {
        bpf_probe_read_kernel(connection.remote_address, 16, (const void *)(ip + 8));
        bpf_probe_read_kernel(connection.local_address, 16, (const void *)(ip + 24));
    }
    struct mini_socket *known = bpf_map_lookup_elem(&mini_sockets, &connection);
    if (known && !known->cancelled) compare_mini_socket(known);
    return 0;
}
TRACE(on_kfree_skb, kfree_skb)
