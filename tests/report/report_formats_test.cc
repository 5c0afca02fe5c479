#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <regex>

#include "approved.hh"
#include "base/file_descriptor.hh"
#include "records.hh"
#include "report/json_report.hh"
#include "report/junit.hh"
#include "report/ktap.hh"
#include "report/text.hh"

namespace tcpwitness {
namespace {

// Runs a Python program on a file with `text`. 0: it said yes; 77: Python or its module is not there.
int python(const std::string& program, const std::string& text, bool quiet = false) {
    const auto folder = std::filesystem::temp_directory_path() / ("tcpwitness-formats-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
    write_file(folder / "check.py", "import sys\ntry:\n    import json, xml.dom.minidom\n    " + program);
    write_file(folder / "report", text);
    const std::string command = "python3 -W ignore " + (folder / "check.py").string() + " " +
                                (folder / "report").string() + (quiet ? " 2> /dev/null" : "");
    const int status = std::system(command.c_str());
    std::filesystem::remove_all(folder);
    if (!WIFEXITED(status) || WEXITSTATUS(status) == 127) return 77;
    return WEXITSTATUS(status);
}

TEST(Junit, IsAsApproved) {
    expect_approved("report.junit.xml", output_of<JunitReport>(all_records()));
}

TEST(Junit, IsWellFormedXml) {
    const int result = python("xml.dom.minidom.parse(sys.argv[1])\nexcept ImportError:\n    sys.exit(77)\n",
                              output_of<JunitReport>(all_records()));
    if (result == 77) GTEST_SKIP() << "python3 is not installed";
    EXPECT_EQ(result, 0);
}

// What Jenkins, GitLab and GitHub's actions count by.
TEST(Junit, CountsWhatItHolds) {
    const std::string program =
        "import xml.etree.ElementTree as tree\n"
        "    root = tree.parse(sys.argv[1]).getroot()\n"
        "    assert root.tag == 'testsuites' and len(root) == 4\n"
        "    for of in [root, *root]:\n"
        "        for count, child in [('tests', 'testcase'), ('failures', 'failure'), ('errors', 'error'), ('skipped', 'skipped')]:\n"
        "            assert int(of.attrib[count]) == len(list(of.iter(child))), (of.attrib, count)\n"
        "    for case in root.iter('testcase'):\n"
        "        assert case.attrib['classname'] and case.attrib['name'] and float(case.attrib['time']) >= 0\n"
        "        assert all(each.attrib['message'] for each in case if each.tag in ('failure', 'error', 'skipped'))\n"
        "except ImportError:\n    sys.exit(77)\n";
    const int result = python(program, output_of<JunitReport>(all_records()));
    if (result == 77) GTEST_SKIP() << "python3 is not installed";
    EXPECT_EQ(result, 0);
}

TEST(Junit, XmlTextEscapesAndShowsWhatXmlForbids) {
    EXPECT_EQ(xml_text("<a b='c'>&\"\n"), "&lt;a b=&apos;c&apos;&gt;&amp;&quot;\n");
    EXPECT_EQ(xml_text(std::string("\x1b[2J\0\xff", 6)), "\\x1b[2J\\x00\\xff");
    EXPECT_EQ(xml_text("\xef\xbf\xbf"), "\\uffff");
    EXPECT_EQ(xml_text("a\n\nb"), "a\n\nb");
}

TEST(Ktap, IsAsApproved) {
    expect_approved("report.ktap", output_of<KtapReport>(all_records()));
}

TEST(Ktap, HasOnlyLinesOfTheFormat) {
    const std::vector<std::string> lines = split_lines(output_of<KtapReport>(all_records()));
    ASSERT_GT(lines.size(), 2U);
    EXPECT_EQ(lines[0], "KTAP version 1");
    EXPECT_EQ(lines[1], "1..7");
    size_t number = 0;
    for (size_t i = 2; i < lines.size(); ++i) {
        if (lines[i].starts_with("#")) continue;
        ++number;
        const std::string ok = "ok " + std::to_string(number) + " ";
        EXPECT_TRUE(lines[i].starts_with(ok) || lines[i].starts_with("not " + ok)) << lines[i];
    }
    EXPECT_EQ(number, 7U);
}

// TEST_RESULT and TEST_RESULT_SKIP of the kernel's tools/testing/kunit/kunit_parser.py.
TEST(Ktap, ResultsAreReadByTheKernelsParser) {
    const std::regex result("^(ok|not ok) ([0-9]+) ?(- )?([^#]*)( # .*)?$"), skip("^(ok|not ok) ([0-9]+) ?(- )?(.*) # SKIP ?(.*)$");
    std::vector<Record> records = all_records();
    for (Record& record : records) record.plan.id += "#2";
    size_t skips = 0;
    for (const std::string& line : split_lines(output_of<KtapReport>(records))) {
        if (!line.starts_with("ok ") && !line.starts_with("not ok ")) continue;
        EXPECT_TRUE(std::regex_match(line, result)) << line;
        skips += std::regex_match(line, skip);
    }
    EXPECT_EQ(skips, 3U);
}

TEST(Ktap, SaysHowManyCasesAnInterruptLeftOver) {
    std::string output;
    KtapReport ktap([&output](std::string_view text) { output += text; });
    Summary summary;
    summary.not_run = 3;
    summary.interrupted = "SIGINT";
    ktap.run_ended(summary);
    EXPECT_NE(output.find("# stopped by SIGINT: 3 not run\n"), std::string::npos);
}

TEST(JsonReport, IsAsApproved) {
    expect_approved("report.json", output_of<JsonReport>(all_records()));
}

TEST(JsonReport, FitsItsSchema) {
    const std::string program =
        "import jsonschema\n"
        "    schema = json.load(open('" TCPWITNESS_SOURCE_DIR
        "/harness/report/report.schema.json'))\n"
        "    jsonschema.Draft7Validator.check_schema(schema)\n"
        "    jsonschema.validate(json.load(open(sys.argv[1])), schema)\n"
        "except ImportError:\n    sys.exit(77)\n";
    if (python(program, output_of<JsonReport>(all_records())) == 77)
        GTEST_SKIP() << "python3-jsonschema is not installed";
    EXPECT_EQ(python(program, output_of<JsonReport>(all_records())), 0);
    EXPECT_EQ(python(program, output_of<JsonReport>({})), 0);
    EXPECT_NE(python(program, R"({"format": "tcpwitness report", "version": 2})", true), 0);
}

}  // namespace
}  // namespace tcpwitness
