#include "case/case_parser.hh"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <list>

#include "base/error.hh"
#include "base/file_descriptor.hh"
#include "case/expect_parser.hh"
#include "case/program_parser.hh"
#include "case/step_parser.hh"
#include "case/text_scanner.hh"
#include "case/vary_parser.hh"
#include "case/when_parser.hh"
#include "case/yaml_fields.hh"
#include "case/yaml_reader.hh"

namespace tcpwitness {
namespace {

namespace filesystem = std::filesystem;

// Mistakes in so many places are told from one row; further rows would repeat them.
constexpr size_t kEnoughMistakes = 100;

const std::vector<std::string>& case_keys() {
    static const std::vector<std::string> kKeys{"case",    "about",  "reference", "claims", "tags",
                                                "when",    "vary",   "network",   "hosts",  "programs",
                                                "include", "common", "timeout",   "steps",  "expect"};
    return kKeys;
}

std::vector<std::string> split_lines(std::string_view content) {
    std::vector<std::string> lines;
    while (!content.empty()) {
        const size_t end = content.find('\n');
        std::string_view line = content.substr(0, end);
        if (line.ends_with('\r')) line.remove_suffix(1);
        lines.emplace_back(line);
        content.remove_prefix(end == std::string_view::npos ? content.size() : end + 1);
    }
    return lines;
}

// The file's bytes; nothing and a mistake at `position` when it cannot be read.
std::optional<std::string> read_text_file(const std::string& file, const SourcePosition& position,
                                          Diagnostics& diagnostics) {
    std::error_code error;
    const uintmax_t size = filesystem::file_size(file, error);
    if (!error && size > kLargestCaseFile) {
        diagnostics.add(position,
                        fmt::format("the file has {} bytes; a case file has at most {}", size, kLargestCaseFile));
        return std::nullopt;
    }
    try {
        return read_file(file);
    } catch (const Error& failure) {
        diagnostics.add(position, fmt::format("cannot read it: {}", failure.what()));
        return std::nullopt;
    }
}

class CaseParser {
  public:
    CaseParser(std::string file, const YamlNode& root, Diagnostics& diagnostics)
        : file_(std::move(file)), root_(root), diagnostics_(diagnostics) {}

    std::vector<CaseStory> parse();

  private:
    void read_common();
    void add_common(const YamlNode& map);
    void include_file(const CaseText& name);
    CaseStory parse_story(const VaryRow& row, RowVariables& variables);
    void parse_header(CaseStory& story, YamlFields& fields);
    void parse_network(CaseStory& story, YamlFields& fields);
    void parse_family(const YamlNode& node, CaseStory& story, YamlFields& fields);
    void parse_timeout(CaseStory& story, YamlFields& fields);
    void parse_body(CaseStory& story, YamlFields& fields);

