// Whether the bytes that a program wrote came to the other as they were written. The receiving actor checked them.
#include <fmt/core.h>

#include "verdict/judge.hh"

namespace tcpwitness {
namespace {

const Socket* socket_of(const Story& story, const SocketReference& reference) {
    const std::vector<int> meant = sockets_meant(story, reference);
    for (const Socket& socket : story.timeline.sockets) {
        if (!meant.empty() && socket.index == meant.back()) return &socket;
    }
    return nullptr;
}

// Both are known and they are not the two ends of one connection.
bool are_strangers(const Socket* a, const Socket* b) {
    if (a == nullptr || b == nullptr || !a->remote || !b->remote) return false;
    const auto same = [](const SocketAddress& x, const SocketAddress& y) {
        return x.port == y.port && x.ip.unmapped() == y.ip.unmapped();
    };
    return !same(a->local, *b->remote) || !same(b->local, *a->remote);
}

// The two ends of a stream as their programs counted them.
struct Stream {
    int64_t sent = 0;
    int64_t received = 0;
    std::optional<int64_t> first_wrong_byte;
};

const DataFlow* flow_of(const Story& story, const SocketReference& socket) {
    for (const DataFlow& flow : story.timeline.data) {
        if (flow.program == socket.program && flow.socket == socket.name) return &flow;
    }
    return nullptr;
}

std::string difference(const std::string& from, const std::string& to, const Stream& stream) {
    if (stream.first_wrong_byte) {
        return fmt::format("byte {} that {} received is not what {} sent", *stream.first_wrong_byte, to, from);
    }
    if (stream.received != stream.sent) {
        return fmt::format("{} received {} of the {} bytes that {} sent", to, stream.received, stream.sent, from);
    }
    if (stream.sent == 0) return fmt::format("{} sent no bytes, so nothing was checked", from);
    return {};
}

std::string observed_text(const Stream& stream) {
    const std::string text = fmt::format("{} bytes sent, {} received", stream.sent, stream.received);
    return stream.first_wrong_byte ? fmt::format("{}, byte {} wrong", text, *stream.first_wrong_byte) : text;
}

// The calls that moved the bytes.
std::vector<size_t> evidence_of(const Story& story, const DataExpectation& expectation) {
    std::vector<size_t> events;
    for (size_t i = 0; i < story.length; ++i) {
        const auto* call = story.event<Call>(i);
        if (call == nullptr) continue;
        const auto about = [&call](const SocketReference& socket, const char* function) {
            const std::string beginning = fmt::format("{}({}", function, socket.name);
            return call->program == socket.program && call->text.rfind(beginning, 0) == 0;
        };
        if (about(expectation.from, "send") || about(expectation.to, "recv")) events.push_back(i);
    }
    return events;
}

}  // namespace

Finding judge(const Story& story, const DataExpectation& expectation) {
    const std::string from = to_string(expectation.from);
    const std::string to = to_string(expectation.to);
    Finding finding = failed("data", expectation.source, {});
    finding.expected = "intact";
    finding.evidence = evidence_of(story, expectation);
    const DataFlow* sender = flow_of(story, expectation.from);
    const DataFlow* receiver = flow_of(story, expectation.to);
    if (are_strangers(socket_of(story, expectation.from), socket_of(story, expectation.to))) {
        finding.message = fmt::format("{} and {} are not the two ends of one connection", from, to);
    } else if (sender == nullptr || receiver == nullptr) {
        finding.message = fmt::format("no bytes from {} to {} were seen", from, to);
        finding.observed = "no bytes";
    } else {
        const Stream stream{sender->bytes_sent, receiver->bytes_received, receiver->first_wrong_byte};
        finding.message = difference(from, to, stream);
        finding.observed = observed_text(stream);
    }
    finding.holds = finding.message.empty();
    return finding;
}

}  // namespace tcpwitness
