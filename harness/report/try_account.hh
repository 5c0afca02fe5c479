// TryAccount: what `tcpwitness try` tells about a run: who closed first, where TIME_WAIT is, what became of the
// restart.
#pragma once

#include "record/record.hh"
#include "report/line.hh"
#include "report/try_case.hh"

namespace tcpwitness {

// Lines of at most style.width columns. `observed` is what all runs together showed, `record` the run that is told.
std::string try_account(const TryWishes& wishes, const TryLearnt& learnt, const TryObserved& observed,
                        const Record& record, const Style& style);

}  // namespace tcpwitness
