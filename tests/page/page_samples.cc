// page_samples FILE COUNT: a page of COUNT made-up runs.
#include <fmt/core.h>

#include <cstdlib>

#include "base/file_descriptor.hh"
#include "page/page.hh"
#include "sample_records.hh"

int main(int count, char** words) {
    using namespace tcpwitness;
    if (count != 3) return 2;
    const std::vector<Record> samples = sample_records();
    const size_t wanted = std::strtoul(words[2], nullptr, 10);
    Page page;
    for (size_t i = 0; i < wanted; ++i) {
        Record record = samples[i % samples.size()];
        if (i >= samples.size()) record.plan.id = fmt::format("more/run_{}", i);
        page.add(record);
    }
    write_file(words[1], page.html("kernel 6.18.44, root"));
    return 0;
}
