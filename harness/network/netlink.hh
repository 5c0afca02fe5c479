// Netlink requests to one namespace: messages and a socket over libnl's, with errors in the kernel's own words.
#pragma once

#include <netlink/netlink.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace tcpwitness {

// One request being built. `name` and `object` are what an error says: "RTM_NEWLINK", "veth client0".
class NetlinkMessage {
  public:
    NetlinkMessage(uint16_t type, uint16_t flags, std::string_view name, std::string object);
    // Takes over a message that a library built.
    NetlinkMessage(nl_msg* message, std::string_view name, std::string object);

    // The fixed header of the message's type, and attributes. All throw NetlinkError when the message is full.
    template <typename Header>
    void append(const Header& header) {
        static_assert(std::is_trivially_copyable_v<Header>);
        append_bytes(&header, sizeof header);
    }
    void put(int attribute, const void* data, size_t size);
    void put(int attribute, const std::string& text);  // with its terminating zero
    template <typename Number>
    requires std::is_arithmetic_v<Number>
    void put(int attribute, Number number) { put(attribute, &number, sizeof number); }
    // Everything that `content` puts becomes one nested attribute.
    void nest(int attribute, const std::function<void()>& content);

    nl_msg* get() const { return message_.get(); }
    const std::string& name() const { return name_; }
    const std::string& object() const { return object_; }

    void append_bytes(const void* data, size_t size);

  private:
    void check(int result) const;

    struct Free {
        void operator()(nl_msg* message) const;
    };
    std::unique_ptr<nl_msg, Free> message_;
    std::string name_;
    std::string object_;
};

// A netlink socket in the namespace that the calling thread is in when it is made.
class NetlinkSocket {
  public:
    // `protocol` is NETLINK_ROUTE (0) or another NETLINK_ number. Throws NetlinkError.
    explicit NetlinkSocket(int protocol = 0);

    int descriptor() const;  // good for interface ioctls of the socket's namespace, too

    using Take = std::function<void(const nlmsghdr&)>;

    // Sends the requests in one call and waits until the kernel has done them all, in order. Throws NetlinkError of the
    // first one that was refused, with the kernel's extended-ack text; those after it were carried out all the same.
    // Notifications that arrive meanwhile go to `notice`.
    void request(std::span<NetlinkMessage> messages, const Take& notice = {});
    void request(NetlinkMessage message, const Take& notice = {}) { request(std::span(&message, 1), notice); }

    // Sends a request and gives every message of its answer to `take`, and notifications that arrive meanwhile to
    // `notice`. Throws NetlinkError.
    void query(NetlinkMessage message, const Take& take, const Take& notice = {});

    // Hears the notifications of a group (RTNLGRP_LINK) from now on, or no more.
    void join(int group);
    void leave(int group);
    // Gives every message that arrives to `take` until it returns true. Throws NetlinkError ETIMEDOUT naming `awaited`
    // when `deadline` has passed.
    void listen(const std::function<bool(const nlmsghdr&)>& take, std::chrono::milliseconds deadline,
                const std::string& awaited);

  private:
    void send(std::span<NetlinkMessage> messages);
    // Gives the messages of the next datagram to `take`.
    void receive(const Take& take, const std::string& object);

    struct Free {
        void operator()(nl_sock* socket) const;
    };
    std::unique_ptr<nl_sock, Free> socket_;
    std::vector<unsigned char> buffer_;
};

// The kernel's extended-ack text in an NLMSG_ERROR message (NLMSGERR_ATTR_MSG), or empty.
std::string extended_ack_text(const nlmsghdr& header);

}  // namespace tcpwitness
