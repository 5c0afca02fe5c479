#include "report/paragraphs.hh"

#include <fmt/core.h>

namespace tcpwitness {

void Paragraphs::put(int column, const std::string& words, Tone tone) {
    for (const std::string& part : wrap(words, style_.width - column, style_.utf8)) {
        Line line(style_);
        line.put(column, part, tone);
        text_ += line.text();
    }
}

void Paragraphs::put(int name_column, const std::string& name, int column, const std::string& words, Tone tone) {
    bool first = true;
    for (const std::string& part : wrap(words, style_.width - column, style_.utf8)) {
        Line line(style_);
        if (first) line.put(name_column, fit(name, column - name_column - 1, style_.utf8), tone);
        line.put(column, part, tone);
        text_ += line.text();
        first = false;
    }
}

void Paragraphs::empty() {
    text_ += "\n";
}

std::string counted(size_t count, const std::string& noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

}  // namespace tcpwitness
