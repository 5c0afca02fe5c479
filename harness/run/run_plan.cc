#include "run/run_plan.hh"

#include <algorithm>

#include "base/error.hh"
#include "run/live_run.hh"

namespace tcpwitness {

Timeline run_plan(const Plan& plan, const RunOptions& options) {
    Timeline timeline;
    std::string doing = "cannot build the stage: ";
    try {
        auto live = std::make_unique<LiveRun>(plan, options, timeline);
        doing.clear();
        try {
            live->play();
        } catch (const Unsupported& unsupported) {
            timeline.unsupported = unsupported.what();
        } catch (const std::exception& error) {
            timeline.error = error.what();
        }
        live->finish();
        timeline.complete = true;
        if (options.prepared != nullptr) live.release();  // the machine ends now: taking it all down takes time
    } catch (const Unsupported& unsupported) {
        timeline.unsupported = doing + unsupported.what();
    } catch (const std::exception& error) {
        if (timeline.error.empty()) timeline.error = doing + error.what();
    }
    std::stable_sort(timeline.events.begin(), timeline.events.end(),
                     [](const Event& a, const Event& b) { return a.at < b.at; });
    return timeline;
}

}  // namespace tcpwitness
