#include <fmt/core.h>

#include <nlohmann/json.hpp>
#include <set>

#include "page/case_lines.hh"
#include "page/origins.hh"
#include "page/page_data.hh"
#include "page/picture.hh"
#include "page/state_arcs.hh"
#include "report/event_words.hh"
#include "report/failure_text.hh"

namespace tcpwitness {
namespace {

using Json = nlohmann::ordered_json;

std::string time_text(Instant at) {
    return fmt::format("{:.6f}", std::chrono::duration<double>(at).count());
}

std::string_view tone_name(Tone tone) {
    switch (tone) {
        case Tone::dim:
            return "dim";
        case Tone::bad:
            return "bad";
        case Tone::warning:
            return "warning";
        case Tone::state:
            return "state";
        case Tone::syn:
            return "syn";
        case Tone::fin:
            return "fin";
        case Tone::data:
            return "data";
        default:
            return "plain";
    }
}

std::string_view part_name(LadderArrow::Part part) {
    using ArrowPart = LadderArrow::Part;
    switch (part) {
        case ArrowPart::whole:
            return "whole";
        case ArrowPart::departs:
            return "departs";
        case ArrowPart::arrives:
            return "arrives";
        case ArrowPart::lost:
            return "lost";
        case ArrowPart::forged:
            return "forged";
        case ArrowPart::loop:
            return "loop";
    }
    return "whole";
}

Json mark_json(size_t mark) {
    return mark == std::string::npos ? Json(nullptr) : Json(mark);
}

Json side_json(std::optional<Side> side) {
    return side ? Json(static_cast<int>(*side)) : Json(nullptr);
}

// What belongs to the things drawn: where each came from, and the state changes that came of it.
class Links {
  public:
    Links(const Plan& plan, const Timeline& timeline) : timeline_(timeline), origins_(origins_of(plan, timeline)) {
        for (size_t event = 0; event < origins_.size(); ++event) {
            if (origins_[event].after) came_of_[*origins_[event].after].push_back(event);
        }
    }

    void put(Json& json, const std::vector<size_t>& events) const {
        json["events"] = events;
        std::set<size_t> related;
        for (const size_t event : events) {
            if (const auto found = came_of_.find(event); found != came_of_.end()) {
                for (const size_t next : found->second) {
                    const EventBody& body = timeline_.events[next].body;
                    const bool restart = std::holds_alternative<TimeWaitRestart>(body);
                    if (restart || std::holds_alternative<StateChange>(body)) related.insert(next);
                }
            }
            const Origin& origin = origins_.at(event);
            if (origin.after && !origin.how.empty()) {
                json["how"] = origin.how;
                json["after"] = *origin.after;
            }
            if (origin.step && !json.contains("step")) json["step"] = *origin.step;
        }
        if (!related.empty()) json["changes"] = related;
    }