    std::string file_;
    const YamlNode& root_;
    Diagnostics& diagnostics_;
    std::list<YamlNode> included_;
    CommonSteps common_;
};

std::vector<CaseStory> CaseParser::parse() {
    std::vector<CaseStory> stories;
    if (!root_.is_map()) {
        diagnostics_.add(root_.position, fmt::format("a case must be a map, not {}", to_string(root_.kind)),
                         "it begins with 'case: NAME'");
        return stories;
    }
    RowVariables none;
    YamlFields(none, diagnostics_).check_keys(root_, case_keys());
    for (const char* key : {"case", "steps"}) {
        if (root_.find(key) == nullptr) diagnostics_.add(root_.position, fmt::format("'{}' is missing", key));
    }
    read_common();
    const YamlNode* vary = root_.find("vary");
    std::map<std::string, SourcePosition> unused = column_positions(vary);
    const size_t mistakes_before = diagnostics_.entries().size();
    std::vector<VaryRow> rows = parse_vary(vary, diagnostics_);
    if (diagnostics_.entries().size() != mistakes_before) {  // the rows are wrong: read the rest with one of them only
        rows.resize(std::min<size_t>(1, rows.size()));
        unused.clear();
    }
    for (const VaryRow& row : rows) {
        RowVariables variables(row.values());
        stories.push_back(parse_story(row, variables));
        for (const std::string& name : variables.used()) unused.erase(name);
        if (diagnostics_.entries().size() > kEnoughMistakes) return stories;
    }
    for (const auto& [name, position] : unused) {
        diagnostics_.add(position, fmt::format("the column '{}' is used nowhere", name),
                         fmt::format("a step uses it as ${}", name));
    }
    return stories;
}

void CaseParser::read_common() {
    RowVariables none;
    YamlFields fields(none, diagnostics_);
    if (const YamlNode* node = root_.find("common")) add_common(*node);
    if (const YamlNode* node = root_.find("include")) {
        for (const CaseText& name : fields.texts(*node, "'include'")) include_file(name);
    }
}

void CaseParser::add_common(const YamlNode& map) {
    RowVariables none;
    if (!YamlFields(none, diagnostics_).is_map(map, "'common'")) return;
    for (const YamlEntry& entry : map.entries) {
        if (common_.emplace(entry.key.text.text(), &entry.value).second) continue;
        diagnostics_.add(entry.key.position, fmt::format("there are common steps '{}' already", entry.key.text.text()));
    }
}

void CaseParser::include_file(const CaseText& name) {
    const std::string path = (filesystem::path(file_).parent_path() / name.text()).lexically_normal().string();
    const std::optional<std::string> content = read_text_file(path, name.at(0), diagnostics_);
    if (!content) return;
    std::optional<YamlNode> node = read_yaml(*content, path, diagnostics_);
    if (!node) return;
    const YamlNode& tree = included_.emplace_back(std::move(*node));
    RowVariables none;
    YamlFields fields(none, diagnostics_);
    if (!fields.is_map(tree, "an included file")) return;
    fields.check_keys(tree, {"common", "about"});
    if (const YamlNode* common = tree.find("common")) {
        add_common(*common);
    } else {
        diagnostics_.add(name.at(0), fmt::format("'{}' has no 'common' steps", path));
    }
}

CaseStory CaseParser::parse_story(const VaryRow& row, RowVariables& variables) {
    YamlFields fields(variables, diagnostics_);
    CaseStory story{.position = root_.position, .columns = row.columns, .row_name = row.name};
    if (row.when) story.when.push_back(*row.when);
    parse_header(story, fields);
    parse_network(story, fields);
    parse_timeout(story, fields);
    story.sysctls = parse_hosts(root_.find("hosts"), story.direct, fields);
    story.programs = parse_programs(root_.find("programs"), file_, story.direct, fields);
    parse_body(story, fields);
    return story;
}

void CaseParser::parse_header(CaseStory& story, YamlFields& fields) {
    const auto text = [&](const char* key) -> std::string {
        const YamlNode* node = root_.find(key);
        if (node == nullptr) return {};
        return fields.text(*node, fmt::format("'{}'", key)).value_or(CaseText{}).text();
    };
    story.title = text("case");
    story.about = text("about");
    story.reference = text("reference");
    if (const YamlNode* node = root_.find("case"); node != nullptr && node->is_scalar() && story.title.empty()) {
        diagnostics_.add(node->position, "the case has no name");
    }
    if (const YamlNode* node = root_.find("claims")) story.claims = fields.strings(*node, "'claims'");
    if (const YamlNode* node = root_.find("tags")) story.tags = fields.strings(*node, "'tags'");
    if (const YamlNode* node = root_.find("when")) {
        const std::optional<CaseText> condition = fields.text(*node, "'when'");
        const std::optional<When> when = condition ? parse_when(*condition, diagnostics_) : std::nullopt;
        if (when) story.when.push_back(*when);
    }
}

void CaseParser::parse_network(CaseStory& story, YamlFields& fields) {
    const YamlNode* network = root_.find("network");
    if (network != nullptr && fields.is_map(*network, "'network'")) {
        fields.check_keys(*network, {"family", "topology", "mtu"});
        if (const YamlNode* node = network->find("family")) parse_family(*node, story, fields);
        if (const YamlNode* node = network->find("mtu")) {
            constexpr int64_t kLeastMtu = 68;  // RFC 791
            constexpr int64_t kMostMtu = 65535;
            story.mtu = static_cast<int>(fields.integer(*node, "'mtu'", kLeastMtu, kMostMtu).value_or(story.mtu));
        }
        if (const YamlNode* node = network->find("topology")) {
            const std::optional<CaseText> text = fields.text(*node, "'topology'");
            if (text && text->text() != "path" && text->text() != "direct") {
                add_unknown(diagnostics_, text->at(0), "topology", text->text(), {"path", "direct"});
            }
            story.direct = text && text->text() == "direct";
        }
    }
    if (story.families.empty()) story.families.push_back(Family::ipv4);
}

void CaseParser::parse_family(const YamlNode& node, CaseStory& story, YamlFields& fields) {
    for (const CaseText& text : fields.texts(node, "'family'")) {
        if (text.text() != "ipv4" && text.text() != "ipv6") {
            add_unknown(diagnostics_, text.at(0), "family", text.text(), {"ipv4", "ipv6"});
            continue;
        }
        const Family family = text.text() == "ipv4" ? Family::ipv4 : Family::ipv6;
        if (std::find(story.families.begin(), story.families.end(), family) != story.families.end()) {
            diagnostics_.add(text.at(0), fmt::format("'{}' is given twice", text.text()));
        } else {
            story.families.push_back(family);
        }
    }
}

void CaseParser::parse_timeout(CaseStory& story, YamlFields& fields) {
    const YamlNode* node = root_.find("timeout");
    if (node == nullptr) return;
    const std::optional<CaseText> text = fields.text(*node, "'timeout'");
    if (!text) return;
    story.timeout = parse_duration(text->text());
    if (!story.timeout || *story.timeout == Duration::zero()) {
        diagnostics_.add(text->at(0), fmt::format("'{}' is not a time to wait", text->text()), "write '30s' or '2min'");
    }
}

void CaseParser::parse_body(CaseStory& story, YamlFields& fields) {
    Scope scope(story.programs, story.direct, diagnostics_);
    if (const YamlNode* steps = root_.find("steps")) {
        story.steps = parse_steps(*steps, common_, fields, scope);
        if (steps->is_sequence() && steps->items.empty()) diagnostics_.add(steps->position, "the case has no steps");
    }
    scope.end_steps();
    if (const YamlNode* expect = root_.find("expect")) story.expectations = parse_expectations(*expect, fields, scope);
}

}  // namespace

std::optional<Case> parse_case(std::string_view content, const std::string& file, Diagnostics& diagnostics) {
    const size_t mistakes_before = diagnostics.entries().size();
    const std::optional<YamlNode> root = read_yaml(content, file, diagnostics);
    if (!root) return std::nullopt;
    Case result{.file = file, .lines = split_lines(content)};
    result.stories = CaseParser(file, *root, diagnostics).parse();
    if (diagnostics.entries().size() != mistakes_before) return std::nullopt;
    return result;
}

std::optional<Case> load_case(const std::string& file, Diagnostics& diagnostics) {
    const std::optional<std::string> content = read_text_file(file, {file, 0, 0}, diagnostics);
    if (!content) return std::nullopt;
    return parse_case(*content, file, diagnostics);
}

}  // namespace tcpwitness
