#include "case/scope.hh"

#include <fmt/core.h>

#include <algorithm>

#include "case/text_scanner.hh"

namespace tcpwitness {
namespace {


}  // namespace

std::vector<std::string> Scope::host_names() const {
    std::vector<std::string> names{"client", "server"};
    if (!direct_) names.emplace_back("path");
    return names;
}

std::vector<std::string> Scope::program_names() const {
    std::vector<std::string> names;
    for (const CaseProgram& each : programs_) names.push_back(each.name);
    return names;
}

const CaseProgram* Scope::find_program(const std::string& name) const {
    const auto found =
        std::find_if(programs_.begin(), programs_.end(), [&](const CaseProgram& each) { return each.name == name; });
    return found == programs_.end() ? nullptr : &*found;
}

bool Scope::has_host(const std::string& name) const {
    const std::vector<std::string> names = host_names();
    return std::find(names.begin(), names.end(), name) != names.end();
}

const CaseProgram* Scope::program(const CaseText& name) {
    const CaseProgram* found = find_program(name.text());
    if (found == nullptr) add_unknown(diagnostics_, name.at(0), "program", name.text(), program_names());
    return found;
}

std::optional<std::string> Scope::host(const CaseText& name) {
    if (has_host(name.text())) return name.text();
    if (const CaseProgram* found = find_program(name.text())) return found->host;
    if (name.text() == "path") {
        diagnostics_.add(name.at(0), "there is no host 'path' in the topology 'direct'");
        return std::nullopt;
    }
    std::vector<std::string> names = host_names();
    for (const CaseProgram& each : programs_) {
        if (std::find(names.begin(), names.end(), each.name) == names.end()) names.push_back(each.name);
    }
    add_unknown(diagnostics_, name.at(0), "host or program", name.text(), names);
    return std::nullopt;
}

bool Scope::socket(const std::string& program, const CaseText& name) {
    const std::vector<std::string>& made = sockets_[program];
    if (std::find(made.begin(), made.end(), name.text()) != made.end()) return true;
    constexpr size_t kTellingName = 3;  // every name of one or two letters is near to every other
    const std::string near = name.text().size() < kTellingName ? "" : nearest_word(name.text(), made);
    std::string hint;
    if (!near.empty()) {
        hint = fmt::format("did you mean '{}'?", near);
    } else if (!made.empty()) {
        hint = fmt::format("it has made {}", join_words(made));
    } else {
        hint = fmt::format("a socket is named by the step that makes it: {} = socket()", name.text());
    }
    diagnostics_.add(
        name.at(0),
        fmt::format("no step{} makes a socket '{}' of {}", in_steps_ ? " before this one" : "", name.text(), program),
        hint);
    return false;
}

bool Scope::some_socket(const std::string& name) const {
    return std::any_of(sockets_.begin(), sockets_.end(), [&](const auto& made) {
        return std::find(made.second.begin(), made.second.end(), name) != made.second.end();
    });
}

std::optional<SocketReference> Scope::socket_reference(const CaseText& text) {
    const std::vector<CaseText> words = split_words(text);
    if (words.size() != 2) {
        diagnostics_.add(text.at(0), fmt::format("'{}' names no socket", text.text()),
                         "write a program and its socket, 'client c', or a host and a port, 'server :7000'");
        return std::nullopt;
    }
    const std::string& second = words[1].text();
    if (second.starts_with(':')) {
        const std::optional<std::string> owner = host(words[0]);
        if (second == ":*") return owner ? std::optional(SocketReference{.host = *owner, .port = kAnyPort}) : std::nullopt;
        const std::optional<int64_t> port = parse_integer(std::string_view(second).substr(1));
        if (!port || *port < 1 || *port > kHighestPort) {
            diagnostics_.add(words[1].at(0), fmt::format("'{}' is not a port", second),
                             "ports are :1 to :65535, and :* is any");
            return std::nullopt;
        }
        if (!owner) return std::nullopt;
        return SocketReference{.host = *owner, .port = static_cast<uint16_t>(*port)};
    }
    const CaseProgram* owner = program(words[0]);
    if (owner == nullptr || !socket(owner->name, words[1])) return std::nullopt;
    return SocketReference{.host = owner->host, .program = owner->name, .name = second};
}

bool Scope::make_socket(const std::string& program, const std::string& name) {
    std::vector<std::string>& made = sockets_[program];
    if (std::find(made.begin(), made.end(), name) == made.end()) made.push_back(name);
    return open_[program].insert(name).second;
}

bool Scope::finish_call(const OpenCall& call) {
    const auto found = std::find_if(open_calls_.begin(), open_calls_.end(), [&](const OpenCall& each) {
        return each.program == call.program && each.function == call.function && each.socket == call.socket;
    });
    if (found == open_calls_.end()) return false;
    open_calls_.erase(found);
    return true;
}

}  // namespace tcpwitness
