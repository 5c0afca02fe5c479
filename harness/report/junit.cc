#include "report/junit.hh"

#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "report/failure_text.hh"

namespace tcpwitness {
namespace {

std::string seconds(Duration duration) {
    return fmt::format("{:.3f}", std::chrono::duration<double>(duration).count());
}

std::string join(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

std::string property(std::string_view name, std::string_view value) {
    if (value.empty()) return {};
    return fmt::format("        <property name=\"{}\" value=\"{}\"/>\n", name, xml_text(value));
}

std::string properties(const Record& record) {
    return "      <properties>\n" + property("id", record.plan.id) +
           property("kernel", record.timeline.observed.kernel) +
           property("observers", join(record.timeline.observed.observers)) + property("where", record.where) +
           property("claims", join(record.plan.claims)) + property("reference", record.plan.reference) +
           property("tags", join(record.plan.tags)) + property("seed", std::to_string(record.plan.seed)) +
           property("repeat", record.repeat_command) + "      </properties>\n";
}

std::string first_failed_kind(const Verdict& verdict) {
    const auto failed = std::find_if(verdict.findings.begin(), verdict.findings.end(),
                                     [](const Finding& each) { return !each.holds && !each.undecided; });
    return failed == verdict.findings.end() ? "failure" : failed->kind;
}

std::string result(const Record& record) {
    const std::string message = xml_text(record.verdict.reason);
    const std::string text = xml_text(failure_text(record, Style{.width = 100}));
    switch (record.verdict.outcome) {
        case Outcome::pass:
            return {};
        case Outcome::skip:
            return fmt::format("      <skipped message=\"{}\"/>\n", message);
        case Outcome::fail:
            return fmt::format("      <failure message=\"{}\" type=\"{}\">{}</failure>\n", message,
                               xml_text(first_failed_kind(record.verdict)), text);
        case Outcome::error:
            return fmt::format("      <error message=\"{}\" type=\"error\">{}</error>\n", message, text);
    }
    return {};
}

std::string output(const Record& record) {
    std::string text;
    for (const Event& event : record.timeline.events) {
        if (const auto* wrote = std::get_if<ProgramOutput>(&event.body)) text += wrote->program + ": " + wrote->text;
        if (!text.empty() && text.back() != '\n') text += '\n';
    }
    text += record.console;
    return text.empty() ? "" : fmt::format("      <system-out>{}</system-out>\n", xml_text(text));
}

std::string folder_of(const std::string& path) {
    const size_t slash = path.rfind('/');
    return slash == std::string::npos ? "cases" : path.substr(0, slash);
}

std::string test_case(const Record& record) {
    const std::string place = place_of(record.plan);
    std::string class_name = record.plan.id.substr(0, record.plan.id.find_first_of(place.empty() ? "[" : "[@"));
    std::replace(class_name.begin(), class_name.end(), '/', '.');
    const std::string name = record.plan.title + (record.plan.variant.empty() ? "" : " [" + record.plan.variant + "]") +
                             (place.empty() ? "" : " on " + place);
    return fmt::format("    <testcase classname=\"{}\" name=\"{}\" file=\"{}\" time=\"{}\">\n{}{}{}    </testcase>\n",
                       xml_text(class_name), xml_text(name), xml_text(record.plan.source.file), seconds(record.wall),
                       properties(record), result(record), output(record));
}

std::string counts(const Summary& summary) {
    return fmt::format("tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{}\"", summary.ended(),
                       summary.failed, summary.errors, summary.skipped, seconds(summary.wall));
}

}  // namespace

std::string xml_text(std::string_view text) {
    std::string safe;
    for (const std::string& line : split_lines(text)) safe += (safe.empty() ? "" : "\n") + safe_text(line);
    if (text.ends_with('\n')) safe += '\n';
    std::string escaped;
    for (const char character : safe) {
        switch (character) {
            case '&':
                escaped += "&amp;";
                break;
            case '<':
                escaped += "&lt;";
                break;
            case '>':
                escaped += "&gt;";
                break;
            case '"':
                escaped += "&quot;";
                break;
            case '\'':
                escaped += "&apos;";
                break;
            default:
                escaped += character;
        }
    }
    return escaped;
}

JunitReport::JunitReport(Sink sink) : sink_(std::move(sink)) {}

void JunitReport::case_ended(const Record& record) {
    Suite& suite = suites_[folder_of(record.plan.id.substr(0, record.plan.id.find('[')))];
    suite.test_cases += test_case(record);
    suite.summary.add(record);
    suite.summary.wall += record.wall;
}

void JunitReport::run_ended(const Summary& summary) {
    sink_("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    sink_(fmt::format("<testsuites name=\"tcpwitness\" {}>\n", counts(summary)));
    for (const auto& [folder, suite] : suites_) {
        sink_(fmt::format("  <testsuite name=\"{}\" {}>\n", xml_text(folder), counts(suite.summary)));
        sink_(suite.test_cases);
        sink_("  </testsuite>\n");
    }
    sink_("</testsuites>\n");
}

}  // namespace tcpwitness
