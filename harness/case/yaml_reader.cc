#include "case/yaml_reader.hh"

#include <fmt/core.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "base/utf8.hh"

namespace tcpwitness {
namespace {

// Thrown inside yaml-cpp's parser to leave it; the diagnostic is already there.
struct GiveUp {};

// The file's bytes, and what yaml-cpp's marks (bytes, counted from 0) point at.
struct SourceBytes {
    std::string_view content;
    std::string file;

    std::string_view from(const YAML::Mark& mark) const {
        return content.substr(std::min(content.size(), static_cast<size_t>(std::max(mark.pos, 0))));
    }

    // The part of the mark's line that stands before it.
    std::string_view line_before(const YAML::Mark& mark) const {
        const std::string_view before = content.substr(0, content.size() - from(mark).size());
        const size_t newline = before.rfind('\n');
        return newline == std::string_view::npos ? before : before.substr(newline + 1);
    }

    // Counted in characters from 1; in bytes where counting would be dear, on lines that nobody wrote by hand.
    SourcePosition position(const YAML::Mark& mark) const {
        constexpr int kLongLine = 4096;
        if (mark.is_null()) return {file, 0, 0};
        int column = mark.column + 1;
        if (column < kLongLine) {
            const auto starts_character = [](char byte) { return (static_cast<unsigned char>(byte) & 0xc0) != 0x80; };
            const std::string_view before = line_before(mark);
            column = 1 + static_cast<int>(std::count_if(before.begin(), before.end(), starts_character));
        }
        return {file, mark.line + 1, column};
    }
};

// The length of the quoted text that `source` begins with, quotes included; npos when it has no end.
size_t quoted_length(std::string_view source) {
    const char quote = source.front();
    for (size_t i = 1; i < source.size(); ++i) {
        if (quote == '"' && source[i] == '\\') {
            ++i;
        } else if (source[i] == quote) {
            if (quote == '"' || i + 1 >= source.size() || source[i + 1] != '\'') return i + 1;
            ++i;
        }
    }
    return std::string_view::npos;
}

size_t count_nodes(const YamlNode& node) {
    size_t count = 1;
    for (const YamlNode& item : node.items) count += count_nodes(item);
    for (const YamlEntry& entry : node.entries) count += 1 + count_nodes(entry.value);
    return count;
}

// Builds the tree from yaml-cpp's events.
class TreeBuilder : public YAML::EventHandler {
  public:
    TreeBuilder(const SourceBytes& source, Diagnostics& diagnostics) : source_(source), diagnostics_(diagnostics) {}

    std::optional<YamlNode> take_root() { return std::move(root_); }

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (!root_) return;
        diagnostics_.add(source_.position(mark), "a second YAML document begins here",
                         "a case file is one document; check the indentation here and above");
        throw GiveUp{};
    }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        add({.position = source_.position(mark)}, anchor);
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const auto found = anchors_.find(anchor);
        if (found == anchors_.end()) {
            diagnostics_.add(source_.position(mark), "this alias stands inside what it refers to");
            throw GiveUp{};
        }
        count(count_nodes(found->second), mark);
        add(found->second, 0);
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override;
    void OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value /*style*/) override {
        open(YamlNode::Kind::sequence, mark, anchor);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value /*style*/) override {
        open(YamlNode::Kind::map, mark, anchor);
    }
    void OnMapEnd() override { close(); }

  private:
    struct Frame {
        YamlNode node;
        YAML::anchor_t anchor;
        std::optional<YamlNode> key;
    };

    void count(size_t nodes, const YAML::Mark& mark);
    void open(YamlNode::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor);
    void close();
    void add(YamlNode node, YAML::anchor_t anchor);
    void add_to_map(Frame& frame, YamlNode node);

    const SourceBytes& source_;
    Diagnostics& diagnostics_;
    std::vector<Frame> open_;
    std::map<YAML::anchor_t, YamlNode> anchors_;
    std::optional<YamlNode> root_;
    size_t nodes_ = 0;
};

void TreeBuilder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                           const std::string& value) {
    count(1, mark);
    const std::string_view source = source_.from(mark);
    SourcePosition start = source_.position(mark);
    YamlNode node{.kind = YamlNode::Kind::scalar, .position = start};
    node.quoted = tag == "!";
    const bool in_quotes = node.quoted && (source.starts_with('"') || source.starts_with('\''));
    if (in_quotes && quoted_length(source) == std::string_view::npos) {
        diagnostics_.add(start, "this quoted text has no closing quote");
        throw GiveUp{};
    }
    if (in_quotes) ++start.column;
    node.text = CaseText(value, start, source.substr(in_quotes ? 1 : 0).starts_with(value));
    add(std::move(node), anchor);
}

void TreeBuilder::count(size_t nodes, const YAML::Mark& mark) {
    nodes_ += nodes;
    if (nodes_ <= kMostYamlNodes) return;
    diagnostics_.add(source_.position(mark), fmt::format("the file has more than {} values here", kMostYamlNodes),
                     "aliases count as what they stand for");
    throw GiveUp{};
}

