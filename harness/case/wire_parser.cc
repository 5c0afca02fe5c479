#include "case/wire_parser.hh"

#include <fmt/core.h>

#include <algorithm>

#include "base/tcp_flags.hh"
#include "case/text_scanner.hh"
#include "case/value_parser.hh"

namespace tcpwitness {
namespace {

const std::vector<std::string>& option_names() {
    static const std::vector<std::string> kNames{"mss", "wscale", "ts", "sackok", "sack", "fo"};
    return kNames;
}

// The one name of an option that has several: sackOK as packetdrill has it, fastopen for fo.
std::string option_name(std::string word) {
    if (word == "sackOK") return "sackok";
    if (word == "fastopen") return "fo";
    return word;
}

bool is_option_name(const std::string& word) {
    const std::vector<std::string>& options = option_names();
    return std::find(options.begin(), options.end(), option_name(word)) != options.end();
}

class PatternParser {
  public:
    PatternParser(std::set<std::string>& known, Diagnostics& diagnostics) : known_(known), diagnostics_(diagnostics) {}

    std::optional<CaseSegment> parse(const CaseText& text);

  private:
    void take_word(const CaseText& word);
    void take_mark(const CaseText& word);
    void take_assignment(const CaseText& word, size_t name_length);
    void take_expression(std::optional<Expression>& into, const CaseText& text);
    void take_option(const CaseText& name, const CaseText& value);
    void add_option(const CaseText& name, std::string value);
    void refuse(const SourcePosition& position, std::string message, std::string hint = {}) {
        diagnostics_.add(position, std::move(message), std::move(hint));
        good_ = false;
    }

