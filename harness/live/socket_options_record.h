/* What the iterator in socket_options.bpf.c writes for each socket, and kernel_options.cc reads. */
#ifndef TCPWITNESS_SOCKET_OPTIONS_RECORD_H
#define TCPWITNESS_SOCKET_OPTIONS_RECORD_H

#include <linux/types.h>

struct socket_options_record {
    __u64 cookie;
    __u8 reuse_address;
    __u8 reuse_port;
    __u8 v6_only;
    __u8 unused[5];
};

#endif
