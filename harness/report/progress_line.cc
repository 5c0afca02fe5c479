#include "report/progress_line.hh"

#include <fmt/core.h>

#include <algorithm>

namespace tcpwitness {
namespace {

constexpr int kBarWidth = 30;
constexpr int kCountsWidth = 50;
constexpr int kTitleWidth = 40;
constexpr std::string_view kEraseLine = "\r\x1b[2K";

std::string clock_text(Duration duration) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration).count();
    return fmt::format("{}:{:02}", seconds / 60, seconds % 60);
}

}  // namespace

void put_progress(Line& line, int column, const Progress& progress, const Style& style) {
    const Summary& so_far = progress.so_far;
    const int width = std::min(kBarWidth, std::max(style.width - column - kCountsWidth, 8));
    const int end = column + width;
    const int filled = progress.total == 0 ? column
                                           : column + static_cast<int>(static_cast<size_t>(width) *
                                                                       std::min(so_far.ended(), progress.total) /
                                                                       progress.total);
    const bool bad = so_far.failed + so_far.errors > 0;
    line.fill(column, filled, style.utf8 ? "━" : "=", bad ? Tone::bad : Tone::good);
    line.fill(filled, end, style.utf8 ? "─" : ".", Tone::dim);
    std::string counts = fmt::format(" {}/{}  {} running", so_far.ended(), progress.total, progress.running);
    if (so_far.failed > 0) counts += fmt::format(", {} failed", so_far.failed);
    if (so_far.errors > 0) counts += fmt::format(", {} {}", so_far.errors, so_far.errors == 1 ? "error" : "errors");
    if (so_far.skipped > 0) counts += fmt::format(", {} skipped", so_far.skipped);
    line.put(end, fit(counts + "  " + clock_text(progress.now), style.width - end, style.utf8));
}

ProgressLine::ProgressLine(std::string title, const Style& style, Sink sink)
    : title_(std::move(title)), style_(style), sink_(std::move(sink)) {}

void ProgressLine::run_began(const RunBegan& began) {
    total_ = began.total;
}

void ProgressLine::case_began(const Plan& plan, Instant now) {
    running_.insert(plan.id);
    now_ = now;
}

void ProgressLine::case_ended(const Record& record) {
    running_.erase(record.plan.id);
    so_far_.add(record);
    draw();
}

void ProgressLine::run_ended(const Summary&) {
    sink_(kEraseLine);
}

void ProgressLine::redraw(Instant now) {
    now_ = now;
    draw();
}

void ProgressLine::draw() {
    Line line(style_);
    const int width = std::min(kTitleWidth, style_.width / 3);
    line.put(0, fit(title_, width, style_.utf8));
    put_progress(line, width + 1, {total_, running_.size(), so_far_, now_}, style_);
    std::string text = line.text();
    text.pop_back();  // the line's end: the cursor stays in it
    sink_(std::string(kEraseLine) + text);
}

}  // namespace tcpwitness
