// A cursor-free view of one trick's named values: each getter reads one and notes its mistakes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "case/trick_reader.hh"

namespace tcpwitness {

class TrickValues {
  public:
    TrickValues(const TrickText& text, Scope& scope) : text_(text), scope_(scope) {}

    bool good() const { return good_; }
    Scope& scope() { return scope_; }
    const TrickText& text() const { return text_; }

    const CaseText* find(std::string_view name) const;  // null: not given
    bool has_switch(std::string_view name) const;
    void refuse(const CaseText& where, std::string message, std::string hint = {});
    // "unknown queue 'fp'", with a hint.
    void refuse_unknown(const CaseText& where, std::string_view what, const std::vector<std::string>& known);

    // Nothing when it is not given or is a mistake.
    std::optional<int64_t> number(std::string_view name, int64_t least, int64_t most);
    std::optional<Duration> duration(std::string_view name);
    std::optional<Comparison> comparison(std::string_view name);
    std::optional<Expression> numbers(std::string_view name);                        // "c.snd_nxt+1", "-500"
    std::optional<NumberTest> number_test(std::string_view name);                    // ">= c.snd_nxt"
    std::string word(std::string_view name, const std::vector<std::string>& known);  // empty: not given
    std::string socket(std::string_view name);                                       // "c", "client.c", "c@1"

    std::optional<int64_t> number_of(const CaseText& text, int64_t least, int64_t most);
    std::optional<Expression> expression_of(const CaseText& text);

  private:
    bool check_socket(const CaseText& text);

    const TrickText& text_;
    Scope& scope_;
    bool good_ = true;
};

}  // namespace tcpwitness
