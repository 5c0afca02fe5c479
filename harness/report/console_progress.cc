#include <fmt/core.h>

#include <algorithm>

#include "report/console.hh"
#include "report/failure_text.hh"
#include "report/progress_line.hh"

namespace tcpwitness {

ConsoleProgress::ConsoleProgress(const Style& style, Sink sink, size_t most_running)
    : style_(style), sink_(std::move(sink)), most_running_(most_running) {}

void ConsoleProgress::set_width(int columns) {
    style_.width = columns;
}

void ConsoleProgress::run_began(const RunBegan& began) {
    total_ = began.total;
    const std::string cases = fmt::format("{} {}", began.total, began.total == 1 ? "case" : "cases");
    sink_(fit(began.machine.empty() ? cases : cases + " on " + began.machine, style_.width, style_.utf8) + "\n");
}

void ConsoleProgress::case_began(const Plan& plan, Instant now) {
    running_.push_back({plan.id, display_name(plan), now});
    now_ = now;
}

void ConsoleProgress::case_ended(const Record& record) {
    const auto place =
        std::find_if(running_.begin(), running_.end(), [&](const Running& each) { return each.id == record.plan.id; });
    if (place != running_.end()) running_.erase(place);
    so_far_.add(record);
    matrix_.add(record);
    const std::string failure = failure_text(record, style_);
    draw(case_line(record, style_) + (failure.empty() ? "" : "\n" + failure + "\n"));
}

void ConsoleProgress::run_ended(const Summary& summary) {
    sink_(erase() + "\n" + matrix_text(matrix_, style_) + closing_text(summary, style_));
    drawn_lines_ = 0;
}

void ConsoleProgress::redraw(Instant now) {
    now_ = now;
    draw("");
}

// Puts lines that stay in place of the block, and the block of now below them, in one write.
void ConsoleProgress::draw(const std::string& above) {
    const std::string lines = block();
    sink_(erase() + above + lines);
    drawn_lines_ = static_cast<size_t>(std::count(lines.begin(), lines.end(), '\n'));
}

// Cases that began first have run longest and stand first.
std::string ConsoleProgress::block() const {
    std::string text;
    const size_t shown = std::min(running_.size(), most_running_);
    for (size_t i = 0; i < shown; ++i) {
        Line line(style_);
        line.put(0, fit_right(seconds_text(now_ - running_[i].began), 11), Tone::dim);
        line.put(12, fit(running_[i].name, style_.width - 12, style_.utf8));
        text += line.text();
    }
    if (running_.size() > shown) {
        Line line(style_);
        line.put(12, fmt::format("and {} more", running_.size() - shown), Tone::dim);
        text += line.text();
    }
    return text + bar();
}

std::string ConsoleProgress::bar() const {
    Line line(style_);
    put_progress(line, 0, {total_, running_.size(), so_far_, now_}, style_);
    return line.text();
}

// Back to the first line of what was drawn last, and everything below it away.
std::string ConsoleProgress::erase() const {
    return drawn_lines_ == 0 ? "" : fmt::format("\x1b[{}A\r\x1b[J", drawn_lines_);
}

}  // namespace tcpwitness
