#include "coverage/coverage.hh"

#include <fmt/core.h>

#include <algorithm>

#include "coverage/arcs.hh"
#include "coverage/claims.hh"
#include "coverage/knobs.hh"
#include "coverage/unshown.hh"

namespace tcpwitness {
namespace {

// "6.12" of "6.12.107+deb13-cloud-amd64".
std::string series_of(const std::string& release) {
    const size_t dot = release.find('.');
    const size_t end = release.find_first_not_of("0123456789", dot == std::string::npos ? dot : dot + 1);
    return release.substr(0, end);
}

std::string without_place(const Witness& witness) {
    return witness.run.substr(0, witness.run.rfind('@'));
}

void add_witness(std::vector<Witness>& witnesses, const Witness& witness) {
    if (witnesses.empty() || witnesses.back() != witness) witnesses.push_back(witness);
}

CoverageItem& item_called(std::vector<CoverageItem>& items, const std::string& id) {
    const auto found =
        std::find_if(items.begin(), items.end(), [&id](const CoverageItem& item) { return item.id == id; });
    if (found != items.end()) return *found;
    return items.emplace_back(CoverageItem{.id = id, .wanted = false});
}

CoverageItem knob(std::string_view name) {
    return {.id = std::string(name), .impossible = std::string(why_unshown(name))};
}

size_t cell_index(TcpState state, TableEvent event) {
    return static_cast<size_t>(state) * kTableEvents + static_cast<size_t>(event);
}

// What each kernel showed, of the cases that passed on more than one; empty when all showed the same.
class Comparer {
  public:
    explicit Comparer(const std::map<std::string, std::set<std::string>>& cases) : cases_(cases) {}

    void note(const Witness& witness, const std::string& what) {
        const auto found = cases_.find(without_place(witness));
        if (found == cases_.end() || found->second.size() < 2) return;
        for (const std::string& kernel : found->second) shown_[without_place(witness)][kernel];
        shown_[without_place(witness)][witness.kernel].insert(what);
    }

    // Of the first case in which the kernels differ.
    std::map<std::string, std::string> difference() const {
        for (const auto& [run, kernels] : shown_) {
            const auto& first = kernels.begin()->second;
            if (std::all_of(kernels.begin(), kernels.end(), [&](const auto& entry) { return entry.second == first; }))
                continue;
            std::map<std::string, std::string> told;
            for (const auto& [kernel, all] : kernels) {
                std::string& text = told[kernel];
                for (const std::string& each : all) text += (text.empty() ? "" : " or ") + each;
                if (text.empty()) text = "not shown";
                text += " (" + run + ")";
            }
            return told;
        }
        return {};
    }

  private:
    const std::map<std::string, std::set<std::string>>& cases_;
    std::map<std::string, std::map<std::string, std::set<std::string>>> shown_;  // case -> kernel -> what
};

void add_difference(Coverage& coverage, const std::string& what, const Comparer& comparer) {
    std::map<std::string, std::string> kernels = comparer.difference();
    if (!kernels.empty()) coverage.differences.push_back({what, std::move(kernels)});
}

std::string words(const CellAnswer& answer) {
    return answer.answer.empty() ? answer.after : answer.answer + ", " + answer.after;
}

}  // namespace

std::string cell_name(TcpState state, TableEvent event) {
    return fmt::format("{} x {}", to_string(state), to_string(event));
}

CoverageCollector::CoverageCollector() {
    for (const Claim& claim : claims())
        coverage_.claims.push_back({.id = std::string(claim.id), .text = std::string(claim.text)});
    for (const Arc& arc : arcs())
        coverage_.arcs.push_back({.id = arc.id, .text = std::string(arc.origin), .refusal = std::string(arc.refusal)});
    for (const std::string_view key : wanted_sysctls()) coverage_.sysctls.push_back(knob(key));
    for (const std::string_view name : wanted_options()) coverage_.options.push_back(knob(name));
    for (size_t state = 0; state < kTableStates; ++state) {
        for (size_t event = 0; event < kTableEvents; ++event) {
            const auto s = static_cast<TcpState>(state);
            const auto e = static_cast<TableEvent>(event);
            coverage_.cells.push_back({s, e, std::string(why_impossible(s, e)), {}});
        }
    }
}

void CoverageCollector::add(const Record& record, const std::string& path) {
    ++coverage_.runs;
    if (evaluate(record.plan, record.timeline).outcome != Outcome::pass) return;
    ++coverage_.passed;
    const RunView run(record);
    const Witness witness{record.plan.id, series_of(record.timeline.observed.kernel), path};
    coverage_.kernels.insert(witness.kernel);
    cases_[without_place(witness)].insert(witness.kernel);
    add_claims(run, witness);
    add_arcs(run, witness);
    add_cells(run, witness);
    add_knobs(run, witness);
}

void CoverageCollector::add_claims(const RunView& run, const Witness& witness) {
    for (size_t i = 0; i < claims().size(); ++i) {
        const std::vector<std::string>& named = run.plan.claims;
        if (std::find(named.begin(), named.end(), claims()[i].id) == named.end()) continue;
        if (claims()[i].shown(run)) {
            add_witness(coverage_.claims[i].witnesses, witness);
        } else {
            coverage_.claims[i].announced.push_back(witness.run);
        }
    }
}

void CoverageCollector::add_arcs(const RunView& run, const Witness& witness) {
    for (size_t i = 0; i < arcs().size(); ++i) {
        if (arcs()[i].shown(run)) add_witness(coverage_.arcs[i].witnesses, witness);
    }
}

void CoverageCollector::add_cells(const RunView& run, const Witness& witness) {
    for (const CellEntry& entry : cell_entries(run)) {
        std::vector<CellAnswer>& answers = coverage_.cells[cell_index(entry.state, entry.event)].answers;
        const auto same = std::find_if(answers.begin(), answers.end(), [&entry](const CellAnswer& answer) {
            return answer.answer == entry.answer && answer.after == entry.after;
        });
        CellAnswer& answer =
            same != answers.end() ? *same : answers.emplace_back(CellAnswer{entry.answer, entry.after, {}});
        add_witness(answer.witnesses, witness);
    }
}

void CoverageCollector::add_knobs(const RunView& run, const Witness& witness) {
    const auto add = [&witness](std::vector<CoverageItem>& items, const std::vector<ShownKnob>& knobs) {
        for (const ShownKnob& knob : knobs) {
            CoverageItem& item = item_called(items, knob.name);
            add_witness(item.witnesses, witness);
            if (!knob.value.empty()) item.values.insert(knob.value);
        }
    };
    add(coverage_.sysctls, sysctls_set(run));
    add(coverage_.options, options_used(run));
}

Coverage CoverageCollector::finish() const {
    Coverage coverage = coverage_;
    for (CoverageCell& cell : coverage.cells) {
        std::stable_sort(cell.answers.begin(), cell.answers.end(), [](const CellAnswer& a, const CellAnswer& b) {
            return a.witnesses.size() > b.witnesses.size();
        });
        Comparer comparer(cases_);
        for (const CellAnswer& answer : cell.answers) {
            for (const Witness& witness : answer.witnesses) comparer.note(witness, words(answer));
        }
        add_difference(coverage, cell_name(cell.state, cell.event), comparer);
    }
    for (const CoverageItem& arc : coverage.arcs) {
        Comparer comparer(cases_);
        for (const Witness& witness : arc.witnesses) comparer.note(witness, "taken");
        add_difference(coverage, "arc " + arc.id, comparer);
    }
    return coverage;
}

}  // namespace tcpwitness
