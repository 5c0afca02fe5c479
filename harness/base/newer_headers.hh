// Numbers of the socket API that Debian 12's headers (glibc 2.36, Linux 6.1) do not have yet or keep out of
// <netinet/*.h>. From include/uapi of Linux 6.18 and 7.x; a kernel without one answers ENOPROTOOPT.
#pragma once

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#ifndef SO_TIMESTAMP_NEW
#define SO_TIMESTAMP_NEW 63
#define SO_TIMESTAMPNS_NEW 64
#define SO_TIMESTAMPING_NEW 65
#define SO_RCVTIMEO_NEW 66
#define SO_SNDTIMEO_NEW 67
#endif
#ifndef SO_PASSPIDFD  // 6.5
#define SO_PASSPIDFD 76
#define SO_PEERPIDFD 77
#endif
#ifndef SO_DEVMEM_LINEAR  // 6.12
#define SO_DEVMEM_LINEAR 78
#define SO_DEVMEM_DMABUF 79
#define SO_DEVMEM_DONTNEED 80
#endif
#ifndef SO_RCVPRIORITY  // 6.14
#define SO_RCVPRIORITY 82
#endif
#ifndef SO_PASSRIGHTS  // 6.16
#define SO_PASSRIGHTS 83
#endif
#ifndef SO_INQ  // after 6.18
#define SO_INQ 84
#endif
#ifndef IP_LOCAL_PORT_RANGE  // 6.3
#define IP_LOCAL_PORT_RANGE 51
#endif
#ifndef IP_PROTOCOL
#define IP_PROTOCOL 52
#endif
#ifndef SO_ORIGINAL_DST  // <linux/netfilter_ipv4.h>
#define SO_ORIGINAL_DST 80
#endif
#ifndef IP6T_SO_ORIGINAL_DST  // <linux/netfilter_ipv6/ip6_tables.h>
#define IP6T_SO_ORIGINAL_DST 80
#endif
#ifndef IPV6_FLOWINFO  // <linux/in6.h>
#define IPV6_FLOWINFO 11
#define IPV6_FLOWLABEL_MGR 32
#define IPV6_FLOWINFO_SEND 33
#endif
#ifndef TCP_AO_ADD_KEY  // 6.7
#define TCP_AO_ADD_KEY 38
#define TCP_AO_DEL_KEY 39
#define TCP_AO_INFO 40
#define TCP_AO_GET_KEYS 41
#define TCP_AO_REPAIR 42
#endif
#ifndef TCP_IS_MPTCP  // 6.9
#define TCP_IS_MPTCP 43
#endif
#ifndef TCP_RTO_MAX_MS  // 6.15
#define TCP_RTO_MAX_MS 44
#endif
#ifndef TCP_RTO_MIN_US  // 6.15
#define TCP_RTO_MIN_US 45
#define TCP_DELACK_MAX_US 46
#endif
#ifndef MSG_SOCK_DEVMEM  // 6.12
#define MSG_SOCK_DEVMEM 0x2000000
#endif