  private:
    const Timeline& timeline_;
    std::vector<Origin> origins_;
    std::map<size_t, std::vector<size_t>> came_of_;
};

Json band_json(const PictureBand& band, const Links& links) {
    Json json{{"side", static_cast<int>(band.side)}, {"lane", band.lane}, {"socket", band.socket},
              {"state", to_string(band.state)},      {"top", band.top},   {"bottom", band.bottom},
              {"at", time_text(band.began)}};
    if (band.lasted) json["lasted"] = format_duration(*band.lasted);
    if (band.inferred) json["inferred"] = true;
    if (band.first) json["first"] = true;
    links.put(json, {band.event});
    return json;
}

Json arrow_json(const PictureArrow& arrow, const Links& links) {
    Json json{{"from", static_cast<int>(arrow.from)},
              {"part", part_name(arrow.part)},
              {"top", arrow.top},
              {"bottom", arrow.bottom},
              {"label", arrow.label},
              {"tone", tone_name(arrow.tone)},
              {"at", time_text(arrow.at)}};
    if (arrow.details != arrow.label) json["details"] = arrow.details;
    if (!arrow.fate.empty()) json["fate"] = arrow.fate;
    if (arrow.travelled) json["travelled"] = format_duration(*arrow.travelled);
    links.put(json, arrow.events);
    return json;
}

Json note_json(const PictureNote& note, const Links& links) {
    Json json{{"side", side_json(note.side)},
              {"y", note.y},
              {"text", note.text},
              {"result", note.result},
              {"tone", tone_name(note.tone)},
              {"at", time_text(note.at)}};
    links.put(json, note.events);
    return json;
}

Json picture_json(const Picture& picture, const Links& links) {
    Json json{{"hosts", picture.hosts},
              {"addresses", picture.addresses},
              {"lanes", picture.lanes},
              {"end", picture.end},
              {"ended", time_text(picture.ended)},
              {"bands", Json::array()},
              {"arrows", Json::array()},
              {"notes", Json::array()},
              {"folds", Json::array()}};
    for (const PictureBand& band : picture.bands) json["bands"].push_back(band_json(band, links));
    for (const PictureArrow& arrow : picture.arrows) json["arrows"].push_back(arrow_json(arrow, links));
    for (const PictureNote& note : picture.notes) json["notes"].push_back(note_json(note, links));
    for (const PictureFold& fold : picture.folds)
        json["folds"].push_back({{"y", fold.y}, {"wait", format_duration(fold.wait)}});
    return json;
}

Json lines_json(const Record& record) {
    Json lines = Json::array();
    for (const CaseLine& line : case_lines(record)) {
        Json json{{"n", line.number}, {"text", line.text}};
        if (!line.file.empty()) json["file"] = line.file;
        if (!line.steps.empty()) json["steps"] = line.steps;
        if (!line.findings.empty()) json["findings"] = line.findings;
        lines.push_back(json);
    }
    return lines;
}

Json steps_json(const Record& record) {
    Json steps = Json::array();
    for (const StepResult& result : step_results(record)) {
        steps.push_back({{"taken", result.taken},
                         {"good", result.good},
                         {"text", result.text},
                         {"at", time_text(result.at)},
                         {"events", result.events}});
    }
    return steps;
}

Json findings_json(const Record& record) {
    Json findings = Json::array();
    for (const Finding& finding : record.verdict.findings) {
        Json json{{"holds", finding.holds},
                  {"kind", finding.kind},
                  {"line", finding.source.position.line},
                  {"text", finding.source.text}};
        if (finding.undecided) json["undecided"] = true;
        if (!finding.message.empty()) json["message"] = finding.message;
        json["expected"] = finding.expected;
        json["observed"] = finding.observed;
        json["expected_mark"] = mark_json(finding.expected_mark);
        json["observed_mark"] = mark_json(finding.observed_mark);
        json["evidence"] = finding.evidence;
        findings.push_back(json);
    }
    return findings;
}

// The events that have words, by their number.
Json events_json(const Record& record) {
    const EventWords words(record.plan, record.timeline);
    Json events = Json::object();
    for (size_t event = 0; event < story_length(record.timeline); ++event) {
        const std::string text = words.describe(event);
        if (!text.empty()) events[std::to_string(event)] = {time_text(record.timeline.events[event].at), text};
    }
    return events;
}

Json arcs_json(const Record& record) {
    Json arcs = Json::array();
    for (const ArcTaken& arc : arcs_taken(record.timeline)) {
        const Socket& socket = record.timeline.sockets.at(static_cast<size_t>(arc.socket));
        arcs.push_back({{"from", to_string(arc.from)},
                        {"to", to_string(arc.to)},
                        {"host", arc.host},
                        {"socket", to_string(socket)},
                        {"event", arc.event},
                        {"inferred", arc.inferred}});
    }
    return arcs;
}

Json outputs_json(const Record& record) {
    std::map<std::string, std::string> outputs;
    for (const Event& event : record.timeline.events) {
        if (const auto* output = std::get_if<ProgramOutput>(&event.body)) outputs[output->program] += output->text;
    }
    if (!record.console.empty()) outputs["the run itself"] = record.console;
    return outputs;
}

}  // namespace

std::string case_data(const Record& record, const CaseLinks& links) {
    const Plan& plan = record.plan;
    Json json{{"file", plan.source.file},        {"about", plan.about},
              {"reference", plan.reference},     {"seed", plan.seed},
              {"repeat", record.repeat_command}, {"observed", observed_text(record)},
              {"why", record.why_there},         {"reason", record.verdict.reason},
              {"error", record.timeline.error},  {"exact", record.timeline.observed.exact_states},
              {"record", links.record},          {"capture", links.capture}};
    json["lines"] = lines_json(record);
    json["steps"] = steps_json(record);
    json["findings"] = findings_json(record);
    json["picture"] = picture_json(picture_of(plan, record.timeline), Links(plan, record.timeline));
    json["arcs"] = arcs_json(record);
    json["events"] = events_json(record);
    json["outputs"] = outputs_json(record);
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace tcpwitness
