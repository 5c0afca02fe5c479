// What one plan is made for: the machine and the family, and how they settle what a case leaves to them.
#pragma once

#include <optional>
#include <string>

#include "case/case.hh"
#include "plan/machine.hh"
#include "plan/plan.hh"

namespace tcpwitness {

class Settings {
  public:
    Settings(const Machine& machine, Family family) : machine_(machine), family_(family), two_msl_(machine.two_msl()) {}

    const Machine& machine() const { return machine_; }
    Family family() const { return family_; }
    DurationRange two_msl() const { return two_msl_; }

    bool holds(const When& when) const;
    bool holds(const std::optional<When>& when) const { return !when || holds(*when); }
    DurationRange range(const CaseDuration& duration) const { return duration.two_msl ? two_msl_ : duration.range; }

    // The first alternative whose condition holds, or null.
    template <typename Wanted>
    const Wanted* pick(const Choice<Wanted>& choice) const {
        for (const Alternative<Wanted>& each : choice) {
            if (holds(each.when)) return &each.wanted;
        }
        return nullptr;
    }

  private:
    bool holds(const WhenTest& test) const;

    const Machine& machine_;
    Family family_;
    DurationRange two_msl_;
};

// Whether a network namespace of the machine has this key. Keys of one interface are looked up under "default".
// True as well when it is not known which keys there are.
bool has_sysctl(const Machine& machine, const std::string& key);

}  // namespace tcpwitness
