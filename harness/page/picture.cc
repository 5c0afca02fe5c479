#include "page/picture.hh"

#include <algorithm>
#include <map>
#include <set>

#include "page/time_axis.hh"

namespace tcpwitness {
namespace {

using Part = LadderArrow::Part;

constexpr int kTop = 20, kLine = 17, kSlope = 14, kLabel = 18, kBand = 17;

// Tracks of the axis: words and departures, arrivals at each side, then one for each socket.
constexpr size_t kRows = 0, kArrivals = 1, kSockets = 3;

size_t number(Side side) {
    return static_cast<size_t>(side);
}

struct ArrowPlace {
    size_t leaves = 0;
    size_t arrives = 0;
};

class Drawing {
  public:
    Drawing(const Plan& plan, const Timeline& timeline) : plan_(plan), timeline_(timeline) {
        picture_.hosts = ladder_hosts(plan, timeline);
        for (const Journey& way : journeys(timeline)) {
            if (way.sent && !way.copy) ways_[*way.sent] = way;
        }
    }

    Picture picture() {
        // Of moments at the same time the one that is added first stands first: arrows, words, then states.
        for (const LadderItem& item : ladder_items(plan_, timeline_)) {
            if (const auto* arrow = std::get_if<LadderArrow>(&item.what)) add(item, *arrow);
            if (const auto* note = std::get_if<LadderNote>(&item.what)) add(item, *note);
        }
        add_bands();
        picture_.ended = end_of_story(timeline_);
        const size_t end = axis_.add(picture_.ended, {{kRows, kLine}});
        axis_.settle(kTop);
        place();
        picture_.end = axis_.y(end) + kLine;
        end_bands();
        assign_lanes();
        name_addresses();
        return std::move(picture_);
    }

  private:
    // A segment that took long is two items; the departure stands for both.
    void add(const LadderItem& item, const LadderArrow& arrow) {
        const auto way = ways_.find(item.events.front());
        const bool known = way != ways_.end();
        if (arrow.part == Part::arrives && arrived_.contains(item.events.front())) return;
        PictureArrow drawn{.from = arrow.from,
                           .part = arrow.part == Part::departs && known ? Part::whole : arrow.part,
                           .label = arrow.labels[std::min<size_t>(2, arrow.labels.size() - 1)],
                           .details = arrow.labels.front(),
                           .fate = arrow.fate,
                           .tone = arrow.tone,
                           .at = item.at,
                           .events = item.events};
        Instant arrives = item.at;
        if (known && way->second.arrived && drawn.part == Part::whole) {
            arrives = timeline_.events[*way->second.arrived].at;
            drawn.travelled = arrives - item.at;
            arrived_.insert(*way->second.arrived);
            if (std::find(drawn.events.begin(), drawn.events.end(), *way->second.arrived) == drawn.events.end())
                drawn.events.push_back(*way->second.arrived);
        }
        // The label stands above the shaft at its sender, where another arrow may just have come in.
        const size_t leaves = axis_.add(item.at, {{kRows, kLine}, {kArrivals + number(arrow.from), kLabel}});
        const size_t arrival =
            axis_.add(std::max(arrives, item.at), {{kArrivals + number(other(arrow.from)), kLabel}}, leaves, kSlope);
        arrow_places_.push_back({leaves, arrival});
        picture_.arrows.push_back(std::move(drawn));
    }

    void add(const LadderItem& item, const LadderNote& note) {
        picture_.notes.push_back({.side = note.side,
                                  .text = note.text,
                                  .result = note.result,
                                  .tone = note.tone,
                                  .at = item.at,
                                  .events = item.events});
        note_places_.push_back(axis_.add(item.at, {{kRows, kLine}}));
    }

    void add_bands() {
        const size_t length = story_length(timeline_);
        for (size_t event = 0; event < length; ++event) {
            const auto* change = std::get_if<StateChange>(&timeline_.events[event].body);
            if (change == nullptr) continue;
            const Socket& socket = timeline_.sockets.at(static_cast<size_t>(change->socket));
            const bool right = socket.host == picture_.hosts[1];
            if (!right && socket.host != picture_.hosts[0]) continue;
            const Instant at = timeline_.events[event].at;
            const auto [last, first] = last_band_.try_emplace(change->socket, picture_.bands.size());
            if (!first) picture_.bands[last->second].lasted = at - picture_.bands[last->second].began;
            last->second = picture_.bands.size();
            picture_.bands.push_back(
                {.side = right ? Side::right : Side::left,
                 .socket = socket.name.empty() ? ":" + std::to_string(socket.local.port) : socket.name,
                 .state = change->to,
                 .began = at,
                 .inferred = change->source == Source::inferred,
                 .first = first,
                 .event = event});
            band_sockets_.push_back(change->socket);
            band_places_.push_back(axis_.add(at, {{kSockets + static_cast<size_t>(change->socket), kBand}}));
        }
    }

