#include "page/tuning_page.hh"

#include <fmt/core.h>

#include <algorithm>

#include "page/page_sources.hh"
#include "page/template.hh"
#include "report/junit.hh"
#include "report/paragraphs.hh"

namespace tcpwitness {
namespace {

std::string difference_html(const RunDifference& difference) {
    return fmt::format("<dt>{}</dt><dd><code>{}</code> → <code>{}</code></dd>", xml_text(difference.kind),
                       xml_text(difference.before), xml_text(difference.after));
}

std::string run_html(const TunedRun& run) {
    std::string html = fmt::format("<li>{}<dl>", xml_text(run.name));
    for (const RunDifference& difference : run.differences) html += difference_html(difference);
    return html + "</dl></li>\n";
}

// One line of the profile, or one key of a pattern in it.
std::string line_html(std::string_view kind, const std::string& text, const std::string& finding) {
    return fmt::format("<div class=\"line {}\"><code>{}</code><span>{}</span></div>\n", kind, xml_text(text), xml_text(finding));
}

std::string applied_html(const Tuning& tuning, const Setting& setting, const std::string& text) {
    const std::vector<const TunedRun*> runs = tuning.changed_by(setting.key);
    if (runs.empty()) return line_html("idle", text, "changes nothing here" + tuning.words_of_kept(setting.key));
    std::string html = fmt::format("<details class=\"line changed\"><summary><code>{}</code><span>changes {}</span></summary>\n<ul>\n",
                                   xml_text(text), counted(runs.size(), "run"));
    for (const TunedRun* run : runs) html += run_html(*run);
    return html + "</ul></details>\n";
}

bool is_words(const std::string& line) {
    const size_t first = line.find_first_not_of(" \t");
    return first == std::string::npos || line[first] == '#' || line[first] == ';';
}

// `number` counts from 1.
std::string profile_line_html(const Tuning& tuning, int number) {
    const std::string& line = tuning.lines[static_cast<size_t>(number) - 1];
    if (is_words(line)) return fmt::format("<div class=\"words\">{}</div>\n", xml_text(line));
    std::string html;
    for (const Setting& setting : tuning.settings.applied) {
        if (setting.line != number) continue;
        // A pattern stands for several keys.
        html += applied_html(tuning, setting, line.find(setting.key) == std::string::npos
                                                  ? fmt::format("{} = {}", setting.key, setting.value) : line);
    }
    for (const RefusedSetting& refused : tuning.settings.refused)
        if (refused.setting.line == number) html += line_html("refused", line, refused.why);
    return html.empty() ? line_html("idle", line, "set again below") : html;
}

// "17 settings: 8 change something, 5 change nothing here, 4 are not applied".
std::string summary(const Tuning& tuning) {
    const size_t idle = tuning.without_effect().size();
    const size_t applied = tuning.settings.applied.size();
    const size_t refused = tuning.settings.refused.size();
    return fmt::format("{}: {} change something for a program, {} change nothing here, {} not applied",
                       counted(applied + refused, "setting"), applied - idle, idle, refused);
}

std::string together_html(const Tuning& tuning) {
    std::string html;
    for (const TunedRun& run : tuning.changed)
        if (run.keys.empty()) html += run_html(run);
    if (html.empty()) return html;
    return fmt::format("<section class=\"panel\"><h2>Changed by several settings together, by none alone</h2>\n<ul>\n{}</ul></section>\n", html);
}

}  // namespace

std::string tuning_page(const Tuning& tuning) {
    std::string lines;
    for (int number = 1; number <= static_cast<int>(tuning.lines.size()); ++number)
        lines += profile_line_html(tuning, number);
    std::string facts = fmt::format("{} compared, {} changed", counted(tuning.compared, "run"), tuning.changed.size());
    if (tuning.skipped > 0) facts += fmt::format(", {} skipped", tuning.skipped);
    std::string page(kTuningHtml);
    fill_in(page, "@STYLE@", std::string(kTuningStyle));
    fill_in(page, "@SCRIPT@", std::string(kTuningScript));
    fill_in(page, "@WHERE@", xml_text(tuning.where));
    fill_in(page, "@SUMMARY@", xml_text(summary(tuning)));
    fill_in(page, "@FACTS@", xml_text(facts));
    fill_in(page, "@TOGETHER@", together_html(tuning));
    // What people wrote comes last: it may look like one of these places.
    fill_in(page, "@LINES@", lines);
    fill_in(page, "@PROFILE@", xml_text(tuning.profile));
    return page;
}

}  // namespace tcpwitness
