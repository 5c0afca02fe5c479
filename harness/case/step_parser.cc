#include "case/step_parser.hh"

#include <fmt/core.h>

#include <algorithm>

#include "case/call_parser.hh"
#include "case/condition_parser.hh"
#include "case/path_parser.hh"
#include "case/text_scanner.hh"
#include "case/value_parser.hh"
#include "case/when_parser.hh"

namespace tcpwitness {
namespace {

constexpr std::string_view kWithin = "within";
constexpr size_t kMostSteps = 5000;  // after common steps are spliced in, which may include each other

// A step's key and text without its "within".
struct StepText {
    CaseText key;
    CaseText text;
    std::string whole;
    std::optional<CaseDuration> within;
};

class StepParser {
  public:
    StepParser(const CommonSteps& common, YamlFields& fields, Scope& scope)
        : common_(common), fields_(fields), scope_(scope) {}

    void parse_list(const YamlNode& list);
    std::vector<CaseStep> take_steps() { return std::move(steps_); }

  private:
    void parse_step(const YamlNode& node);
    void include(const YamlNode& name);
    void check_step_keys(const YamlNode& node);
    std::optional<StepText> split(const YamlEntry& entry, const YamlNode* within);
    std::optional<CaseAction> parse_action(const StepText& step);
    std::optional<CaseAction> parse_of_program(const StepText& step);
    std::optional<CaseAction> parse_signal(const CaseProgram& program, const CaseText& text);
    std::optional<CaseAction> parse_sysctl(const StepText& step);
    std::optional<CaseAction> start(const CaseProgram& program);
    bool is_actor(const CaseText& key) const {
        return scope_.find_program(key.text()) != nullptr || scope_.has_host(key.text());
    }

