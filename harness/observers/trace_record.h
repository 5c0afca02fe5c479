/* What the state tracer's BPF programs tell the harness: one record for each change. Shared by BPF C and C++. */
#ifndef TCPWITNESS_TRACE_RECORD_H
#define TCPWITNESS_TRACE_RECORD_H

#include <linux/types.h>

enum trace_kind {
    TRACE_STATE = 1,         /* a full socket changed its state: sock:inet_sock_set_state */
    TRACE_SOCKET_GONE,       /* a full socket's memory is about to be freed: tcp:tcp_destroy_sock */
    TRACE_REQUEST_BEGUN,     /* the timer of a request socket was set: a new one, or one that repeated its SYN ACK;
                                `child`: the one whose place it takes, at another listener (tcp_migrate_req) */
    TRACE_REQUEST_UNLINKED,  /* its timer was taken out; `child` is the full socket that it became. 0: it ends, or its
                                timer fires in a moment */
    TRACE_REQUEST_EXPIRED,   /* its timer fired and was not set again: it ends */
    TRACE_MINI_BEGUN,        /* a full socket became a mini-socket */
    TRACE_MINI_CHANGED,      /* a mini-socket's substate changed, or its timer was set anew */
    TRACE_MINI_CANCELLED,    /* a mini-socket's timer was taken out: it ends, or is set anew in the next record */
    TRACE_MINI_EXPIRED,      /* a mini-socket's timer fired */
};

/* In every record `at` is CLOCK_MONOTONIC in ns, the ports are in host order, the addresses in network order. */
struct trace_record {
    __u64 at;
    __u64 object; /* the kernel's address of the socket, request socket or mini-socket */
    __u64 child;  /* TRACE_REQUEST_BEGUN and TRACE_REQUEST_UNLINKED: another object */
    __u64 cookie; /* 0 when nobody asked for it yet */
    __u32 network_namespace;
    __u8 kind;
    __u8 family;
    __u8 old_state; /* the kernel's numbers; TRACE_MINI_*: the substate before and now */
    __u8 new_state;
    __u16 local_port;
    __u16 remote_port;
    __u8 was_hashed; /* TRACE_STATE: a listener had been made known to the network (it was not a listen() that failed) */
    __u8 timer_set;  /* TRACE_MINI_CHANGED: the timer was set to another time */
    __u8 unused[2];
    __u8 local_address[16];
    __u8 remote_address[16];
};

/* Where the running kernel keeps what the programs read: byte offsets, taken from its BTF before the programs load. */
struct kernel_layout {
    __u32 skc_daddr;
    __u32 skc_rcv_saddr;
    __u32 skc_dport;
    __u32 skc_num;
    __u32 skc_family;
    __u32 skc_state;
    __u32 skc_prot;
    __u32 skc_net;
    __u32 skc_v6_daddr;
    __u32 skc_v6_rcv_saddr;
    __u32 skc_cookie;
    __u32 skc_flags;
    __u32 sk_protocol;
    __u32 tw_substate;
    __u32 tw_timer;
    __u32 rsk_timer;
    __u32 timer_expires;
    __u32 net_inode;
    __u32 skb_dev;
    __u32 skb_head;
    __u32 skb_transport_header;
    __u32 skb_network_header;
    __u32 dev_net;
    __u32 rcu_free_bit; /* SOCK_RCU_FREE of enum sock_flags, a bit number in skc_flags */
};

#endif
