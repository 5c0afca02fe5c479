#include "cli/try_words.hh"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "base/error.hh"
#include "cli/guest_files.hh"
#include "guest/library_search.hh"

namespace tcpwitness {
namespace {

namespace fs = std::filesystem;

constexpr uintmax_t kLargestFile = 1 << 20;  // bytes, of a file that a case brings

// A name that steps can begin with.
std::string program_name(const std::string& command, const std::string& taken) {
    static const std::vector<std::string> kReserved{"client", "server",  "path", "await", "check",
                                                    "wait",   "include", "when", "within"};
    std::string name = fs::path(command).filename().string();
    for (char& c : name) {
        const bool fits =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
        if (!fits) c = '_';
    }
    const bool letter_first = !name.empty() && (name[0] < '0' || name[0] > '9') && name[0] != '-';
    if (!letter_first) name = "_" + name;
    if (std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end()) name += "_program";
    return name == taken ? name + "_2" : name;
}

bool is_below(const fs::path& path) {
    return path.is_relative() && *path.begin() != "..";
}

void bring_file(std::string& word, TryProgram& program, const std::string& case_folder) {
    const fs::path path = fs::path(word).lexically_normal();
    if (word.empty() || word == "." || path.is_absolute() || !fs::exists(path)) return;
    if (!fs::is_regular_file(path) || !is_below(path) || fs::file_size(path) > kLargestFile) {
        word = fs::absolute(path).lexically_normal().string();
        return;
    }
    word = path.string();
    program.files.emplace_back(word, fs::proximate(path, case_folder).string());
}

}  // namespace

std::vector<std::string> shell_words(const std::string& line) {
    std::vector<std::string> words;
    std::string word;
    char quote = 0;
    bool inside = false;  // a word has begun, which may be empty: ''
    for (size_t at = 0; at < line.size(); ++at) {
        const char c = line[at];
        const bool blank = c == ' ' || c == '\t' || c == '\n';
        if (quote == 0 && blank) {
            if (std::exchange(inside, false)) words.push_back(std::exchange(word, {}));
            continue;
        }
        inside = true;
        const bool escapes = c == '\\' && quote != '\'' && at + 1 < line.size() &&
                             (quote == 0 || std::string_view("\"\\$`").find(line[at + 1]) != std::string_view::npos);
        if (escapes) {
            word += line[++at];
        } else if (quote == 0 && (c == '\'' || c == '"')) {
            quote = c;
        } else if (c == quote) {
            quote = 0;
        } else {
            word += c;
        }
    }
    if (quote != 0) throw Error(fmt::format("a quote is not closed: {}", line));
    if (inside) words.push_back(word);
    return words;
}

TryProgram try_program(const std::string& line, const std::string& taken, const std::string& case_folder) {
    TryProgram program{.words = shell_words(line)};
    if (program.words.empty()) throw Error("no program is named");
    std::string& command = program.words.front();
    if (command.find('/') != std::string::npos) command = fs::absolute(command).lexically_normal().string();
    if (guest::find_program(command, search_path()).empty())
        throw Error(fmt::format("there is no program '{}' here", command));
    program.name = program_name(command, taken);
    for (size_t i = 1; i < program.words.size(); ++i) bring_file(program.words[i], program, case_folder);
    return program;
}

}  // namespace tcpwitness
