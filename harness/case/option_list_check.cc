#include "case/option_list_check.hh"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "base/tcp_ao.hh"
#include "case/text_scanner.hh"

namespace tcpwitness {
namespace {

using Kind = Value::Kind;

constexpr int64_t kLongestPrefix = 128;  // of IPv6; the kernel refuses what is too long for IPv4

// What the list of a key must have; a prefix length may stand behind the address.
struct KeyForm {
    bool port = false;    // the address may have one
    bool secret = false;  // the key itself
    bool number = false;  // its number
    std::string_view hint;
};

KeyForm key_form(OptionKind kind) {
    switch (kind) {
        case OptionKind::ao_key:
            return {.secret = true,
                    .number = true,
                    .hint =
                        "write {server:0, \"key\", 1}: whose it is, the key, its number; a prefix length may stand "
                        "behind the address"};
        case OptionKind::ao_deletion:
            return {.number = true,
                    .hint =
                        "write {server:0, 1}: whose it is, its number; a prefix length may stand behind the "
                        "address"};
        default:
            return {.port = true,
                    .secret = true,
                    .hint =
                        "write {server:0, \"key\"}: whose it is, the key; for TCP_MD5SIG_EXT a prefix length may "
                        "stand behind the address"};
    }
}

std::vector<CaseText> texts_of_items(const CaseText& list) {
    return split_text(list.part(1, list.text().size() - 2), ",");
}

class KeyCheck {
  public:
    KeyCheck(const CaseArgument& argument, const CaseText& text, const SocketOption& option, Diagnostics& diagnostics)
        : argument_(argument), text_(text), option_(option), form_(key_form(option.kind)), diagnostics_(diagnostics) {}

    bool good() {
        const size_t least = 1U + (form_.secret ? 1 : 0) + (form_.number ? 1 : 0);
        const size_t items = argument_.items.size();
        if (argument_.value.kind != Kind::list || items < least || items > least + 1) {
            diagnostics_.add(text_.at(0), fmt::format("{} does not take '{}'", option_.name, text_.text()),
                             std::string(form_.hint));
            return false;
        }
        texts_ = texts_of_items(text_);
        bool all = owner();
        if (items > least)
            all =
                number_is(1, kLongestPrefix, "a prefix length", "they are 0 to 32 for IPv4, 0 to 128 for IPv6") && all;
        if (form_.secret) all = secret(form_.number ? items - 2 : items - 1) && all;
        if (form_.number) {
            all = number_is(items - 1, kTcpAoHighestNumber, "the number of a key",
                            fmt::format("they are 0 to {}", kTcpAoHighestNumber)) &&
                  all;
        }
        return all;
    }

  private:
    bool refuse(size_t place, std::string message, std::string hint) {
        diagnostics_.add(texts_[place].at(0), std::move(message), std::move(hint));
        return false;
    }

    bool owner() {
        const CaseArgument& item = argument_.items[0];
        if (item.value.kind != Kind::address) {
            return refuse(0, fmt::format("'{}' stands where the address belongs whose key it is", texts_[0].text()),
                          std::string(form_.hint));
        }
        const uint16_t port = item.endpoint->port.value_or(0);
        const std::string& text = texts_[0].text();
        return form_.port || port == 0 ||
               refuse(0, "a key of TCP-AO is for all ports of an address",
                      fmt::format("write {}:0", text.substr(0, text.rfind(':'))));
    }

    bool secret(size_t place) {
        const Value& key = argument_.items[place].value;
        if (key.kind != Kind::text) {
            return refuse(place, fmt::format("'{}' stands where a key in quotes belongs", texts_[place].text()),
                          std::string(form_.hint));
        }
        return key.text.size() <= kTcpAoLongestKey ||
               refuse(place, fmt::format("this key has {} bytes", key.text.size()),
                      fmt::format("the kernel has room for {}", kTcpAoLongestKey));
    }

    bool number_is(size_t place, int64_t most, std::string_view what, std::string hint) {
        const Value& value = argument_.items[place].value;
        return (value.kind == Kind::integer && value.integer >= 0 && value.integer <= most) ||
               refuse(place, fmt::format("'{}' is not {}", texts_[place].text(), what), std::move(hint));
    }

    const CaseArgument& argument_;
    const CaseText& text_;
    const SocketOption& option_;
    KeyForm form_;
    Diagnostics& diagnostics_;
    std::vector<CaseText> texts_;
};

// One item of {current_key=1, rnext=2}. `seen` are the names of those before it.
bool check_field(const CaseArgument& item, const CaseText& text, std::set<std::string>& seen,
                 Diagnostics& diagnostics) {
    const std::string& name = item.value.text;
    if (item.value.kind != Kind::field) {
        diagnostics.add(text.at(0), fmt::format("'{}' stands where 'field=number' belongs", text.text()),
                        fmt::format("fields are {}", join_words(tcp_ao_info_fields())));
        return false;
    }
    const std::optional<int64_t> most = tcp_ao_info_most(name);
    if (!most) {
        add_unknown(diagnostics, text.at(0), "field of tcp_ao_info_opt", name, tcp_ao_info_fields());
        return false;
    }
    if (!seen.insert(name).second) {
        diagnostics.add(text.at(0), fmt::format("'{}' has a value already", name));
        return false;
    }
    const Value& value = item.items.front().value;
    if (value.kind == Kind::integer && value.integer >= 0 && value.integer <= *most) return true;
    const CaseText number = text.part(text.text().find('=') + 1);
    diagnostics.add(number.at(0), fmt::format("{} does not take '{}'", name, number.text()),
                    *most == 1 ? "write 0 or 1" : fmt::format("write a number from 0 to {}", *most));
    return false;
}

}  // namespace

bool has_fields(const CaseArgument& argument) {
    return std::any_of(argument.items.begin(), argument.items.end(),
                       [](const CaseArgument& item) { return item.value.kind == Kind::field; });
}

bool check_key(const CaseArgument& argument, const CaseText& text, const SocketOption& option,
               Diagnostics& diagnostics) {
    return KeyCheck(argument, text, option, diagnostics).good();
}

bool check_fields(const CaseArgument& argument, const CaseText& text, const SocketOption& option,
                  Diagnostics& diagnostics) {
    if (argument.value.kind != Kind::list || argument.items.empty()) {
        diagnostics.add(text.at(0), fmt::format("{} does not take '{}'", option.name, text.text()),
                        "write fields of its struct as {rnext=2}; those not written are 0");
        return false;
    }
    const std::vector<CaseText> texts = texts_of_items(text);
    std::set<std::string> seen;
    bool good = true;
    for (size_t i = 0; i < texts.size(); ++i)
        good = check_field(argument.items[i], texts[i], seen, diagnostics) && good;
    return good;
}

}  // namespace tcpwitness
