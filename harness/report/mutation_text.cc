#include "report/mutation_text.hh"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "report/paragraphs.hh"

namespace tcpwitness {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kSurvivorIndent = 4;

std::string in_runs(const std::vector<std::string>& runs) {
    if (runs.size() == 1) return "in " + runs.front();
    return fmt::format("in {} and {} more", runs.front(), runs.size() - 1);
}

void put_survivors(const Mutations& mutations, Paragraphs& lines) {
    SourcePosition last;
    for (const Survivor& survivor : mutations.survivors()) {
        if (survivor.source.position != last) {
            last = survivor.source.position;
            lines.put(0, fmt::format("{}:{}: {}", last.file, last.line, survivor.source.text), Tone::bold);
            if (!survivor.reason.empty()) lines.put(kSurvivorIndent, "explained: " + survivor.reason, Tone::dim);
        }
        const Tone tone = survivor.reason.empty() ? Tone::bad : Tone::dim;
        lines.put(kSurvivorIndent, fmt::format("unnoticed: {} ({})", survivor.change, in_runs(survivor.runs)), tone);
    }
    if (last.line > 0) lines.empty();
}

Json position_json(const SourcePosition& position) {
    return {{"file", position.file}, {"line", position.line}, {"column", position.column}};
}

}  // namespace

std::string mutation_text(const Mutations& mutations, const Style& style) {
    Paragraphs lines(style);
    put_survivors(mutations, lines);
    for (const NeedlessReason& needless : mutations.needless_reasons()) {
        lines.put(0,
                  fmt::format("{}:{}: every change was noticed; '# unnoticed: {}' explains nothing",
                              needless.position.file, needless.position.line, needless.reason),
                  Tone::warning);
    }
    for (const std::string& run : mutations.not_passed())
        lines.put(0, "not judged, it does not pass: " + run, Tone::bad);
    if (!mutations.skipped().empty())
        lines.put(0, fmt::format("{} skipped and not judged", counted(mutations.skipped().size(), "run")),
                  Tone::warning);
    const size_t survivors = mutations.survivors().size();
    lines.put(0,
              fmt::format("{} judged with {}: {} unnoticed, {} of them explained", counted(mutations.judged(), "run"),
                          counted(mutations.changes(), "change"), survivors, survivors - mutations.unexplained()),
              Tone::bold);
    return lines.text();
}

std::string mutation_json(const Mutations& mutations) {
    Json json{{"format", "tcpwitness mutations"},     {"version", 1},
              {"runs", mutations.judged()},           {"changes", mutations.changes()},
              {"not_passed", mutations.not_passed()}, {"skipped", mutations.skipped()},
              {"survivors", Json::array()},           {"needless_reasons", Json::array()}};
    for (const Survivor& survivor : mutations.survivors()) {
        json["survivors"].push_back({{"source", position_json(survivor.source.position)},
                                     {"text", survivor.source.text},
                                     {"change", survivor.change},
                                     {"runs", survivor.runs},
                                     {"reason", survivor.reason}});
    }
    for (const NeedlessReason& needless : mutations.needless_reasons())
        json["needless_reasons"].push_back({{"source", position_json(needless.position)}, {"reason", needless.reason}});
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace tcpwitness
