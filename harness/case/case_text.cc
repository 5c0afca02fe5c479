#include "case/case_text.hh"

#include <algorithm>
#include <cstddef>

namespace tcpwitness {
namespace {

bool is_blank(char letter) {
    return letter == ' ' || letter == '\t' || letter == '\n' || letter == '\r';
}

bool starts_character(char byte) {
    return (static_cast<unsigned char>(byte) & 0xc0) != 0x80;
}

}  // namespace

CaseText::CaseText(std::string_view text, const SourcePosition& start, bool runs_along) : text_(text), start_(start) {
    columns_.reserve(text.size());
    int column = start.column - 1;
    for (const char byte : text) {
        if (starts_character(byte)) ++column;
        columns_.push_back(runs_along ? std::max(column, 1) : start.column);
    }
}

SourcePosition CaseText::at(size_t offset) const {
    SourcePosition position = start_;
    if (offset < columns_.size()) {
        position.column = columns_[offset];
    } else if (!columns_.empty()) {
        const bool runs_along = columns_.back() != columns_.front() || columns_.size() == 1;
        position.column = columns_.back() + (runs_along ? 1 : 0);
    }
    return position;
}

CaseText CaseText::part(size_t offset, size_t count) const {
    size_t first = std::min(offset, text_.size());
    size_t last = count > text_.size() - first ? text_.size() : first + count;
    while (first < last && is_blank(text_[first])) ++first;
    while (last > first && is_blank(text_[last - 1])) --last;
    CaseText result;
    result.start_ = at(first);
    result.text_ = text_.substr(first, last - first);
    result.columns_.assign(columns_.begin() + static_cast<std::ptrdiff_t>(first),
                           columns_.begin() + static_cast<std::ptrdiff_t>(last));
    return result;
}

void CaseText::append(std::string_view text, int column) {
    text_ += text;
    columns_.insert(columns_.end(), text.size(), column);
}

}  // namespace tcpwitness