    std::set<std::string>& known_;
    Diagnostics& diagnostics_;
    CaseSegment segment_;
    bool negated_ = false;  // the word before was "no"
    bool good_ = true;
};

std::optional<CaseSegment> PatternParser::parse(const CaseText& text) {
    for (const CaseText& word : split_words(text)) take_word(word);
    if (negated_) refuse(text.at(text.text().size()), "'no' stands before an option: 'no ts'");
    if (segment_.flags == 0 && good_) refuse(text.at(0), "no TCP flags here", "write 'SYN', 'FIN ACK', 'RST'");
    if (segment_.lost && segment_.forged) refuse(text.at(0), "a forged segment was never sent, so it cannot be lost");
    if (!good_) return std::nullopt;
    return segment_;
}

void PatternParser::take_word(const CaseText& word) {
    const std::string& text = word.text();
    const bool is_option = is_option_name(text);
    if (negated_ && !is_option) {
        refuse(word.at(0), "'no' stands before an option: 'no ts'");
        negated_ = false;
    }
    const size_t relation = text.find_first_of("=<>!");
    if (const std::optional<uint8_t> flag = tcp_flag_bit(text)) {
        segment_.flags |= *flag;
    } else if (text == "no") {
        negated_ = true;
    } else if (is_option) {
        add_option(word, negated_ ? "no" : "");
        negated_ = false;
    } else if (relation != std::string::npos && relation > 0) {
        take_assignment(word, relation);
    } else {
        take_mark(word);
    }
}

void PatternParser::take_mark(const CaseText& word) {
    const std::string& text = word.text();
    if (text == "?") {
        segment_.optional = true;
    } else if (text == "lost") {
        segment_.lost = true;
    } else if (text == "forged") {
        segment_.forged = true;
    } else {
        std::vector<std::string> known = tcp_flag_names();
        known.insert(known.end(), {"seq=", "ack=", "len=", "win=", "lost", "forged", "?", "no"});
        known.insert(known.end(), option_names().begin(), option_names().end());
        add_unknown(diagnostics_, word.at(0), "part of a segment", text, known);
        good_ = false;
    }
}

void PatternParser::take_assignment(const CaseText& word, size_t name_length) {
    const CaseText name = word.part(0, name_length);
    const bool equal = word.text()[name_length] == '=';
    const CaseText value = word.part(name_length + (equal ? 1 : 0));
    if (name.text() == "win") {
        if (segment_.window) refuse(name.at(0), "'win' is given twice");
        segment_.window = parse_comparison(value, diagnostics_);
        good_ = good_ && segment_.window;
        return;
    }
    if (!equal) {
        refuse(name.at(0), fmt::format("'{}' takes only '='", name.text()), "a comparison is possible for 'win'");
    } else if (name.text() == "seq") {
        take_expression(segment_.sequence, word);
    } else if (name.text() == "ack") {
        take_expression(segment_.acknowledgment, word);
    } else if (name.text() == "len") {
        take_expression(segment_.length, word);
    } else {
        take_option(name, value);
    }
}

// `word` is "seq=n+1".
void PatternParser::take_expression(std::optional<Expression>& into, const CaseText& word) {
    const CaseText value = word.part(word.text().find('=') + 1);
    if (into) refuse(word.at(0), fmt::format("'{}' is given twice", word.text().substr(0, word.text().find('='))));
    into = parse_expression(value, diagnostics_);
    if (!into) {
        good_ = false;
        return;
    }
    std::set<std::string> unknown;
    for (const Term& term : *into) {
        if (!term.variable.empty() && known_.count(term.variable) == 0) unknown.insert(term.variable);
    }
    if (unknown.size() > 1) {
        refuse(value.at(0),
               fmt::format("neither '{}' nor '{}' has a value yet", *unknown.begin(), *std::next(unknown.begin())),
               "the first use of a variable gives it its value, so it must be the only new one of its sum");
    }
    known_.insert(unknown.begin(), unknown.end());
}

void PatternParser::take_option(const CaseText& name, const CaseText& value) {
    if (!is_option_name(name.text())) {
        std::vector<std::string> known{"seq", "ack", "len", "win"};
        known.insert(known.end(), option_names().begin(), option_names().end());
        add_unknown(diagnostics_, name.at(0), "part of a segment", name.text(), known);
        good_ = false;
        return;
    }
    const std::string option = option_name(name.text());
    const bool is_number = parse_integer(value.text()).value_or(-1) >= 0;
    const bool is_cookie = !value.empty() && value.text().find_first_not_of("0123456789abcdef") == std::string::npos;
    if (option != "mss" && option != "wscale" && option != "fo") {
        refuse(name.at(0), fmt::format("'{}' takes no value", option), fmt::format("write '{0}' or 'no {0}'", option));
    } else if (option == "fo" ? !is_cookie : !is_number) {
        refuse(value.at(0), fmt::format("'{}' is not a value of {}", value.text(), option),
               option == "fo" ? "a cookie is written in hexadecimal digits" : "write a number");
    } else {
        add_option(name, value.text());
    }
}

void PatternParser::add_option(const CaseText& name, std::string value) {
    if (!segment_.options.emplace(option_name(name.text()), std::move(value)).second) {
        refuse(name.at(0), fmt::format("'{}' is given twice", name.text()));
    }
}

}  // namespace

std::optional<Expression> parse_expression(const CaseText& text, Diagnostics& diagnostics) {
    TextScanner scanner(text);
    Expression expression;
    while (!scanner.at_end() || expression.empty()) {
        Term term;
        const bool signed_term = scanner.rest().starts_with('+') || scanner.rest().starts_with('-');
        if (signed_term) {
            term.negative = scanner.take("-");
            if (!term.negative) scanner.take("+");
        }
        term.variable = scanner.take_name();
        const std::string digits(scanner.rest().substr(0, scanner.rest().find_first_not_of("0123456789")));
        const std::optional<int64_t> number = parse_integer(digits);
        if ((!signed_term && !expression.empty()) || (term.variable.empty() && !number)) {
            diagnostics.add(text.at(0), fmt::format("'{}' is not a sum of names and numbers", text.text()),
                            "write 'n+s+1'");
            return std::nullopt;
        }
        if (term.variable.empty()) {
            term.integer = *number;
            scanner.take(digits);
        }
        expression.push_back(std::move(term));
    }
    return expression;
}

std::optional<CaseSegment> parse_segment_pattern(const CaseText& text, std::set<std::string>& known,
                                                 Diagnostics& diagnostics) {
    return PatternParser(known, diagnostics).parse(text);
}

}  // namespace tcpwitness
