#include "control/message.hh"

#include "base/json.hh"

namespace tcpwitness {

TCPWITNESS_JSON(CallRequest, id, function, arguments, makes, detached)
TCPWITNESS_JSON(SocketFacts, name, cookie, local, remote)
TCPWITNESS_JSON(CallReply, id, pending, began, ended, result, error_number, output, socket, wrong_byte, bytes, refused)

namespace {

// Texts that a kernel or a program gave may hold anything: bytes that are not UTF-8 are replaced, not refused.
template <typename Message>
std::string write_message(const Message& message) {
    return nlohmann::json(message).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

template <typename Message>
Message read_message(const std::string& text, const char* what) {
    try {
        return nlohmann::json::parse(text).get<Message>();
    } catch (const nlohmann::json::exception& error) {
        throw Error(std::string("not a ") + what + ": " + error.what());
    }
}

}  // namespace

std::string to_wire(const CallRequest& request) {
    return write_message(request);
}

std::string to_wire(const CallReply& reply) {
    return write_message(reply);
}

CallRequest call_request_from_wire(const std::string& text) {
    return read_message<CallRequest>(text, "call request");
}

CallReply call_reply_from_wire(const std::string& text) {
    return read_message<CallReply>(text, "call reply");
}

}  // namespace tcpwitness
