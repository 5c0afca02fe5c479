// LiveLines: a run told line by line while it goes on, for `run -v`. What became of a segment is not known yet when it
// is sent, so its arrival is a line of its own.
#pragma once

#include <map>
#include <set>
#include <string>

#include "report/line.hh"
#include "report/reporter.hh"

namespace tcpwitness {

class LiveLines : public Reporter {
  public:
    LiveLines(const Style& style, Sink sink);

    // One event of a run that goes on, with the sockets that are known, in the order of observation.
    void seen(const Plan& plan, const Timeline& seen);

    void run_began(const RunBegan& began) override;
    // A run that was not told live, because a guest made it, is drawn as a ladder instead.
    void case_ended(const Record& record) override;

  private:
    // What a run's lines are told from.
    struct Told {
        size_t number = 0;  // runs are told apart by it where their names are cut
        std::map<SocketAddress, uint32_t> initial;  // sequence numbers of SYNs, by their sender
    };
    std::string words(const Plan& plan, const Timeline& seen);
    std::string segment_words(const Plan& plan, const SegmentSeen& seen);

    Style style_;
    Sink sink_;
    size_t begun_ = 0;
    bool several_ = false;              // each line says whose it is
    std::map<std::string, Told> told_;  // by the plan's id
};

}  // namespace tcpwitness