    void place() {
        for (size_t i = 0; i < arrow_places_.size(); ++i) {
            picture_.arrows[i].top = axis_.y(arrow_places_[i].leaves);
            picture_.arrows[i].bottom = axis_.y(arrow_places_[i].arrives);
        }
        for (size_t i = 0; i < note_places_.size(); ++i) picture_.notes[i].y = axis_.y(note_places_[i]);
        for (size_t i = 0; i < band_places_.size(); ++i) picture_.bands[i].top = axis_.y(band_places_[i]);
        for (const TimeAxis::Fold& fold : axis_.folds()) picture_.folds.push_back({fold.y, fold.wait});
    }

    // A state ends where the next of its socket begins. A closed socket is gone: its band is only as high as its name.
    void end_bands() {
        std::map<int, int> next_top;
        for (size_t i = picture_.bands.size(); i-- > 0;) {
            PictureBand& band = picture_.bands[i];
            const auto next = next_top.find(band_sockets_[i]);
            band.bottom = next == next_top.end() ? std::max(picture_.end, band.top + kBand) : next->second;
            if (band.state == TcpState::closed) band.bottom = band.top + kBand;
            next_top[band_sockets_[i]] = band.top;
        }
    }

    // Each socket stands in the first lane of its side that is free from its first state to its last.
    void assign_lanes() {
        struct Extent {
            int top = 0;
            int bottom = 0;
            Side side = Side::left;
        };
        std::map<int, Extent> extents;
        std::vector<int> order;
        for (size_t i = 0; i < picture_.bands.size(); ++i) {
            const PictureBand& band = picture_.bands[i];
            const auto [extent, first] = extents.try_emplace(band_sockets_[i], band.top, band.bottom, band.side);
            if (first) order.push_back(band_sockets_[i]);
            extent->second.bottom = std::max(extent->second.bottom, band.bottom);
        }
        std::array<std::vector<int>, 2> free_from;  // by lane
        std::map<int, int> lane_of;
        for (const int socket : order) {
            const Extent& extent = extents.at(socket);
            std::vector<int>& lanes = free_from[number(extent.side)];
            auto lane = std::find_if(lanes.begin(), lanes.end(), [&](int bottom) { return bottom < extent.top; });
            if (lane == lanes.end()) lane = lanes.insert(lanes.end(), 0);
            *lane = extent.bottom;
            lane_of[socket] = static_cast<int>(lane - lanes.begin());
        }
        for (size_t i = 0; i < picture_.bands.size(); ++i) picture_.bands[i].lane = lane_of.at(band_sockets_[i]);
        picture_.lanes = {static_cast<int>(free_from[0].size()), static_cast<int>(free_from[1].size())};
    }

    void name_addresses() {
        for (size_t side = 0; side < 2; ++side) {
            const auto addresses = timeline_.addresses.find(picture_.hosts[side]);
            if (addresses == timeline_.addresses.end()) continue;
            for (const IpAddress& address : addresses->second) {
                const std::string text = to_string(address);
                const bool local = text.starts_with("127.") || text == "::1" || text.starts_with("fe80:");
                if (address.family == plan_.network.family && !local && picture_.addresses[side].empty())
                    picture_.addresses[side] = text;
            }
        }
    }

    const Plan& plan_;
    const Timeline& timeline_;
    Picture picture_;
    TimeAxis axis_;
    std::map<size_t, Journey> ways_;  // by their sending
    std::set<size_t> arrived_;        // arrivals that an arrow has
    std::vector<ArrowPlace> arrow_places_;
    std::vector<size_t> note_places_;
    std::vector<size_t> band_places_;
    std::vector<int> band_sockets_;
    std::map<int, size_t> last_band_;  // by socket
};

}  // namespace

Picture picture_of(const Plan& plan, const Timeline& timeline) {
    return Drawing(plan, timeline).picture();
}

}  // namespace tcpwitness
