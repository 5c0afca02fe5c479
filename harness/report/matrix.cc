#include "report/matrix.hh"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "report/outcome_words.hh"

namespace tcpwitness {
namespace {

std::string line_at(const std::vector<std::string>& lines, size_t index) {
    return index < lines.size() ? lines[index] : "nothing";
}

std::string without_place(const std::string& id) {
    return id.substr(0, id.rfind('@'));
}

}  // namespace

void Matrix::add(const Record& record) {
    const std::string place = place_of(record.plan);
    const std::string id = without_place(record.plan.id);
    if (place.empty()) return;
    if (std::find(places_.begin(), places_.end(), place) == places_.end()) places_.push_back(place);
    const auto [found, fresh] = index_.try_emplace(id, cases_.size());
    if (fresh) {
        Plan plan = record.plan;
        plan.id = id;
        cases_.push_back({id, display_name(plan), {}});
    }
    cases_[found->second].runs.push_back({place, record.verdict.outcome, aspects_of(record)});
}

bool Matrix::differ(const Run& first, const Run& other, MatrixGroup& group) {
    const auto tell = [&group](const std::string& kind, const std::string& a, const std::string& b) {
        group.kind = kind, group.first = a, group.here = b;
        return true;
    };
    if (first.aspects.size() != other.aspects.size())
        return tell("outcome", first.aspects.back().lines.front(), other.aspects.back().lines.front());
    for (size_t i = 0; i < first.aspects.size(); ++i) {
        const std::vector<std::string>& left = first.aspects[i].lines;
        const std::vector<std::string>& right = other.aspects[i].lines;
        for (size_t line = 0; line < std::max(left.size(), right.size()); ++line) {
            if (line_at(left, line) != line_at(right, line))
                return tell(first.aspects[i].kind, line_at(left, line), line_at(right, line));
        }
    }
    return false;
}

std::vector<MatrixRow> Matrix::rows() const {
    std::vector<MatrixRow> rows;
    if (places_.size() < 2) return rows;
    for (const Case& each : cases_) {
        MatrixRow row{each.id, each.name, {}};
        std::vector<const Run*> leaders;
        for (const std::string& place : places_) {
            for (const Run& run : each.runs) {
                if (run.place != place) continue;
                MatrixGroup ignored;
                size_t group = 0;
                while (group < leaders.size() && differ(*leaders[group], run, ignored)) ++group;
                if (group == leaders.size()) {
                    leaders.push_back(&run);
                    row.groups.push_back({.outcome = run.outcome});
                    if (group > 0) differ(*leaders.front(), run, row.groups.back());
                }
                row.groups[group].places.push_back(place);
            }
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

std::string matrix_text(const Matrix& matrix, const Style& style) {
    const std::vector<MatrixRow> rows = matrix.rows();
    if (rows.empty()) return {};
    std::string text;
    const auto put = [&](int column, const std::string& words, Tone tone) {
        Line line(style);
        line.put(column, fit(words, style.width - column, style.utf8), tone);
        text += line.text();
    };
    put(0, fmt::format("on {}:", fmt::join(matrix.places(), ", ")), Tone::bold);
    const auto agreed = std::count_if(rows.begin(), rows.end(), [](const MatrixRow& row) { return row.agree(); });
    for (const MatrixRow& row : rows) {
        if (row.agree()) put(0, fmt::format("same     {:<5} {}", to_string(row.groups[0].outcome), row.name), Tone::plain);
    }
    for (const MatrixRow& row : rows) {
        if (row.agree()) continue;
        put(0, fmt::format("differs        {}", row.name), Tone::warning);
        for (size_t i = 1; i < row.groups.size(); ++i) {
            const MatrixGroup& group = row.groups[i];
            put(9, fmt::format("{}: {}", fmt::join(row.groups[0].places, ", "), group.first), Tone::plain);
            put(9, fmt::format("{}: {}", fmt::join(group.places, ", "), group.here), Tone::plain);
        }
    }
    put(0, fmt::format("{} of {} the same on all", agreed, rows.size()), Tone::bold);
    return text + "\n";
}

}  // namespace tcpwitness