void TreeBuilder::open(YamlNode::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    count(1, mark);
    if (open_.size() >= kDeepestYaml) {
        diagnostics_.add(source_.position(mark),
                         fmt::format("lists and maps are nested more than {} deep", kDeepestYaml));
        throw GiveUp{};
    }
    open_.push_back({{.kind = kind, .position = source_.position(mark)}, anchor, std::nullopt});
}

void TreeBuilder::close() {
    Frame frame = std::move(open_.back());
    open_.pop_back();
    add(std::move(frame.node), frame.anchor);
}

void TreeBuilder::add(YamlNode node, YAML::anchor_t anchor) {
    if (anchor != 0) anchors_[anchor] = node;
    if (open_.empty()) {
        root_ = std::move(node);
    } else if (open_.back().node.is_sequence()) {
        open_.back().node.items.push_back(std::move(node));
    } else {
        add_to_map(open_.back(), std::move(node));
    }
}

void TreeBuilder::add_to_map(Frame& frame, YamlNode node) {
    if (frame.key) {
        frame.node.entries.push_back({std::move(*frame.key), std::move(node)});
        frame.key.reset();
        return;
    }
    if (!node.is_scalar()) {
        diagnostics_.add(node.position, fmt::format("a key must be a text, not {}", to_string(node.kind)));
        throw GiveUp{};
    }
    const auto same = std::find_if(frame.node.entries.begin(), frame.node.entries.end(),
                                   [&](const YamlEntry& entry) { return entry.key.text.text() == node.text.text(); });
    if (same != frame.node.entries.end()) {
        diagnostics_.add(node.position, fmt::format("the key '{}' is here a second time", node.text.text()),
                         fmt::format("it is in line {} too", same->key.position.line));
    }
    frame.key = std::move(node);
}

// What yaml-cpp's messages mean to somebody who writes a case.
std::string yaml_hint(const SourceBytes& source, const YAML::Exception& error) {
    const std::string_view before = source.line_before(error.mark);
    const std::string_view rest = source.from(error.mark);
    if (before.find('\t') != std::string_view::npos || rest.starts_with('\t'))
        return "YAML is indented with blanks, not tabs";
    if (error.msg == "illegal map value") return "put a text that has ': ' in it into quotes";
    if (error.msg == "end of map not found" || error.msg == "end of sequence not found")
        return "check the indentation here and above";
    if (error.msg == "end of sequence flow not found") return "a '[' has no ']'";
    if (error.msg == "end of map flow not found") return "a '{' has no '}'";
    if (error.msg == "unknown token") return "put a text that begins with this character into quotes";
    return {};
}

bool is_text(std::string_view content, const std::string& file, Diagnostics& diagnostics) {
    if (content.size() > kLargestCaseFile) {
        diagnostics.add({file, 0, 0}, fmt::format("the file has {} bytes; a case file has at most {}", content.size(),
                                                  kLargestCaseFile));
        return false;
    }
    const auto is_control = [](char byte) {
        const auto code = static_cast<unsigned char>(byte);
        return (code < 0x20 && code != '\t' && code != '\n' && code != '\r') || code == 0x7f;
    };
    const auto control =
        static_cast<size_t>(std::find_if(content.begin(), content.end(), is_control) - content.begin());
    const size_t bad = std::min(control, first_invalid_utf8(content).value_or(content.size()));
    if (bad == content.size()) return true;
    const std::string_view before = content.substr(0, bad);
    const auto line = static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1;
    const int column = static_cast<int>(bad - (before.rfind('\n') + 1)) + 1;
    diagnostics.add({file, line, column},
                    fmt::format("byte 0x{:02x} is not text", static_cast<unsigned char>(content[bad])),
                    "a case file is UTF-8 text");
    return false;
}

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
    const auto found = std::find_if(entries.begin(), entries.end(),
                                    [&](const YamlEntry& entry) { return entry.key.text.text() == key; });
    return found == entries.end() ? nullptr : &found->value;
}

std::string_view to_string(YamlNode::Kind kind) {
    switch (kind) {
        case YamlNode::Kind::null:
            return "nothing";
        case YamlNode::Kind::scalar:
            return "a text";
        case YamlNode::Kind::sequence:
            return "a list";
        case YamlNode::Kind::map:
            return "a map";
    }
    return "?";
}

std::optional<YamlNode> read_yaml(std::string_view content, const std::string& file, Diagnostics& diagnostics) {
    if (content.starts_with("\xef\xbb\xbf")) content.remove_prefix(3);  // a byte order mark says nothing in UTF-8
    if (!is_text(content, file, diagnostics)) return std::nullopt;
    const SourceBytes source{content, file};
    TreeBuilder builder(source, diagnostics);
    try {
        std::istringstream stream{std::string(content)};
        YAML::Parser parser(stream);
        while (parser.HandleNextDocument(builder)) {
        }
    } catch (const GiveUp&) {
        return std::nullopt;
    } catch (const YAML::Exception& error) {
        diagnostics.add(source.position(error.mark), "not YAML: " + error.msg, yaml_hint(source, error));
        return std::nullopt;
    }
    std::optional<YamlNode> root = builder.take_root();
    if (!root || root->kind == YamlNode::Kind::null) {
        diagnostics.add({file, 0, 0}, "the file is empty");
        return std::nullopt;
    }
    return root;
}

}  // namespace tcpwitness
