// TimeAxis: where moments stand on a picture whose time runs down. Order is kept, waits are folded, and what would
// cover another thing of the same track is moved down; so distances tell little, and times stand beside them.
#pragma once

#include <optional>
#include <vector>

#include "base/time.hh"

namespace tcpwitness {

class TimeAxis {
  public:
    struct Fold {
        int y = 0;  // its middle
        Duration wait{};
    };

    // What a moment takes: what comes next on the track stands at least `room` pixels below it.
    struct Place {
        size_t track = 0;
        int room = 0;
    };

    // A moment on some tracks, and `below` pixels below another moment when there is one. Returns its number.
    size_t add(Instant at, std::vector<Place> places, std::optional<size_t> other = {}, int below = 0);

    // Places everything that was added.
    void settle(int top);

    int y(size_t moment) const { return moments_[moment].y; }
    const std::vector<Fold>& folds() const { return folds_; }
    int bottom() const { return bottom_; }

  private:
    struct Moment {
        Instant at{};
        std::vector<Place> places;
        std::optional<size_t> other;
        int below = 0;
        int y = 0;
    };
    int after(int y, Duration passed);

    std::vector<Moment> moments_;
    std::vector<Fold> folds_;
    int bottom_ = 0;
};

}  // namespace tcpwitness
