// The options by which every command picks cases.
#pragma once

#include <CLI/CLI.hpp>

#include "cli/selection.hh"

namespace tcpwitness {

// Adds PATH..., -k, --seed and --family to `command`; they fill `wanted`, which must outlive the parsing.
void add_wanted_options(CLI::App& command, Wanted& wanted);

// Loads the cases that are wanted; with mistakes in them, prints these and returns nothing.
std::optional<LoadedCases> load_or_complain(const Wanted& wanted);

}  // namespace tcpwitness
