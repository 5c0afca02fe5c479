#include "cli/filter.hh"

#include <algorithm>
#include <cctype>
#include <vector>

#include "base/error.hh"

namespace tcpwitness {

struct Filter::Node {
    enum class Kind : uint8_t { word, negation, conjunction, disjunction };
    Kind kind = Kind::word;
    std::string word;
    std::unique_ptr<Node> left;
    std::unique_ptr<Node> right;
};

namespace {

using Node = Filter::Node;

std::vector<std::string> split(std::string_view expression) {
    std::vector<std::string> tokens;
    for (size_t at = 0; at < expression.size();) {
        const char letter = expression[at];
        if (std::isspace(static_cast<unsigned char>(letter))) {
            ++at;
        } else if (letter == '(' || letter == ')') {
            tokens.emplace_back(1, letter);
            ++at;
        } else if (letter == '"' || letter == '\'') {
            const size_t end = expression.find(letter, at + 1);
            if (end == std::string_view::npos) throw Error("-k: the quote is not closed");
            tokens.push_back('"' + std::string(expression.substr(at + 1, end - at - 1)));
            at = end + 1;
        } else {
            const size_t end = std::min(expression.find_first_of(" \t()", at), expression.size());
            tokens.emplace_back(expression.substr(at, end - at));
            at = end;
        }
    }
    return tokens;
}

// disjunction := conjunction { "or" conjunction };  conjunction := unary { ["and"] unary }
class Parser {
  public:
    explicit Parser(std::string_view expression) : tokens_(split(expression)) {}

    std::unique_ptr<Node> parse() {
        if (tokens_.empty()) return nullptr;
        auto node = disjunction();
        if (at_ < tokens_.size()) throw Error("-k: '" + tokens_[at_] + "' is one too many");
        return node;
    }

  private:
    bool take(std::string_view token) {
        if (at_ >= tokens_.size() || tokens_[at_] != token) return false;
        ++at_;
        return true;
    }

    bool at_operand() const { return at_ < tokens_.size() && tokens_[at_] != "or" && tokens_[at_] != ")"; }

    static std::unique_ptr<Node> join(Node::Kind kind, std::unique_ptr<Node> left, std::unique_ptr<Node> right) {
        return std::make_unique<Node>(Node{kind, {}, std::move(left), std::move(right)});
    }

    std::unique_ptr<Node> disjunction() {
        auto node = conjunction();
        while (take("or")) node = join(Node::Kind::disjunction, std::move(node), conjunction());
        return node;
    }

    std::unique_ptr<Node> conjunction() {
        auto node = unary();
        while (take("and") || at_operand()) node = join(Node::Kind::conjunction, std::move(node), unary());
        return node;
    }

    std::unique_ptr<Node> unary() {
        if (take("not")) return join(Node::Kind::negation, unary(), nullptr);
        if (take("(")) {
            auto node = disjunction();
            if (!take(")")) throw Error("-k: a ')' is missing");
            return node;
        }
        if (!at_operand() || tokens_[at_] == "and") throw Error("-k: a word is missing");
        std::string word = tokens_[at_++];
        if (word.front() == '"') word.erase(0, 1);
        return std::make_unique<Node>(Node{Node::Kind::word, std::move(word), nullptr, nullptr});
    }

    std::vector<std::string> tokens_;
    size_t at_ = 0;
};

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char letter) { return std::tolower(letter); });
    return text;
}

bool word_matches(const std::string& word, const Plan& plan) {
    const auto is_word = [&word](const std::string& other) { return lower(other) == lower(word); };
    return lower(plan.id).find(lower(word)) != std::string::npos ||
           lower(plan.title).find(lower(word)) != std::string::npos ||
           std::any_of(plan.tags.begin(), plan.tags.end(), is_word) ||
           std::any_of(plan.claims.begin(), plan.claims.end(), is_word);
}

bool node_matches(const Node& node, const Plan& plan) {
    switch (node.kind) {
        case Node::Kind::word: return word_matches(node.word, plan);
        case Node::Kind::negation: return !node_matches(*node.left, plan);
        case Node::Kind::conjunction: return node_matches(*node.left, plan) && node_matches(*node.right, plan);
        case Node::Kind::disjunction: return node_matches(*node.left, plan) || node_matches(*node.right, plan);
    }
    return false;
}

}  // namespace

Filter::Filter(std::string_view expression) : root_(Parser(expression).parse()) {}
Filter::~Filter() = default;
Filter::Filter(Filter&&) noexcept = default;
Filter& Filter::operator=(Filter&&) noexcept = default;

bool Filter::matches(const Plan& plan) const {
    return root_ == nullptr || node_matches(*root_, plan);
}

}  // namespace tcpwitness
