// PlaceChoice: what --kernel, --modules, --clock and --verify say, and the places that come of it.
#pragma once

#include <CLI/CLI.hpp>
#include <list>
#include <string>
#include <vector>

#include "cli/place.hh"
#include "cli/run_session.hh"
#include "cli/selection.hh"

namespace tcpwitness {

struct PlaceChoice {
    std::string kernel = "auto";
    std::string modules;
    std::string clock = "virtual";
    std::string verify;  // "", "twice" or "cold"

    bool automatic() const { return kernel == "auto"; }
};

// Adds --kernel, --modules and --clock to `command`; they fill `choice`, which must outlive the parsing.
void add_place_options(CLI::App& command, PlaceChoice& choice);
// Adds --verify and --verify=cold.
void add_verify_option(CLI::App& command, PlaceChoice& choice);

// The runs that a command line stands for, each with its place.
class PlacedRuns {
  public:
    // Makes the plans of `loaded` for every place that is chosen; with `auto` for this machine's kernel and, for those
    // that it cannot show, for the newest kernel that a guest can run. Mistakes go to loaded.diagnostics.
    // Throws Error when a kernel that was named cannot be had, and for choices that do not go together.
    PlacedRuns(LoadedCases& loaded, const Wanted& wanted, const PlaceChoice& choice);

    std::vector<WantedRun> runs;
    std::list<Place> places;         // the runs refer to them
    std::vector<std::string> notes;  // why something that would help is not used

  private:
    void use_guest_where_needed(LoadedCases& loaded, const Wanted& wanted, const PlaceChoice& choice,
                                const std::vector<std::string>& programs);
};

}  // namespace tcpwitness
