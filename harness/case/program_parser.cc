#include "case/program_parser.hh"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <limits>

#include "base/error.hh"
#include "base/file_descriptor.hh"
#include "case/step_parser.hh"
#include "case/text_scanner.hh"
#include "case/value_parser.hh"

namespace tcpwitness {
namespace {

namespace filesystem = std::filesystem;

constexpr uintmax_t kLargestProgramFile = 1 << 20;  // bytes: it travels in the Plan

std::vector<std::string> host_names(bool direct) {
    std::vector<std::string> names{"client", "server"};
    if (!direct) names.emplace_back("path");
    return names;
}

bool is_program_name(const std::string& name) {
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    return !name.empty() && is_letter(name.front()) && std::all_of(name.begin(), name.end(), [&](char c) {
        return is_letter(c) || (c >= '0' && c <= '9') || c == '-';
    });
}

// A path that stays inside the folder it is relative to.
bool is_inside(const std::string& path) {
    const filesystem::path normal = filesystem::path(path).lexically_normal();
    return !path.empty() && normal.is_relative() && *normal.begin() != "..";
}

class ProgramParser {
  public:
    ProgramParser(const std::string& case_file, bool direct, YamlFields& fields)
        : folder_(filesystem::path(case_file).parent_path()), direct_(direct), fields_(fields) {}

    CaseProgram parse(const CaseText& name, const YamlNode& map);

  private:
    void parse_field(const std::string& key, const YamlNode& value, CaseProgram& program);
    void parse_on(const YamlNode& value, CaseProgram& program);
    void parse_run(const YamlNode& value, CaseProgram& program);
    void parse_files(const YamlNode& value, CaseProgram& program);
    void parse_folder(const YamlNode& value, CaseProgram& program);
    void parse_environment(const YamlNode& value, CaseProgram& program);
    std::optional<std::string> read(const CaseText& path);

