#include "guest/qmp_client.hh"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "base/error.hh"

namespace tcpwitness::guest {
namespace {

using nlohmann::json;

bool send_line(int socket, std::string& line, int descriptor) {
    iovec bytes{.iov_base = line.data(), .iov_len = line.size()};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof descriptor)] = {};
    msghdr message{};
    message.msg_iov = &bytes;
    message.msg_iovlen = 1;
    if (descriptor >= 0) {
        message.msg_control = control;
        message.msg_controllen = sizeof control;
        cmsghdr* rights = CMSG_FIRSTHDR(&message);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(sizeof descriptor);
        std::memcpy(CMSG_DATA(rights), &descriptor, sizeof descriptor);
    }
    return sendmsg(socket, &message, MSG_NOSIGNAL) == static_cast<ssize_t>(line.size());
}

}  // namespace

std::optional<json> QmpClient::next_message(Deadline deadline) {
    for (;;) {
        const size_t end = received_.find('\n');
        if (end != std::string::npos) {
            const json message = json::parse(received_.substr(0, end));
            received_.erase(0, end + 1);
            return message;
        }
        if (!wait_readable(socket_.get(), deadline, "QMP socket")) return std::nullopt;
        char chunk[4096];
        const ssize_t got = recv(socket_.get(), chunk, sizeof chunk, 0);
        if (got == 0 || (got < 0 && errno != EINTR)) return std::nullopt;  // QEMU has gone
        if (got > 0) received_.append(chunk, static_cast<size_t>(got));
    }
}

bool QmpClient::greet(Deadline deadline) {
    if (!next_message(deadline)) return false;
    try {
        execute("qmp_capabilities", json::object(), deadline);
        return true;
    } catch (const Error&) {
        return false;
    }
}

json QmpClient::execute(std::string_view command, const json& arguments, Deadline deadline) {
    return exchange(command, arguments, -1, deadline);
}

void QmpClient::give_descriptor(const std::string& name, int descriptor, Deadline deadline) {
    exchange("getfd", {{"fdname", name}}, descriptor, deadline);
}

void QmpClient::send(std::string_view command) { send(command, json::object(), -1); }

void QmpClient::send(std::string_view command, const json& arguments, int descriptor) {
    std::string line = json{{"execute", command}, {"arguments", arguments}}.dump() + "\n";
    if (!send_line(socket_.get(), line, descriptor)) throw Error(fmt::format("QEMU: {}: it has ended", command));
}

json QmpClient::exchange(std::string_view command, const json& arguments, int descriptor, Deadline deadline) {
    send(command, arguments, descriptor);
    while (std::optional<json> message = next_message(deadline)) {
        if (message->contains("event")) {
            events_.push_back(std::move(*message));
        } else if (message->contains("error")) {
            throw Error(fmt::format("QEMU: {}: {}", command, message->at("error").value("desc", "refused")));
        } else {
            return message->value("return", json::object());
        }
    }
    throw Error(fmt::format("QEMU: {}: no answer", command));
}

std::optional<json> QmpClient::wait_event(std::initializer_list<std::string_view> names, Deadline deadline) {
    const auto wanted = [&](const json& event) {
        return std::find(names.begin(), names.end(), event.at("event").get<std::string>()) != names.end();
    };
    for (;;) {
        const auto found = std::find_if(events_.begin(), events_.end(), wanted);
        if (found != events_.end()) {
            json event = std::move(*found);
            events_.erase(found);
            return event;
        }
        std::optional<json> message = next_message(deadline);
        if (!message) return std::nullopt;
        if (message->contains("event")) events_.push_back(std::move(*message));
    }
}

}  // namespace tcpwitness::guest
