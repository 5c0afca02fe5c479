#include "base/diagnostics.hh"

#include <fmt/core.h>

#include <algorithm>
#include <numeric>

namespace tcpwitness {

std::string to_string(const SourcePosition& position) {
    if (position.line == 0) return position.file;
    return fmt::format("{}:{}:{}", position.file, position.line, position.column);
}

void Diagnostics::add(SourcePosition position, std::string message, std::string hint) {
    Diagnostic entry{std::move(position), std::move(message), std::move(hint)};
    if (std::find(entries_.begin(), entries_.end(), entry) == entries_.end()) entries_.push_back(std::move(entry));
}

std::string Diagnostics::to_text() const {
    std::vector<Diagnostic> sorted = entries_;
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const Diagnostic& a, const Diagnostic& b) { return a.position < b.position; });
    std::string text;
    for (const Diagnostic& entry : sorted) {
        text += fmt::format("{}: error: {}\n", to_string(entry.position), entry.message);
        if (!entry.hint.empty()) text += fmt::format("    {}\n", entry.hint);
    }
    return text;
}

namespace {

size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), size_t{0});
    for (size_t i = 1; i <= a.size(); ++i) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.size(); ++j) {
            const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
        }
    }
    return row[b.size()];
}

}  // namespace

std::string nearest_word(std::string_view word, const std::vector<std::string>& candidates) {
    std::string best;
    size_t best_distance = std::max<size_t>(1, word.size() / 3) + 1;
    for (const std::string& candidate : candidates) {
        const size_t distance = edit_distance(word, candidate);
        if (distance < best_distance) {
            best_distance = distance;
            best = candidate;
        }
    }
    return best;
}

}  // namespace tcpwitness