    const CommonSteps& common_;
    YamlFields& fields_;
    Scope& scope_;
    std::vector<std::string> including_;  // names of the lists that are being spliced in
    std::vector<CaseStep> steps_;
    size_t count_ = 0;
};

void StepParser::parse_list(const YamlNode& list) {
    if (!fields_.is_list(list, "steps")) return;
    for (const YamlNode& node : list.items) {
        if (count_ <= kMostSteps) parse_step(node);
    }
}

const YamlEntry* action_entry(const YamlNode& node) {
    const auto found = std::find_if(node.entries.begin(), node.entries.end(), [](const YamlEntry& entry) {
        return entry.key.text.text() != "when" && entry.key.text.text() != kWithin;
    });
    return found == node.entries.end() ? nullptr : &*found;
}

void StepParser::parse_step(const YamlNode& node) {
    if (++count_ > kMostSteps) {
        scope_.diagnostics().add(node.position, fmt::format("the case has more than {} steps", kMostSteps));
        return;
    }
    if (!node.is_map()) {
        scope_.diagnostics().add(node.position, fmt::format("a step must be a map, not {}", to_string(node.kind)),
                                 "write who does it and what: '- client: c = socket()'");
        return;
    }
    const YamlEntry* action = action_entry(node);
    check_step_keys(node);
    if (action == nullptr) return;
    if (action->key.text.text() == "include") {
        if (node.entries.size() > 1) scope_.diagnostics().add(node.position, "'include' stands alone in its step");
        include(action->value);
        return;
    }
    CaseStep step;
    bool good = true;
    if (const YamlNode* when = node.find("when")) {
        const std::optional<CaseText> text = fields_.text(*when, "'when'");
        if (text) step.when = parse_when(*text, scope_.diagnostics());
        good = step.when.has_value();
    }
    const std::optional<StepText> text = split(*action, node.find(kWithin));
    if (!text) return;
    std::optional<CaseAction> parsed = parse_action(*text);
    if (!parsed || !good) return;
    step.source = {action->key.position, fmt::format("{}: {}", text->key.text(), text->whole)};
    step.within = text->within;
    step.action = std::move(*parsed);
    steps_.push_back(std::move(step));
}

void StepParser::check_step_keys(const YamlNode& node) {
    const YamlEntry* action = action_entry(node);
    if (action == nullptr) {
        scope_.diagnostics().add(node.position, "this step does nothing",
                                 "write who does it and what: '- client: c = socket()'");
        return;
    }
    for (const YamlEntry& entry : node.entries) {
        const std::string& key = entry.key.text.text();
        if (&entry == action || key == "when" || key == kWithin) continue;
        scope_.diagnostics().add(entry.key.position, fmt::format("a second action in one step: '{}'", key),
                                 "begin a new step with '- '");
    }
}

void StepParser::include(const YamlNode& node) {
    const std::optional<CaseText> name = fields_.text(node, "'include'");
    if (!name) return;
    const auto found = common_.find(name->text());
    if (found == common_.end()) {
        std::vector<std::string> names;
        for (const auto& [each, steps] : common_) names.push_back(each);
        add_unknown(scope_.diagnostics(), name->at(0), "list of common steps", name->text(), names);
        return;
    }
    if (std::find(including_.begin(), including_.end(), name->text()) != including_.end()) {
        scope_.diagnostics().add(name->at(0), fmt::format("'{}' includes itself", name->text()));
        return;
    }
    including_.push_back(name->text());
    parse_list(*found->second);
    including_.pop_back();
}

std::optional<StepText> StepParser::split(const YamlEntry& entry, const YamlNode* within) {
    StepText step{.key = fields_.key(entry)};
    std::optional<CaseText> text = fields_.text(entry.value, fmt::format("what '{}' does", step.key.text()));
    if (!text) return std::nullopt;
    step.whole = text->text();
    const size_t at = find_word(*text, kWithin);
    if (at != std::string::npos) step.within = parse_length(text->part(at + kWithin.size()), scope_.diagnostics());
    if (at != std::string::npos && !step.within) return std::nullopt;
    if (within != nullptr) {
        const std::optional<CaseText> length = fields_.text(*within, "'within'");
        if (length) step.within = parse_length(*length, scope_.diagnostics());
    }
    step.text = text->part(0, at);
    return step;
}

std::optional<CaseAction> StepParser::parse_action(const StepText& step) {
    const std::string& key = step.key.text();
    const bool is_sysctl = step.text.text().starts_with("sysctl(") && is_actor(step.key);
    if (step.within && (key == "check" || key == "wait" || is_sysctl || key == "path")) {
        scope_.diagnostics().add(step.key.at(0),
                                 fmt::format("'within' has no meaning for {}", is_sysctl ? "sysctl" : key));
    }
    if (is_sysctl) return parse_sysctl(step);
    if (key == "await" || key == "check") {
        std::optional<Condition> condition = parse_condition(step.text, scope_);
        if (!condition) return std::nullopt;
        if (key == "await") return CaseAwait{std::move(*condition)};
        return CaseCheck{std::move(*condition)};
    }
    if (key == "wait") {
        std::optional<CaseDuration> duration = parse_length(step.text, scope_.diagnostics());
        if (!duration) return std::nullopt;
        return CaseWait{std::move(*duration)};
    }
    if (key == "path") {
        if (!scope_.host(step.key)) return std::nullopt;
        std::optional<CasePathTrick> trick = parse_path_trick(step.text, scope_);
        if (!trick) return std::nullopt;
        return std::move(*trick);
    }
    return parse_of_program(step);
}

std::optional<CaseAction> StepParser::parse_of_program(const StepText& step) {
    const CaseProgram* program = scope_.find_program(step.key.text());
    if (program == nullptr) {
        std::vector<std::string> known = scope_.program_names();
        known.insert(known.end(), {"await", "check", "wait", "path", "include"});
        add_unknown(scope_.diagnostics(), step.key.at(0), "program", step.key.text(), known);
        return std::nullopt;
    }
    const std::string& text = step.text.text();
    if (text == "start" || text == "start()") return start(*program);
    if (text.starts_with("kill(")) return parse_signal(*program, step.text);
    if (!program->takes_calls()) {
        scope_.diagnostics().add(step.text.at(0),
                                 fmt::format("'{}' is not a tcp_actor: it makes no calls", program->name),
                                 "it can be started and signalled: start, kill(SIGTERM)");
        return std::nullopt;
    }
    std::optional<CaseCall> call = parse_call(*program, step.text, scope_);
    if (!call) return std::nullopt;
    return std::move(*call);
}

std::optional<CaseAction> StepParser::start(const CaseProgram& program) {
    scope_.forget_open_sockets(program.name);
    return CaseStart{program.name};
}

std::optional<CaseAction> StepParser::parse_signal(const CaseProgram& program, const CaseText& text) {
    constexpr std::string_view kKill = "kill(";
    if (!text.text().ends_with(')')) {
        scope_.diagnostics().add(text.at(0), fmt::format("'{}' is not a call", text.text()), "write kill(SIGINT)");
        return std::nullopt;
    }
    const CaseText name = text.part(kKill.size(), text.text().size() - kKill.size() - 1);
    const std::optional<int> signal = tcpwitness::parse_signal(name, scope_.diagnostics());
    if (!signal) return std::nullopt;
    scope_.forget_open_sockets(program.name);
    return CaseSignal{program.name, *signal, name.text()};
}

std::optional<CaseAction> StepParser::parse_sysctl(const StepText& step) {
    const std::optional<std::string> host = scope_.host(step.key);
    TextScanner scanner(step.text);
    scanner.take("sysctl(");
    const CaseText key = scanner.take_argument();
    const bool comma = scanner.take(",");
    const CaseText value = scanner.take_argument();
    if (!comma || !scanner.take(")") || !scanner.at_end() || value.empty()) {
        scope_.diagnostics().add(step.text.at(0), fmt::format("'{}' is not complete", step.text.text()),
                                 "write sysctl(net.ipv4.tcp_fin_timeout, 3)");
        return std::nullopt;
    }
    if (!is_sysctl_key(key.text())) {
        scope_.diagnostics().add(key.at(0), fmt::format("'{}' is not a setting of a network namespace", key.text()),
                                 "its key begins with 'net.'");
        return std::nullopt;
    }
    if (!host) return std::nullopt;
    std::string spelled = value.text();
    if (spelled.size() >= 2 && spelled.front() == '"' && spelled.back() == '"')
        spelled = spelled.substr(1, spelled.size() - 2);
    return CaseSetSysctl{{key.at(0), *host, key.text(), spelled}};
}

}  // namespace

std::vector<CaseStep> parse_steps(const YamlNode& list, const CommonSteps& common, YamlFields& fields, Scope& scope) {
    StepParser parser(common, fields, scope);
    parser.parse_list(list);
    return parser.take_steps();
}

std::vector<std::string> step_keywords() {
    return {"await", "check", "wait", "path", "include", "when", "within"};
}

}  // namespace tcpwitness
