#include "page/time_axis.hh"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "report/ladder.hh"

namespace tcpwitness {
namespace {

constexpr int kFoldHeight = 44;

}  // namespace

size_t TimeAxis::add(Instant at, std::vector<Place> places, std::optional<size_t> other, int below) {
    moments_.push_back({at, std::move(places), other, below});
    return moments_.size() - 1;
}

void TimeAxis::settle(int top) {
    std::vector<size_t> order(moments_.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [this](size_t a, size_t b) { return moments_[a].at < moments_[b].at; });
    std::map<size_t, int> taken;  // by track: where the next may stand
    bottom_ = top;
    Instant last = order.empty() ? Instant{} : moments_[order.front()].at;
    for (const size_t index : order) {
        Moment& moment = moments_[index];
        moment.y = after(bottom_, moment.at - last);
        for (const Place& place : moment.places) {
            const auto free = taken.find(place.track);
            if (free != taken.end()) moment.y = std::max(moment.y, free->second);
        }
        if (moment.other) moment.y = std::max(moment.y, moments_[*moment.other].y + moment.below);
        for (const Place& place : moment.places) taken[place.track] = moment.y + place.room;
        bottom_ = moment.y;
        last = moment.at;
    }
}

// A microsecond is a pixel or two, a millisecond a dozen; longer waits than kFoldedWait are all the same.
int TimeAxis::after(int y, Duration passed) {
    if (passed >= kFoldedWait) {
        folds_.push_back({y + kFoldHeight / 2, passed});
        return y + kFoldHeight;
    }
    const double microseconds = std::chrono::duration<double, std::micro>(passed).count();
    return y + static_cast<int>(std::lround(4 * std::log10(1 + microseconds)));
}

}  // namespace tcpwitness
