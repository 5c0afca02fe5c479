#include "network/netlink.hh"

#include <fmt/core.h>
#include <linux/netlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/socket.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <chrono>
#include <optional>

#include "base/error.hh"

namespace tcpwitness {
namespace {

// The kernel fills at most 32 KiB at a time (NLMSG_GOODSIZE and netlink_recvmsg's max_recvmsg_len).
constexpr size_t kLongestAnswer = 65536;

// libnl has error numbers of its own; these are the ones that a socket or a full message can give.
int errno_of(int libnl_error) {
    switch (-libnl_error) {
        case NLE_NOMEM:
            return ENOBUFS;
        case NLE_PERM:
            return EPERM;
        case NLE_NOACCESS:
            return EACCES;
        case NLE_BAD_SOCK:
            return EBADF;
        case NLE_AF_NOSUPPORT:
            return EAFNOSUPPORT;
        case NLE_AGAIN:
            return EAGAIN;
        case NLE_INTR:
            return EINTR;
        case NLE_MSG_TRUNC:
            return EMSGSIZE;
        default:
            return EINVAL;
    }
}

void check_libnl(int result, std::string_view call, std::string_view object) {
    if (result < 0) throw NetlinkError(call, object, errno_of(result), nl_geterror(result));
}

uint32_t sequence_of(const NetlinkMessage& message) {
    return nlmsg_hdr(message.get())->nlmsg_seq;
}

// The error in an NLMSG_ERROR message; nothing when it is an acknowledgment.
std::optional<NetlinkError> refusal_in(const nlmsghdr& header, const NetlinkMessage& message) {
    const auto* answer = static_cast<const nlmsgerr*>(nlmsg_data(&header));
    if (answer->error == 0) return std::nullopt;
    return NetlinkError(message.name(), message.object(), -answer->error, extended_ack_text(header));
}

}  // namespace

void NetlinkMessage::Free::operator()(nl_msg* message) const {
    nlmsg_free(message);
}

NetlinkMessage::NetlinkMessage(uint16_t type, uint16_t flags, std::string_view name, std::string object)
    : NetlinkMessage(nlmsg_alloc_simple(type, flags), name, std::move(object)) {}

NetlinkMessage::NetlinkMessage(nl_msg* message, std::string_view name, std::string object)
    : message_(message), name_(name), object_(std::move(object)) {
    if (message == nullptr) throw NetlinkError(name_, object_, ENOMEM, "no memory for the message");
}

void NetlinkMessage::check(int result) const {
    check_libnl(result, name_, object_);
}

void NetlinkMessage::append_bytes(const void* data, size_t size) {
    check(nlmsg_append(get(), const_cast<void*>(data), size, NLMSG_ALIGNTO));
}

void NetlinkMessage::put(int attribute, const void* data, size_t size) {
    check(nla_put(get(), attribute, static_cast<int>(size), data));
}

void NetlinkMessage::put(int attribute, const std::string& text) {
    check(nla_put_string(get(), attribute, text.c_str()));
}

void NetlinkMessage::nest(int attribute, const std::function<void()>& content) {
    nlattr* start = nla_nest_start(get(), attribute);
    if (start == nullptr) check(-NLE_NOMEM);
    content();
    check(nla_nest_end_keep_empty(get(), start));
}

void NetlinkSocket::Free::operator()(nl_sock* socket) const {
    nl_socket_free(socket);
}

NetlinkSocket::NetlinkSocket(int protocol) : socket_(nl_socket_alloc()), buffer_(kLongestAnswer) {
    const std::string object =
        protocol == NETLINK_ROUTE ? "NETLINK_ROUTE" : "netlink protocol " + std::to_string(protocol);
    if (!socket_) throw NetlinkError("socket", object, ENOMEM);
    check_libnl(nl_connect(socket_.get(), protocol), "socket", object);
    nl_socket_disable_auto_ack(socket_.get());
    const int on = 1;
    // Since Linux 4.12. Refusals then come with words, and without a copy of the request.
    check_system(setsockopt(descriptor(), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on), "setsockopt",
                 "NETLINK_EXT_ACK");
    check_system(setsockopt(descriptor(), SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on), "setsockopt",
                 "NETLINK_CAP_ACK");
}

int NetlinkSocket::descriptor() const {
    return nl_socket_get_fd(socket_.get());
}

void NetlinkSocket::receive(const Take& take, const std::string& object) {
    ssize_t length = 0;
    do {
        length = recv(descriptor(), buffer_.data(), buffer_.size(), MSG_TRUNC);
    } while (length < 0 && errno == EINTR);
    check_system(length, "recv of netlink answer about", object);
    if (static_cast<size_t>(length) > buffer_.size())
        throw SystemError("recv of netlink answer about", object, EMSGSIZE);
    const auto* header = reinterpret_cast<const nlmsghdr*>(buffer_.data());
    for (int left = static_cast<int>(length); nlmsg_ok(header, left);
         header = nlmsg_next(const_cast<nlmsghdr*>(header), &left)) {
        take(*header);
    }
}

void NetlinkSocket::send(std::span<NetlinkMessage> messages) {
    std::vector<iovec> parts;
    for (const NetlinkMessage& message : messages) {
        nl_complete_msg(socket_.get(), message.get());
        nlmsghdr* header = nlmsg_hdr(message.get());
        parts.push_back({header, header->nlmsg_len});
    }
    sockaddr_nl kernel{};
    kernel.nl_family = AF_NETLINK;
    msghdr envelope{};
    envelope.msg_name = &kernel;
    envelope.msg_namelen = sizeof kernel;
    envelope.msg_iov = parts.data();
    envelope.msg_iovlen = parts.size();
    check_system(sendmsg(descriptor(), &envelope, 0), "sendmsg", messages.front().name());
}

void NetlinkSocket::request(std::span<NetlinkMessage> messages, const Take& notice) {
    if (messages.empty()) return;
    // A refusal is always answered; an acknowledgment only of the last is enough to know that all are done.
    nlmsg_hdr(messages.back().get())->nlmsg_flags |= NLM_F_ACK;
    send(messages);
    std::optional<NetlinkError> refusal;
    for (bool done = false; !done;) {
        receive(
            [&](const nlmsghdr& header) {
                if (header.nlmsg_type != NLMSG_ERROR && notice) notice(header);
                for (const NetlinkMessage& message : messages) {
                    if (header.nlmsg_type != NLMSG_ERROR || header.nlmsg_seq != sequence_of(message)) continue;
                    if (!refusal) refusal = refusal_in(header, message);
                    done = done || &message == &messages.back();
                }
            },
            messages.back().object());
    }
    if (refusal) throw *refusal;
}

void NetlinkSocket::query(NetlinkMessage message, const Take& take, const Take& notice) {
    nlmsg_hdr(message.get())->nlmsg_flags |= NLM_F_ACK;
    send(std::span(&message, 1));
    std::optional<NetlinkError> refusal;
    for (bool done = false; !done;) {
        receive(
            [&](const nlmsghdr& header) {
                const bool answers = header.nlmsg_seq == sequence_of(message);
                if (!answers && notice) notice(header);
                if (!answers) return;
                done = header.nlmsg_type == NLMSG_ERROR || header.nlmsg_type == NLMSG_DONE;
                if (header.nlmsg_type == NLMSG_ERROR) refusal = refusal_in(header, message);
                if (!done) take(header);
            },
            message.object());
    }
    if (refusal) throw *refusal;
}

void NetlinkSocket::join(int group) {
    check_libnl(nl_socket_add_membership(socket_.get(), group), "join netlink group", std::to_string(group));
}

void NetlinkSocket::leave(int group) {
    check_libnl(nl_socket_drop_membership(socket_.get(), group), "leave netlink group", std::to_string(group));
}

void NetlinkSocket::listen(const std::function<bool(const nlmsghdr&)>& take, std::chrono::milliseconds deadline,
                           const std::string& awaited) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    for (bool done = false; !done;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        pollfd waiting{descriptor(), POLLIN, 0};
        const int ready = left.count() <= 0 ? 0 : poll(&waiting, 1, static_cast<int>(left.count()));
        if (ready < 0 && errno == EINTR) continue;
        check_system(ready, "poll", awaited);
        if (ready == 0) throw NetlinkError("wait for", awaited, ETIMEDOUT);
        receive([&](const nlmsghdr& header) { done = done || take(header); }, awaited);
    }
}

std::string extended_ack_text(const nlmsghdr& header) {
    if (header.nlmsg_type != NLMSG_ERROR || (header.nlmsg_flags & NLM_F_ACK_TLVS) == 0) return {};
    const auto* answer = static_cast<const nlmsgerr*>(nlmsg_data(&header));
    // The refused request comes back behind the error code: only its header with NETLINK_CAP_ACK, else all of it.
    int before = static_cast<int>(sizeof *answer);
    if ((header.nlmsg_flags & NLM_F_CAPPED) == 0)
        before += static_cast<int>(answer->msg.nlmsg_len - sizeof answer->msg);
    if (before > nlmsg_datalen(&header)) return {};
    const nlattr* text = nlmsg_find_attr(const_cast<nlmsghdr*>(&header), before, NLMSGERR_ATTR_MSG);
    if (text == nullptr) return {};
    const std::string_view bytes(static_cast<const char*>(nla_data(text)), static_cast<size_t>(nla_len(text)));
    return std::string(bytes.substr(0, bytes.find('\0')));
}

}  // namespace tcpwitness