    filesystem::path folder_;
    bool direct_;
    YamlFields& fields_;
};

CaseProgram ProgramParser::parse(const CaseText& name, const YamlNode& map) {
    CaseProgram program{.name = name.text(), .position = name.at(0)};
    const bool has_own_host = program.name == "client" || program.name == "server";
    if (has_own_host) program.host = program.name;
    fields_.check_keys(map, {"on", "run", "files", "env", "cwd", "user"});
    for (const YamlEntry& entry : map.entries) parse_field(entry.key.text.text(), entry.value, program);
    if (program.host.empty() && map.find("on") == nullptr) {
        fields_.diagnostics().add(name.at(0), fmt::format("'on' is missing: where does '{}' run?", program.name),
                                  "write {on: server}");
    }
    if (has_own_host && !program.host.empty() && program.host != program.name) {
        fields_.diagnostics().add(name.at(0), fmt::format("'{0}' runs on the host '{0}'", program.name),
                                  "give a program on another host another name");
    }
    return program;
}

void ProgramParser::parse_field(const std::string& key, const YamlNode& value, CaseProgram& program) {
    if (key == "on") parse_on(value, program);
    if (key == "run") parse_run(value, program);
    if (key == "files") parse_files(value, program);
    if (key == "cwd") parse_folder(value, program);
    if (key == "env") parse_environment(value, program);
    if (key != "user") return;
    const std::optional<int64_t> user = fields_.integer(value, "'user'", 0, std::numeric_limits<int32_t>::max());
    if (user) program.user = static_cast<uint32_t>(*user);
}

void ProgramParser::parse_on(const YamlNode& value, CaseProgram& program) {
    const std::optional<CaseText> text = fields_.text(value, "'on'");
    if (!text) return;
    const std::vector<std::string> hosts = host_names(direct_);
    if (std::find(hosts.begin(), hosts.end(), text->text()) == hosts.end()) {
        add_unknown(fields_.diagnostics(), text->at(0), "host", text->text(), hosts);
        return;
    }
    program.host = text->text();
}

void ProgramParser::parse_run(const YamlNode& value, CaseProgram& program) {
    if (value.is_scalar() && value.text.text().find(' ') != std::string::npos) {
        fields_.diagnostics().add(value.position, "'run' is a list: the program and its arguments",
                                  "write [nginx, -p, .]");
        return;
    }
    program.command = fields_.strings(value, "'run'");
    if (program.command.empty() || program.command.front().empty()) {
        fields_.diagnostics().add(value.position, "'run' names no program", "write [nginx, -p, .]");
    }
}

void ProgramParser::parse_files(const YamlNode& value, CaseProgram& program) {
    if (!fields_.is_map(value, "'files'")) return;
    for (const YamlEntry& entry : value.entries) {
        const CaseText name = fields_.key(entry);
        const std::optional<CaseText> path = fields_.text(entry.value, "a file");
        if (!is_inside(name.text())) {
            fields_.diagnostics().add(
                name.at(0), fmt::format("'{}' is not inside the program's own folder", name.text()),
                "the left side is a name in a folder made for the run, the right side a file to copy");
        }
        std::optional<std::string> content = path ? read(*path) : std::nullopt;
        if (content) program.files.push_back({name.text(), std::move(*content)});
    }
}

std::optional<std::string> ProgramParser::read(const CaseText& path) {
    const filesystem::path file = folder_ / path.text();
    std::error_code error;
    const uintmax_t size = filesystem::file_size(file, error);
    if (error) {
        fields_.diagnostics().add(path.at(0), fmt::format("cannot read '{}': {}", path.text(), error.message()),
                                  "paths are relative to the case file");
        return std::nullopt;
    }
    if (size > kLargestProgramFile) {
        fields_.diagnostics().add(
            path.at(0), fmt::format("'{}' has {} bytes; {} are the most", path.text(), size, kLargestProgramFile));
        return std::nullopt;
    }
    try {
        return read_file(file.string());
    } catch (const Error& failure) {
        fields_.diagnostics().add(path.at(0), failure.what());
        return std::nullopt;
    }
}

void ProgramParser::parse_folder(const YamlNode& value, CaseProgram& program) {
    const std::optional<CaseText> text = fields_.text(value, "'cwd'");
    if (!text) return;
    if (!is_inside(text->text())) {
        fields_.diagnostics().add(text->at(0),
                                  fmt::format("'{}' is not inside the program's own folder", text->text()));
        return;
    }
    program.working_folder = text->text();
}

void ProgramParser::parse_environment(const YamlNode& value, CaseProgram& program) {
    if (!fields_.is_map(value, "'env'")) return;
    for (const YamlEntry& entry : value.entries) {
        const std::optional<CaseText> text = fields_.text(entry.value, "a variable of the environment");
        if (text) program.environment[fields_.key(entry).text()] = text->text();
    }
}

void check_name(const CaseText& name, Diagnostics& diagnostics) {
    const std::vector<std::string> keywords = step_keywords();
    if (std::find(keywords.begin(), keywords.end(), name.text()) != keywords.end()) {
        diagnostics.add(name.at(0), fmt::format("'{}' cannot be the name of a program", name.text()),
                        "steps use it for something else");
    } else if (!is_program_name(name.text())) {
        diagnostics.add(name.at(0), fmt::format("'{}' cannot be the name of a program", name.text()),
                        "write letters, digits, '_' and '-'");
    }
}

}  // namespace

std::vector<CaseProgram> parse_programs(const YamlNode* node, const std::string& case_file, bool direct,
                                        YamlFields& fields) {
    std::vector<CaseProgram> programs{{.name = "client", .host = "client"}, {.name = "server", .host = "server"}};
    if (node == nullptr || !fields.is_map(*node, "'programs'")) return programs;
    ProgramParser parser(case_file, direct, fields);
    for (const YamlEntry& entry : node->entries) {
        const CaseText name = fields.key(entry);
        check_name(name, fields.diagnostics());
        if (!fields.is_map(entry.value, fmt::format("the program '{}'", name.text()))) continue;
        CaseProgram program = parser.parse(name, entry.value);
        const auto same = std::find_if(programs.begin(), programs.end(),
                                       [&](const CaseProgram& each) { return each.name == program.name; });
        if (same != programs.end()) {
            *same = std::move(program);
        } else {
            programs.push_back(std::move(program));
        }
    }
    return programs;
}

std::vector<CaseSysctl> parse_hosts(const YamlNode* node, bool direct, YamlFields& fields) {
    std::vector<CaseSysctl> sysctls;
    if (node == nullptr || !fields.is_map(*node, "'hosts'")) return sysctls;
    fields.check_keys(*node, host_names(direct));
    for (const YamlEntry& host : node->entries) {
        if (!fields.is_map(host.value, fmt::format("the host '{}'", host.key.text.text()))) continue;
        fields.check_keys(host.value, {"sysctl"});
        const YamlNode* settings = host.value.find("sysctl");
        if (settings == nullptr || !fields.is_map(*settings, "'sysctl'")) continue;
        for (const YamlEntry& entry : settings->entries) {
            const CaseText key = fields.key(entry);
            if (!is_sysctl_key(key.text())) {
                fields.diagnostics().add(key.at(0),
                                         fmt::format("'{}' is not a setting of a network namespace", key.text()),
                                         "its key begins with 'net.'");
            }
            const std::optional<CaseText> value = fields.text(entry.value, fmt::format("'{}'", key.text()));
            if (value) sysctls.push_back({key.at(0), host.key.text.text(), key.text(), value->text()});
        }
    }
    return sysctls;
}

}  // namespace tcpwitness
