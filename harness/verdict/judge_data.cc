// Whether the bytes that a program wrote came to the other as they were written. The receiving actor checked them.
#include <fmt/core.h>

#include <algorithm>

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

const DataFlow* flow_of(const Story& story, const SocketReference& socket) {
    const auto& flows = story.timeline.data;
    const auto flow = std::find_if(flows.begin(), flows.end(), [&socket](const DataFlow& each) {
        return each.program == socket.program && each.socket == socket.name;
    });
    return flow == flows.end() ? nullptr : &*flow;
}

// What went one way.
struct Transfer {
    int64_t sent = 0;
    int64_t received = 0;
    std::optional<int64_t> wrong;
};

Transfer transfer_of(const DataFlow* sender, const DataFlow* receiver) {
    Transfer transfer;
    if (sender != nullptr) transfer.sent = sender->bytes_sent;
    if (receiver != nullptr) transfer.received = receiver->bytes_received;
    if (receiver != nullptr) transfer.wrong = receiver->first_wrong_byte;
    return transfer;
}

std::string difference(const std::string& from, const std::string& to, const Transfer& transfer) {
    if (transfer.wrong) return fmt::format("byte {} that {} received is not what {} sent", *transfer.wrong, to, from);
    if (transfer.received != transfer.sent) {
        return fmt::format("{} received {} of the {} bytes that {} sent", to, transfer.received, transfer.sent, from);
    }
    if (transfer.sent == 0) return fmt::format("{} sent no bytes, so nothing was checked", from);
    return {};
}

std::string observed_text(const Transfer& transfer) {
    const std::string text = fmt::format("{} bytes sent, {} received", transfer.sent, transfer.received);
    return transfer.wrong ? fmt::format("{}, byte {} wrong", text, *transfer.wrong) : text;
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
    const Transfer transfer = transfer_of(flow_of(story, expectation.from), flow_of(story, expectation.to));
    finding.observed = observed_text(transfer);
    finding.message = are_strangers(socket_of(story, expectation.from), socket_of(story, expectation.to))
                          ? fmt::format("{} and {} are not the two ends of one connection", from, to)
                          : difference(from, to, transfer);
    finding.holds = finding.message.empty();
    return finding;
}

}  // namespace tcpwitness
